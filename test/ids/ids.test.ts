import { expect, test } from 'vitest'

import { readId, timeIdLayout } from '../../src/ids/id-layout.ts'
import { type IdsOptions, openSafeIds, openTimeIds } from '../../src/ids/ids.ts'
import { fixedWorker, type WorkerLease } from '../../src/ids/worker-lease.ts'
import { FakeClock } from '../pools/fake-clock.ts'

const start = Date.UTC(2026, 5, 1)

/** Leases that give the numbers in turn, and whose renewals answer as they are told. */
function fakeLeases(renewals: readonly (boolean | Error)[]) {
  const log: string[] = []
  let worker = 0
  const answers = [...renewals]
  const acquire: IdsOptions['workers']['acquire'] = ({ nowMs, stretchMs }) => {
    const own = worker++
    log.push(`acquire ${own}`)
    const lease: WorkerLease = {
      worker: own,
      fromMs: nowMs,
      untilMs: nowMs + stretchMs,
      renew: async (untilMs) => {
        const answer = answers.shift() ?? true
        log.push(`renew ${own} by ${untilMs - start}`)
        if (answer instanceof Error) throw answer
        return answer
      },
      release: async () => void log.push(`release ${own}`),
    }
    return Promise.resolve(lease)
  }
  return { log, workers: { acquire } }
}

function open(renewals: readonly (boolean | Error)[] = [], options: Partial<IdsOptions> = {}) {
  const clock = new FakeClock()
  const { log, workers } = fakeLeases(renewals)
  const opened = openTimeIds({ workers, leaseMs: 3_000, clock, now: () => start + clock.now(), ...options })
  return { clock, log, opened }
}

test('ids go on as long as the lease is renewed', async () => {
  const { clock, log, opened } = open()
  const ids = await opened
  for (let second = 0; second < 20; second++) {
    await clock.turn(1_000)
    expect(readId(timeIdLayout, ids.next({ index: 4 }))).toMatchObject({ shard: 4, worker: 0 })
  }
  expect(log.slice(0, 3)).toEqual(['acquire 0', 'renew 0 by 4000', 'renew 0 by 5000'])
  await ids.close()
})

test('a renewal that fails is told and tried again; ids stop where the lease ends and go on after it', async () => {
  const lost = new Error('the store is away')
  const told: unknown[] = []
  const { clock, opened } = open([lost, lost, lost], { onError: (error) => told.push(error) })
  const ids = await opened
  await clock.turn(2_999)
  expect(ids.next({ index: 0 })).toBeTypeOf('bigint')
  await clock.turn(2)
  expect(() => ids.next({ index: 0 })).toThrow(expect.objectContaining({ code: 'SHERD_ID_LEASE' }))
  await clock.turn(1_000)
  expect(ids.next({ index: 0 })).toBeTypeOf('bigint')
  expect(told).toEqual([lost, lost, lost])
  await ids.close()
})

test('a number that went to somebody else is replaced by another', async () => {
  const { clock, log, opened } = open([false])
  const ids = await opened
  const first = ids.next({ index: 0 })
  await clock.turn(1_000)
  const second = ids.next({ index: 0 })
  expect([first, second].map((id) => readId(timeIdLayout, id)?.worker)).toEqual([0, 1])
  expect(second).toBeGreaterThan(first)
  expect(log).toEqual(['acquire 0', 'renew 0 by 4000', 'acquire 1'])
  await ids.close()
})

test('closing gives the number back and ends the ids', async () => {
  const { clock, log, opened } = open()
  const ids = await opened
  await ids.close()
  await ids.close()
  await clock.turn(10_000)
  expect(log).toEqual(['acquire 0', 'release 0'])
  expect(() => ids.next({ index: 0 })).toThrow(expect.objectContaining({ code: 'SHERD_ID_LEASE' }))
})

test('no number left is told', async () => {
  const opened = openTimeIds({ workers: { acquire: () => Promise.resolve(undefined) } })
  await expect(opened).rejects.toMatchObject({ code: 'SHERD_ID_LEASE', isRetryable: true })
})

test('safe ids are numbers that JavaScript holds exactly', async () => {
  const ids = await openSafeIds({ workers: fixedWorker(31) })
  const made = Array.from({ length: 100 }, () => ids.next({ index: 1_023 }))
  expect(made.every(Number.isSafeInteger)).toBe(true)
  expect(new Set(made).size).toBe(100)
  await ids.close()
})

test('a fixed number beyond those of the layout is refused', async () => {
  await expect(openSafeIds({ workers: fixedWorker(32) })).rejects.toMatchObject({ code: 'SHERD_ID_RANGE' })
})

test('a logical shard that the layout cannot carry is refused', async () => {
  const ids = await openTimeIds({ workers: fixedWorker(0) })
  expect(() => ids.next({ index: 1_024 })).toThrow(expect.objectContaining({ code: 'SHERD_ID_RANGE' }))
  await ids.close()
})
