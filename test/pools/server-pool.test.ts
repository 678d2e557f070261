import { expect, test } from 'vitest'
import { loadSqliteDriver } from '../../src/drivers/sqlite.ts'
import { type Lease, ServerPool } from '../../src/pools/server-pool.ts'
import type { ConnectionOptions } from '../../src/topology/topology.ts'
import { makeEndpoint, run } from '../drivers/endpoints.ts'
import { FakeClock, settle } from './fake-clock.ts'
import { type ScriptedConnection, ScriptedDriver } from './scripted-driver.ts'

function makePool(options: Partial<ConnectionOptions> = {}) {
  const driver = new ScriptedDriver()
  const clock = new FakeClock()
  const pool = new ServerPool({
    endpoint: makeEndpoint({ port: 3306, options: { connectionLimit: 2, ...options } }),
    driver,
    connect: { databases: [] },
    clock,
  })
  return { driver, clock, pool }
}

function take(pool: ServerPool, settings = ''): Promise<Lease> {
  return new Promise((resolve, reject) => {
    pool.lease(settings, (error, lease) => (lease === undefined ? reject(error as Error) : resolve(lease)))
  })
}

test('an idle connection is lent before lease returns', async () => {
  const { pool } = makePool()
  const first = await take(pool)
  first.release()
  let isLent = false
  pool.lease('', (_error, lease) => {
    isLent = lease?.connection === first.connection
  })
  expect(isLent).toBe(true)
})

test('no more connections than the limit, the rest wait and are served in their order', async () => {
  const { driver, pool } = makePool()
  const [one, two] = await Promise.all([take(pool), take(pool)])
  const served: number[] = []
  const waiting = [1, 2, 3, 4].map(async (number) => {
    const lease = await take(pool)
    served.push(number)
    lease.release()
  })
  await settle()
  expect(pool.stats()).toMatchObject({ inUse: 2, idle: 0, waiting: 4, connecting: 0, limit: 2 })
  one.release()
  two.release()
  await Promise.all(waiting)
  expect(served).toEqual([1, 2, 3, 4])
  expect(driver.attempts).toBe(2)
})

test('the last used connection with the same settings is preferred, then one without settings', async () => {
  const { pool } = makePool({ connectionLimit: 3 })
  const leases = await Promise.all([take(pool), take(pool), take(pool)])
  const settings = ['a', '', 'b']
  for (const [index, lease] of leases.entries()) {
    lease.connection.settings = settings[index] ?? ''
    lease.release()
  }
  expect((await take(pool, 'a')).connection).toBe(leases[0].connection)
  expect((await take(pool, 'c')).connection).toBe(leases[1].connection)
  expect((await take(pool, 'c')).connection).toBe(leases[2].connection)
})

test('giving back twice is harmless', async () => {
  const { pool } = makePool()
  const lease = await take(pool)
  lease.release()
  const second = await take(pool)
  lease.release()
  lease.destroy()
  expect(pool.stats()).toMatchObject({ inUse: 1, idle: 0 })
  expect(second.isLost).toBe(false)
})

test('who waits too long gets the state of the pool and the remedy', async () => {
  const { clock, pool } = makePool({ acquireTimeoutMs: 500 })
  await Promise.all([take(pool), take(pool)])
  const waiting = take(pool)
  const other = expect(take(pool)).rejects.toMatchObject({ code: 'SHERD_POOL_TIMEOUT' })
  const outcome = expect(waiting).rejects.toMatchObject({
    code: 'SHERD_POOL_TIMEOUT',
    kind: 'unavailable',
    isRetryable: true,
    details: { server: 'test/0/primary' },
    message: expect.stringMatching(
      /^No connection to test\/0\/primary became free in 500 ms \(in use 2, idle 0, connecting 0, waiting 2, limit 2\)\. Look for transactions/,
    ) as string,
  })
  await clock.turn(500)
  await outcome
  await other
  expect(pool.stats().waiting).toBe(0)
})

test('a refused attempt is told to all who wait, each with an error of his own', async () => {
  const { clock, driver, pool } = makePool({ connectionLimit: 1 })
  driver.down.add('test/0/primary')
  const refusals = await Promise.all(
    [take(pool), take(pool)].map((one) => one.catch((error: unknown) => error)),
  )
  expect(refusals.map(String)).toEqual(['Error: test/0/primary is down', 'Error: test/0/primary is down'])
  expect(refusals[0]).not.toBe(refusals[1])
  expect(driver.attempts).toBe(1)
  driver.down.clear()
  const later = take(pool)
  await settle()
  expect(driver.attempts).toBe(1)
  await clock.turn(50)
  expect((await later).isLost).toBe(false)
})

test('a failed attempt is told to nobody when a connection came back meanwhile', async () => {
  const { driver, pool } = makePool()
  const lease = await take(pool)
  driver.isHolding = true
  const waiting = take(pool)
  driver.down.add('test/0/primary')
  lease.release()
  expect((await waiting).connection).toBe(lease.connection)
  driver.letGo()
  await settle()
  expect(pool.stats()).toMatchObject({ inUse: 1, connecting: 0 })
})

test('a connection that breaks in use makes room at once, and its lease knows', async () => {
  const { driver, pool } = makePool({ connectionLimit: 1 })
  const lease = await take(pool)
  const waiting = take(pool)
  driver.connections[0]?.break()
  expect(lease.isLost).toBe(true)
  expect((await waiting).connection).toBe(driver.connections[1])
  lease.release()
  expect(pool.stats()).toMatchObject({ inUse: 1, idle: 0 })
})

test('a connection that breaks while idle is never lent', async () => {
  const { driver, pool } = makePool()
  ;(await take(pool)).release()
  driver.connections[0]?.break()
  expect(pool.stats().idle).toBe(0)
  expect((await take(pool)).connection).toBe(driver.connections[1])
})

test('idle connections end after their time, those used since stay', async () => {
  const { clock, driver, pool } = makePool({ idleTimeoutMs: 1_000 })
  const [one, two] = await Promise.all([take(pool), take(pool)])
  one.release()
  await clock.turn(600)
  two.release()
  await clock.turn(500)
  expect(driver.connections.map(({ state }) => state)).toEqual(['ended', 'open'])
  await clock.turn(600)
  expect(driver.open).toEqual([])
  expect(clock.timers).toBe(0)
})

test('closing waits for leases, refuses the others, and leaves nothing behind', async () => {
  const { clock, driver, pool } = makePool({ connectionLimit: 1 })
  const lease = await take(pool)
  const waiting = expect(take(pool)).rejects.toMatchObject({ code: 'SHERD_POOL_CLOSED' })
  let isClosed = false
  const closing = pool.close().then(() => {
    isClosed = true
  })
  await waiting
  await expect(take(pool)).rejects.toMatchObject({ code: 'SHERD_POOL_CLOSED' })
  await settle()
  expect(isClosed).toBe(false)
  lease.release()
  await closing
  await settle()
  expect(driver.connections[0]?.state).toBe('ended')
  expect(clock.timers).toBe(0)
})

test('closing cuts what is still out after its time', async () => {
  const { clock, driver, pool } = makePool()
  const lease = await take(pool)
  const closing = pool.close({ timeoutMs: 100 })
  await clock.turn(100)
  await closing
  expect(driver.connections[0]?.state).toBe('destroyed')
  expect(lease.isLost).toBe(true)
  lease.release()
})

test('an attempt that succeeds after closing is ended', async () => {
  const { driver, pool } = makePool()
  driver.isHolding = true
  const waiting = expect(take(pool)).rejects.toMatchObject({ code: 'SHERD_POOL_CLOSED' })
  const closing = pool.close()
  await waiting
  driver.letGo()
  await closing
  expect(driver.connections[0]?.state).toBe('ended')
})

/** xorshift32: the same numbers on every run. */
function makeRandom(seed: number): (below: number) => number {
  let state = seed
  return (below) => {
    state ^= state << 13
    state ^= state >>> 17
    state ^= state << 5
    return (state >>> 0) % below
  }
}

test.each([1, 42, 20261123])('thousands of random operations leak nothing, seed %i', async (seed) => {
  const { clock, driver, pool } = makePool({ connectionLimit: 5, acquireTimeoutMs: 50, idleTimeoutMs: 200 })
  const random = makeRandom(seed)
  const leases: Lease[] = []
  let asked = 0
  let answered = 0
  for (let step = 0; step < 5_000; step++) {
    const action = random(10)
    if (action < 4) {
      asked++
      pool.lease(`s${random(3)}`, (_error, lease) => {
        answered++
        if (lease !== undefined) leases.push(lease)
      })
    } else if (action < 7) {
      const [lease] = leases.splice(random(leases.length || 1), 1)
      if (lease !== undefined) lease.connection.settings = `s${random(3)}`
      lease?.release()
    } else if (action === 7) leases.splice(random(leases.length || 1), 1)[0]?.destroy()
    else if (action === 8) driver.open[random(driver.open.length || 1)]?.break()
    else if (random(2) === 0) driver.down.add('test/0/primary')
    else driver.down.clear()
    if (step % 3 === 0) await clock.turn(random(20))
    const { inUse, idle, connecting } = pool.stats()
    expect(inUse + idle + connecting).toBeLessThanOrEqual(5)
    expect(driver.open.length).toBeLessThanOrEqual(5)
    expect(new Set(leases.filter(({ isLost }) => !isLost).map(({ connection }) => connection)).size).toBe(
      leases.filter(({ isLost }) => !isLost).length,
    )
  }
  for (const lease of leases.splice(0)) lease.release()
  await clock.turn(1_000)
  for (const lease of leases.splice(0)) lease.release()
  await pool.close()
  expect(answered).toBe(asked)
  expect(driver.open).toEqual([] as ScriptedConnection[])
  expect(pool.stats()).toMatchObject({ inUse: 0, idle: 0, connecting: 0, waiting: 0 })
})

test('SQLite has one connection, which outlives idleness and a destroyed lease', async () => {
  const clock = new FakeClock()
  const pool = new ServerPool({
    endpoint: makeEndpoint({ options: { connectionLimit: 10, idleTimeoutMs: 10 } }),
    driver: await loadSqliteDriver(),
    connect: { databases: ['product_0'] },
    clock,
  })
  const lease = await take(pool)
  await run(lease.connection, 'CREATE TABLE product_0.t (id INTEGER PRIMARY KEY)')
  await run(lease.connection, 'BEGIN')
  await run(lease.connection, 'INSERT INTO product_0.t VALUES (1)')
  const waiting = take(pool)
  expect(pool.stats().limit).toBe(1)
  lease.destroy()
  const next = await waiting
  expect((await run(next.connection, 'SELECT * FROM product_0.t')).rows).toEqual([])
  next.release()
  await clock.turn(1_000)
  expect(pool.stats().idle).toBe(1)
  await pool.close()
})
