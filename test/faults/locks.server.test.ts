import { type ChildProcess, fork } from 'node:child_process'
import { randomUUID } from 'node:crypto'
import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'

import { keepHeld } from '../../src/locks/keep-held.ts'
import type { HeldLock, Locks } from '../../src/locks/lock.ts'
import { startHalfOpenProxy } from '../../src/testing/servers/half-open-proxy.ts'
import { startRedis, type TestRedis } from '../../src/testing/servers/start-redis.ts'
import { type ServerSet, startServers } from '../../src/testing/servers/start-servers.ts'
import type { TestServer } from '../../src/testing/servers/test-server.ts'
import { redisLibraries } from '../locks/redis-clients.ts'
import type { HolderCommand } from './hold-lock.ts'
import { type LockPlace, openLocks } from './lock-stores.ts'

const program = fileURLToPath(new URL('hold-lock.ts', import.meta.url))
const timeout = 20_000
const longMs = 60_000
const shortMs = 300

let set: ServerSet
let server: TestServer
let lasting: TestRedis
let forgetful: TestRedis
const closings: (() => Promise<unknown> | void)[] = []

beforeAll(async () => {
  ;[set, lasting, forgetful] = await Promise.all([
    startServers({ primaries: 1, replicasPerPrimary: 0 }),
    startRedis({ keepsData: true }),
    startRedis(),
  ])
  const [site] = set.servers
  if (site === undefined) throw new Error('one server is needed')
  server = site.primary
  await server.query('CREATE DATABASE leases')
})
afterEach(async () => {
  for (const close of closings.splice(0)) await close()
})
afterAll(async () => {
  await Promise.all([set.stop(), lasting.stop(), forgetful.stop()])
})

const places: readonly (readonly [string, () => LockPlace])[] = [
  ['Redis through ioredis', () => ({ maker: 'ioredis', url: forgetful.url })],
  ['Redis through node-redis', () => ({ maker: 'node-redis', url: forgetful.url })],
  ['MariaDB', () => ({ maker: 'mysql2', url: server.url('leases') })],
]

async function open(place: LockPlace): Promise<Locks> {
  const { locks, close } = await openLocks(place)
  closings.push(close)
  return locks
}

async function take(locks: Locks, name: string, leaseMs: number): Promise<HeldLock> {
  let held: HeldLock | undefined
  const isTaken = async (): Promise<boolean> => {
    held = await locks.acquire(name, { leaseMs })
    return held !== undefined
  }
  await expect.poll(isTaken, { timeout }).toBe(true)
  if (held === undefined) throw new Error('the lock is held by somebody else')
  return held
}

/** A process that holds locks. */
interface Holder {
  readonly child: ChildProcess
  readonly tell: (command: HolderCommand) => Promise<unknown>
}

async function startHolder(place: LockPlace): Promise<Holder> {
  const child = fork(program, [JSON.stringify(place)], { execArgv: ['--import', 'tsx'] })
  closings.push(async () => {
    child.kill('SIGKILL')
    if (child.exitCode === null && child.signalCode === null) await once(child, 'exit')
  })
  await once(child, 'message')
  const tell = async (command: HolderCommand): Promise<unknown> => {
    const answered = once(child, 'message')
    child.send(command)
    // What the program sends.
    const [message] = (await answered) as [{ readonly answer?: unknown; readonly error?: string }]
    if (message.error !== undefined) throw new Error(message.error)
    return message.answer
  }
  return { child, tell }
}

describe.each(places)('locks in %s', (_, place) => {
  test('a holder that was stopped past its lease wakes up without its lock, below the number of the next', async () => {
    const [holder, locks, name] = [await startHolder(place()), await open(place()), randomUUID()]
    const staleFence = await holder.tell({ kind: 'hold', name, leaseMs: shortMs })
    holder.child.kill('SIGSTOP')
    const next = await take(locks, name, longMs)
    expect(next.fence).toBeGreaterThan(Number(staleFence))
    holder.child.kill('SIGCONT')
    expect(await holder.tell({ kind: 'signal' })).toBe('SHERD_LOCK_LOST')
    const attempts = [
      await holder.tell({ kind: 'isHeld' }),
      await holder.tell({ kind: 'extend' }),
      await holder.tell({ kind: 'release' }),
    ]
    expect(attempts).toEqual([false, false, false])
    expect([await next.isHeld(), await next.release()]).toEqual([true, true])
  })

  test('a lock that is kept outlives its first lease many times, and goes when its process is killed', async () => {
    const [holder, locks, name] = [await startHolder(place()), await open(place()), randomUUID()]
    // Three renewals each: a machine that is busy for a moment must not take the lock away.
    const leaseMs = 4 * shortMs
    await holder.tell({ kind: 'hold', name, leaseMs })
    const until = performance.now() + 2.5 * leaseMs
    let refused = 0
    const isOver = async (): Promise<boolean> => {
      if ((await locks.acquire(name, { leaseMs: longMs })) === undefined) refused += 1
      return performance.now() > until
    }
    await expect.poll(isOver, { timeout, interval: 20 }).toBe(true)
    expect(refused).toBeGreaterThan(5)
    expect(await holder.tell({ kind: 'signal' })).toBe('held')
    holder.child.kill('SIGKILL')
    expect(await (await take(locks, name, longMs)).release()).toBe(true)
  })

  test('two processes that take a lock 200 times never hold it together', async () => {
    const directory = await mkdtemp(join(tmpdir(), 'sherd-locks-'))
    closings.push(() => rm(directory, { recursive: true }))
    const command = {
      kind: 'contend',
      name: randomUUID(),
      file: join(directory, 'held'),
      times: 100,
    } as const
    const holders = await Promise.all([startHolder(place()), startHolder(place())])
    const answers = await Promise.all(holders.map((holder) => holder.tell(command)))
    // The numbers of each process, in the order in which it got them.
    const fences = answers as readonly (readonly number[])[]
    expect(new Set(fences.flat()).size).toBe(200)
    for (const list of fences) expect(list).toEqual(list.toSorted((one, other) => one - other))
  })
})

describe.each(redisLibraries)('when Redis is killed and started again, through %s,', (maker) => {
  test('a lock stays with its holder if the data were kept', async () => {
    const place: LockPlace = { maker, url: lasting.url }
    const [locks, others, name] = [await open(place), await open(place), randomUUID()]
    const held = await take(locks, name, longMs)
    const kept = keepHeld(held, { leaseMs: longMs })
    await lasting.kill()
    await lasting.restart()
    expect(await others.acquire(name, { leaseMs: longMs })).toBeUndefined()
    expect([await held.extend(longMs), kept.isLost(), await kept.release()]).toEqual([true, false, true])
    expect((await take(others, name, longMs)).fence).toBeGreaterThan(held.fence)
  })

  test('a lock is lost with the data: the next holder has a higher number, and the first one hears of it', async () => {
    const place: LockPlace = { maker, url: forgetful.url }
    const [locks, others, name] = [await open(place), await open(place), randomUUID()]
    const held = await take(locks, name, longMs)
    const kept = keepHeld(held, { leaseMs: 600 })
    await forgetful.kill()
    await forgetful.restart()
    const next = await take(others, name, longMs)
    expect(next.fence).toBeGreaterThan(held.fence)
    await expect.poll(() => kept.signal.aborted, { timeout }).toBe(true)
    expect(kept.signal.reason).toMatchObject({ code: 'SHERD_LOCK_LOST' })
    expect([await kept.release(), await next.isHeld(), await next.release()]).toEqual([false, true, true])
  })

  test('a holder that is cut off hears of it by the end of its lease, and cannot release the next one’s lock', async () => {
    const proxy = await startHalfOpenProxy(forgetful.port)
    closings.push(proxy.stop)
    const locks = await open({ maker, url: `redis://127.0.0.1:${proxy.port}` })
    const others = await open({ maker, url: forgetful.url })
    const name = randomUUID()
    const held = await take(locks, name, shortMs)
    const kept = keepHeld(held, { leaseMs: shortMs })
    proxy.freeze()
    await expect.poll(() => kept.signal.aborted, { timeout }).toBe(true)
    expect(performance.now()).toBeGreaterThanOrEqual(held.heldUntilMs)
    const next = await take(others, name, longMs)
    proxy.pass()
    expect([await kept.release(), await next.isHeld()]).toEqual([false, true])
    expect(next.fence).toBeGreaterThan(held.fence)
  })
})

test('a lock in MariaDB stays with its holder when the server is killed and started again', async () => {
  const place: LockPlace = { maker: 'mysql2', url: server.url('leases') }
  const [locks, others, name] = [await open(place), await open(place), randomUUID()]
  const held = await take(locks, name, longMs)
  await server.kill()
  await expect(held.extend(longMs)).rejects.toThrow()
  await server.restart()
  // Connections of the pool that died with the server fail once each.
  const tryExtending = (): Promise<boolean> => held.extend(longMs).catch(() => false)
  await expect.poll(tryExtending, { timeout }).toBe(true)
  expect(await others.acquire(name, { leaseMs: longMs })).toBeUndefined()
  expect(await held.release()).toBe(true)
})
