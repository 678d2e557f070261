import { afterAll, afterEach, beforeAll, expect, test } from 'vitest'
import type { MysqlPool } from '../../src/facade/mysql-pool.ts'
import { createSherd } from '../../src/facade/create-sherd.ts'
import { readText, runAsRoot } from '../../src/testing/servers/administration.ts'
import { defineConfig } from '../../src/topology/define-config.ts'
import { sharded } from '../../src/topology/table-kinds.ts'
import { failureOf } from '../engine/open-shop.ts'
import { type FaultShop, openFaultShop } from './fault-shop.ts'

/** Deadline, the second that a silent server gets, and as much again for a busy machine. */
const longestWaitMs = 10_000
const deadlineMs = 200

let shop: FaultShop
let pool: ReturnType<MysqlPool['promise']>
/** A key of each server. */
let keys: readonly [number, number]

beforeAll(async () => {
  shop = await openFaultShop({ connectionLimit: 4, connectTimeoutMs: 30_000, acquireTimeoutMs: 30_000 })
  // The pool that createSherd made; the type of `sherd.pool` is mysql2's.
  pool = (shop.sherd.pool as unknown as MysqlPool).promise()
  const [first, second] = shop.sherd.topology.servers
  const keyOn = (server: typeof first): number => {
    for (let key = 0; ; key++) if (shop.sherd.locate('shop', key).server === server) return key
  }
  keys = [keyOn(first), keyOn(second)]
}, 60_000)
afterAll(() => shop.stop(), 60_000)
afterEach(() => {
  shop.sites[0]?.primary.resume()
  for (const wire of shop.wires) wire.pass()
})

const insert = 'INSERT INTO events (user_id, id) VALUES (?, ?)'
const read = 'SELECT id FROM events WHERE user_id = ?'

/** Statements of every kind, each with the deadline; gives how they ended and after how long the last one did. */
async function sendAll(
  key: number,
  count: number,
  timeMs = deadlineMs,
): Promise<{ outcomes: Map<string, number>; lastMs: number }> {
  const outcomes = new Map<string, number>()
  const start = performance.now()
  const note = (what: string): void => void outcomes.set(what, (outcomes.get(what) ?? 0) + 1)
  const inTransaction = async (): Promise<void> => {
    const connection = await pool.getConnection()
    try {
      await connection.beginTransaction()
      await connection.query(insert, [key, 2])
      await connection.commit()
    } finally {
      connection.release()
    }
  }
  const kinds = [
    () => shop.sherd.fresh(() => pool.query(read, [key])),
    () => shop.sherd.fresh(() => pool.execute(read, [key])),
    () => pool.query(insert, [key, 1]),
    inTransaction,
  ]
  await Promise.all(
    Array.from({ length: count }, (_, index) =>
      shop.sherd
        .deadline(timeMs, async () => kinds[index % kinds.length]?.())
        .then(
          () => note('done'),
          (error: { code?: string; details?: { shards?: readonly { outcome: string }[] } }) =>
            note(`${error.code} ${error.details?.shards?.[0]?.outcome ?? ''}`.trim()),
        ),
    ),
  )
  return { outcomes, lastMs: performance.now() - start }
}

function told(outcomes: ReadonlyMap<string, number>): string {
  return [...outcomes].map(([what, count]) => `${what} ${count}`).join(', ')
}

async function expectRest(): Promise<void> {
  const isAtRest = (): boolean =>
    shop.sherd.stats().pools.every(({ inUse, waiting, connecting }) => inUse + waiting + connecting === 0)
  await expect.poll(isAtRest, { timeout: 20_000, interval: 50 }).toBe(true)
}

test('a server that stands still holds no caller longer than the deadline and a second', async () => {
  await shop.sherd.warmUp({ connections: 4 })
  shop.sites[0]?.primary.pause()
  const stopped = await sendAll(keys[0], 200)
  const others = await sendAll(keys[1], 40, 30_000)
  shop.sites[0]?.primary.resume()
  console.log(
    `server stopped, deadline ${deadlineMs} ms: ${told(stopped.outcomes)}; the last caller waited ${Math.round(stopped.lastMs)} ms; the other server: ${told(others.outcomes)}`,
  )
  expect(stopped.outcomes.get('done')).toBeUndefined()
  expect([...stopped.outcomes.keys()].every((what) => what.startsWith('SHERD_DEADLINE'))).toBe(true)
  expect(stopped.outcomes.get('SHERD_DEADLINE not started')).toBeGreaterThan(150)
  expect(stopped.lastMs).toBeLessThan(longestWaitMs)
  expect(others.outcomes).toEqual(new Map([['done', 40]]))
  await expectRest()
  expect(await pool.query(insert, [keys[0], 3])).toBeDefined()
})

test('a wire that goes silent holds no caller longer than the deadline and a second', async () => {
  await shop.sherd.warmUp({ connections: 4 })
  shop.wires[0]?.freeze()
  const silent = await sendAll(keys[0], 200)
  shop.wires[0]?.cut()
  shop.wires[0]?.pass()
  console.log(
    `wire half open, deadline ${deadlineMs} ms: ${told(silent.outcomes)}; the last caller waited ${Math.round(silent.lastMs)} ms`,
  )
  expect(silent.outcomes.get('done')).toBeUndefined()
  expect([...silent.outcomes.keys()].every((what) => what.startsWith('SHERD_DEADLINE'))).toBe(true)
  expect(silent.lastMs).toBeLessThan(longestWaitMs)
  await expectRest()
})

test('the very first statement on a silent server is turned away in time, and leaves no connection behind', async () => {
  const first = await createSherd(
    defineConfig({
      shardGroups: {
        shop: {
          databaseName: 'faults',
          logicalShards: 4,
          options: { connectionLimit: 4, statementTimeoutMs: deadlineMs },
          servers: shop.sites.map((site, index) => ({
            primary: site.primary.url().replace(`:${site.primary.port}/`, `:${shop.wires[index]?.port}/`),
          })),
        },
      },
      tables: { events: sharded('shop', 'user_id') },
    }),
  )
  await first.warmUp({ connections: 4 })
  shop.wires[0]?.freeze()
  const direct = (first.pool as unknown as MysqlPool).promise()
  const split = Array.from({ length: 1_000 }, (_, key) => key).filter(
    (key) => first.locate('shop', key).server === first.locate('shop', keys[0]).server,
  )
  const errors = await Promise.all([
    failureOf(direct.query(read, [keys[0]])),
    failureOf(direct.query(insert, [keys[0], 7])),
    failureOf(
      direct.query(`INSERT INTO events (user_id, id) VALUES ${split.map((key) => `(${key}, 8)`).join(', ')}`),
    ),
  ])
  for (const error of errors)
    expect(error).toMatchObject({
      code: 'SHERD_DEADLINE',
      details: {
        shards: expect.arrayContaining([expect.objectContaining({ outcome: 'not started' })]) as unknown,
      },
    })
  const isAtRest = (): boolean => first.stats().pools.every(({ inUse }) => inUse === 0)
  await expect.poll(isAtRest, { timeout: 10_000 }).toBe(true)
  await first.close({ timeoutMs: 100 })
})

test('a transaction on a silent server is lost and says so, and COMMIT tells that nobody knows', async () => {
  const connections = await Promise.all([1, 2].map(() => pool.getConnection()))
  for (const connection of connections) {
    await connection.beginTransaction()
    await connection.query(insert, [keys[0], 100])
  }
  const [one, two] = connections
  shop.wires[0]?.freeze()
  const start = performance.now()
  const [statement, commit] = await shop.sherd.deadline(deadlineMs, () =>
    Promise.all([
      failureOf(one?.query(insert, [keys[0], 101]) ?? Promise.resolve()),
      failureOf(two?.commit() ?? Promise.resolve()),
    ]),
  )
  const tookMs = performance.now() - start
  shop.wires[0]?.cut()
  shop.wires[0]?.pass()
  expect(statement).toMatchObject({ code: 'SHERD_DEADLINE', details: { shards: [{ outcome: 'unknown' }] } })
  expect(commit).toHaveProperty('code', 'SHERD_COMMIT_UNKNOWN')
  expect(tookMs).toBeLessThan(longestWaitMs)
  expect(await failureOf(one?.query(read, [keys[0]]) ?? Promise.resolve())).toHaveProperty(
    'code',
    'SHERD_TRANSACTION_LOST',
  )
  await one?.rollback()
  for (const connection of connections) connection.release()
  await expectRest()
})

test('1,000 callers on a dead server start few attempts, and are served within seconds of its return', async () => {
  const primary = shop.sites[0]?.primary
  await primary?.kill()
  await expect
    .poll(() =>
      pool.query(insert, [keys[0], 4]).then(
        () => 'done',
        () => 'failed',
      ),
    )
    .toBe('failed')
  const port = shop.wires[0]
  const before = port?.acceptedCount() ?? 0
  const start = performance.now()
  let refused = 0
  await Promise.all(
    Array.from({ length: 1_000 }, async () => {
      for (let round = 0; round < 3; round++)
        await pool.query(insert, [keys[0], 5]).catch(() => {
          refused++
        })
    }),
  )
  const tookMs = performance.now() - start
  const attempts = (port?.acceptedCount() ?? 0) - before
  await primary?.restart()
  const restarted = performance.now()
  await expect
    .poll(
      () =>
        pool.query(insert, [keys[0], 6]).then(
          () => 'done',
          () => 'failed',
        ),
      { timeout: 20_000 },
    )
    .toBe('done')
  console.log(
    `dead server: 1,000 callers refused ${refused} times in ${Math.round(tookMs)} ms with ${attempts} attempts; served ${Math.round(performance.now() - restarted)} ms after its return`,
  )
  expect(refused).toBe(3_000)
  expect(attempts).toBeLessThan(20)
})

test('a server that is full serves who waits with the connections it gave', async () => {
  const primary = shop.sites[1]?.primary
  const socket = primary?.socket ?? ''
  const [row] = await runAsRoot(socket, ['SELECT CAST(@@max_connections AS CHAR) AS n'])
  const small = await createSherd(
    defineConfig({
      shardGroups: {
        shop: {
          databaseName: 'faults',
          logicalShards: 4,
          options: { connectionLimit: 50, acquireTimeoutMs: 30_000 },
          servers: shop.sites.map((site) => ({ primary: site.primary.url() })),
        },
      },
      tables: { events: sharded('shop', 'user_id') },
    }),
  )
  const direct = small.pool as unknown as MysqlPool
  try {
    await runAsRoot(socket, ['SET GLOBAL max_connections = 10'])
    let failed = 0
    await Promise.all(
      Array.from({ length: 300 }, () =>
        direct
          .promise()
          .query('SELECT SLEEP(0.01), COUNT(*) FROM events WHERE user_id = ?', [keys[1]])
          .catch(() => {
            failed++
          }),
      ),
    )
    const [stats] = small.stats().pools
    console.log(`full server: 300 callers, limit 50, ${stats?.idle} connections given, ${failed} failed`)
    expect(failed).toBe(0)
    expect(stats?.idle).toBeLessThanOrEqual(11)
  } finally {
    // First, so that there is room for the one who mends it.
    await small.close()
    await runAsRoot(socket, [`SET GLOBAL max_connections = ${readText(row, 'n')}`])
  }
})

test('an aggregate over all shards is given up with its connections when a server stands still', async () => {
  const [key] = keys
  const count = 'SELECT COUNT(*) AS n FROM events'
  const scatter = (run: () => Promise<unknown>): Promise<unknown> =>
    shop.sherd.fresh(() => shop.sherd.scatter(run, { deadlineMs }))
  // The tests before leave connections behind that their server has given up.
  const isWell = (): Promise<boolean> =>
    scatter(() => pool.query(count)).then(
      () => true,
      () => false,
    )
  await expect.poll(isWell, { timeout: longestWaitMs }).toBe(true)
  const connection = await pool.getConnection()
  await connection.beginTransaction()
  for (const one of [key, twinOf(key)]) await connection.query(read, [one])
  shop.sites[0]?.primary.pause()
  const start = performance.now()
  const list = `${count} WHERE user_id IN (?, ?)`
  const failures = await Promise.all([
    failureOf(scatter(() => pool.query(count))),
    failureOf(scatter(() => connection.query(list, [key, twinOf(key)]))),
  ])
  const lastMs = performance.now() - start
  for (const failure of failures) expect(failure).toHaveProperty('code')
  expect(lastMs).toBeLessThan(longestWaitMs)
  const inUse = (): number => shop.sherd.stats().pools.reduce((sum, one) => sum + one.inUse, 0)
  await expect.poll(inUse, { timeout: longestWaitMs }).toBe(0)
  console.log(
    `silent server: aggregates told after at most ${Math.round(lastMs)} ms, no connection left in use`,
  )
  shop.sites[0]?.primary.resume()
  await connection.rollback()
  connection.release()
})

/** Another key of the same server, on another logical shard. */
function twinOf(key: number): number {
  const home = shop.sherd.locate('shop', key)
  for (let other = 0; ; other++) {
    const shard = shop.sherd.locate('shop', other)
    if (shard.server === home.server && shard !== home) return other
  }
}
