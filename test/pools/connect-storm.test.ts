import { expect, test } from 'vitest'
import { SherdError } from '../../src/errors/sherd-error.ts'
import { type Lease, ServerPool } from '../../src/pools/server-pool.ts'
import type { ConnectionOptions } from '../../src/topology/topology.ts'
import { makeEndpoint } from '../drivers/endpoints.ts'
import { FakeClock, settle } from './fake-clock.ts'
import { ScriptedDriver } from './scripted-driver.ts'

const server = 'test/0/primary'

function makePool(options: Partial<ConnectionOptions> = {}) {
  const driver = new ScriptedDriver()
  const clock = new FakeClock()
  const pool = new ServerPool({
    endpoint: makeEndpoint({ port: 3306, options: { connectionLimit: 100, ...options } }),
    driver,
    connect: { databases: [] },
    clock,
  })
  return { driver, clock, pool }
}

function take(pool: ServerPool): Promise<Lease> {
  return new Promise((resolve, reject) => {
    pool.lease('', (error, lease) => (lease === undefined ? reject(error as Error) : resolve(lease)))
  })
}

test('1,000 callers at once start ten attempts at a time, and the pool fills up to its limit', async () => {
  const { driver, pool } = makePool()
  driver.isHolding = true
  let served = 0
  for (let caller = 0; caller < 1_000; caller++)
    pool.lease('', (_error, lease) => {
      if (lease !== undefined) served++
    })
  expect(driver.attempts).toBe(10)
  driver.isHolding = false
  driver.letGo()
  await settle()
  expect(served).toBe(100)
  expect(driver.attempts).toBe(100)
  expect(pool.stats()).toMatchObject({ inUse: 100, connecting: 0, waiting: 900 })
})

test('callers that come again and again to a dead server are refused, and it is asked once a second at most', async () => {
  const { clock, driver, pool } = makePool()
  driver.down.add(server)
  let refused = 0
  const callers = Array.from({ length: 1_000 }, async () => {
    for (let round = 0; round < 5; round++)
      await take(pool).catch(() => {
        refused++
      })
  })
  await settle()
  // The first ten attempts, then pauses of 50, 100, 200 and 400 ms.
  await clock.turn(750)
  await Promise.all(callers)
  expect(refused).toBe(5_000)
  expect(driver.attempts).toBe(14)
  const before = driver.attempts
  let isDone = false
  const patient = (async () => {
    while (!isDone) await take(pool).catch(() => undefined)
  })()
  await clock.turn(10_000)
  isDone = true
  expect(driver.attempts - before).toBeLessThanOrEqual(11)
  driver.down.clear()
  await clock.turn(1_000)
  await patient
  expect((await take(pool)).isLost).toBe(false)
  expect(clock.timers).toBeLessThanOrEqual(1)
})

test('a server that is full refuses nobody while the pool has connections: who waits is served by those', async () => {
  const { clock, driver, pool } = makePool({ acquireTimeoutMs: 500 })
  const only = await take(pool)
  driver.down.add(server)
  const served = Array.from({ length: 20 }, async () => {
    const lease = await take(pool)
    await settle()
    lease.release()
  })
  await settle()
  expect(pool.stats()).toMatchObject({ inUse: 1, waiting: 20 })
  only.release()
  await Promise.all(served)
  const held = await take(pool)
  const late = take(pool).catch((error: unknown) => error)
  await clock.turn(500)
  expect(await late).toMatchObject({
    code: 'SHERD_POOL_TIMEOUT',
    message: expect.stringContaining('waiting 1, limit 100; the last attempt to connect failed).') as string,
    cause: { message: `${server} is down` },
  })
  held.release()
})

test('who has a deadline before the time-out of the pool is told so, and who is lent a connection is held to it', async () => {
  const { clock, driver, pool } = makePool({ connectionLimit: 1, acquireTimeoutMs: 500 })
  const held: Lease[] = []
  const guard = { dueAt: 100, hold: (lease: Lease) => void held.push(lease) }
  const first = await new Promise<Lease | undefined>((resolve) => {
    pool.lease('', (_error, lease) => resolve(lease), guard)
  })
  expect(held).toEqual([first])
  const late = new Promise<unknown>((resolve) => pool.lease('', resolve, guard))
  await clock.turn(100)
  const error = await late
  expect(error).toBeInstanceOf(SherdError)
  expect(error).toMatchObject({
    code: 'SHERD_DEADLINE',
    message: expect.stringContaining(
      `No connection to ${server} became free before the deadline (in use 1,`,
    ) as string,
  })
  expect(driver.attempts).toBe(1)
})

test('closing gives up attempts and goodbyes that hang once its time is up', async () => {
  const { clock, driver, pool } = makePool()
  driver.isHolding = true
  const waiting = take(pool).catch((error: unknown) => error)
  const closing = pool.close({ timeoutMs: 100 })
  expect(await waiting).toMatchObject({ code: 'SHERD_POOL_CLOSED' })
  expect(driver.signals.map(({ aborted }) => aborted)).toEqual([false])
  await clock.turn(100)
  await closing
  expect(driver.signals.map(({ aborted }) => aborted)).toEqual([true])
})
