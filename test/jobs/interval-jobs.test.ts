import { describe, expect, test } from 'vitest'

import { intervalJobs } from '../../src/jobs/interval-jobs.ts'
import type { JobsOptions } from '../../src/jobs/jobs.ts'
import { testJobs } from '../conformance/jobs.ts'
import { FakeClock, settle } from '../pools/fake-clock.ts'

describe('jobs in one process', () => {
  testJobs({ start: async (jobs, options) => intervalJobs(jobs, options) })
})

/** One job on a clock of its own; tells when it ran. */
async function startOne(
  everyMs: number,
  run: (clock: FakeClock) => Promise<void>,
  options: JobsOptions,
  chance = () => 0.5,
) {
  const clock = new FakeClock()
  const times: number[] = []
  const job = {
    name: 'one',
    everyMs,
    run: async () => {
      times.push(Math.round(clock.now()))
      await run(clock)
    },
  }
  const running = intervalJobs([job], { onError: () => undefined, ...options, clock, chance })
  await settle()
  return { clock, times, running }
}

test('intervals go from beginning to beginning, and a long run is followed at once', async () => {
  let lasts = 30
  const { clock, times, running } = await startOne(
    100,
    (turned) => new Promise((resolve) => turned.setTimer(resolve, lasts)),
    {},
  )
  await clock.turn(230)
  lasts = 250
  await clock.turn(400)
  expect(times).toEqual([0, 100, 200, 300, 551])
  lasts = 0
  await clock.turn(300)
  await running.stop()
})

test('waits grow after errors up to their bound, and are back at the interval after a success', async () => {
  let isBroken = true
  const run = async (): Promise<void> => {
    if (isBroken) throw new Error('no route')
  }
  const { clock, times, running } = await startOne(1000, run, { backOff: { firstMs: 100, maxMs: 500 } })
  await clock.turn(1700)
  expect(times).toEqual([0, 100, 300, 700, 1200, 1700])
  isBroken = false
  await clock.turn(2500)
  expect(times.slice(6)).toEqual([2200, 3200, 4200])
  await running.stop()
})

test('chance makes waits shorter and longer by the share that was given', async () => {
  const dice = [0, 1, 0.5]
  const { clock, times, running } = await startOne(
    1000,
    async () => undefined,
    { jitter: 0.2 },
    () => dice.shift() ?? 0.5,
  )
  await clock.turn(4000)
  expect(times).toEqual([0, 800, 2000, 3000, 4000])
  await running.stop()
})

test('a name that is always due does not keep others from their turn', async () => {
  const clock = new FakeClock()
  const order: string[] = []
  const job = (name: string, everyMs: number) => ({ name, everyMs, run: async () => void order.push(name) })
  const running = intervalJobs([job('greedy', 1), job('a', 10), job('b', 10)], {
    clock,
    concurrency: 1,
    jitter: 0,
  })
  await settle()
  await clock.turn(10)
  expect(order.slice(0, 4)).toEqual(['greedy', 'a', 'b', 'greedy'])
  expect(order.filter((name) => name !== 'greedy')).toEqual(['a', 'b', 'a', 'b'])
  await running.stop()
})

test('after stop no timer is left', async () => {
  const { clock, running } = await startOne(100, async () => undefined, {})
  await clock.turn(50)
  await running.stop()
  expect(clock.timers).toBe(0)
})

test('an error that nobody listens for is a warning with its code and without its text', async () => {
  const heard: Error[] = []
  const listen = (warning: Error): void => void heard.push(warning)
  process.on('warning', listen)
  try {
    const failure = Object.assign(new Error("Duplicate entry 'secret'"), { code: 'ER_DUP_ENTRY' })
    const job = { name: 'one', everyMs: 1000, run: () => Promise.reject(failure) }
    const running = intervalJobs([job])
    await expect.poll(() => heard.length).toBe(1)
    expect(heard[0]?.message).toBe('The job one failed: ER_DUP_ENTRY. Give onError to see the error.')
    await running.stop()
  } finally {
    process.off('warning', listen)
  }
})

test('who waits for a run that stop prevents is told', async () => {
  const { clock, running } = await startOne(
    1000,
    (turned) => new Promise((resolve) => turned.setTimer(resolve, 50)),
    {},
  )
  await settle()
  const asked = running.runNow('one')
  const told = expect(asked).rejects.toMatchObject({ code: 'SHERD_JOBS_STOPPED' })
  const stopped = running.stop()
  await clock.turn(50)
  await Promise.all([told, stopped])
})
