import { afterAll, beforeAll, expect, inject, test } from 'vitest'
import { readText, runAsRoot } from '../../src/testing/servers/administration.ts'
import { openShop, type Shop } from './open-shop.ts'

const logicalShards = 32
let shop: Shop
let keys: readonly number[]
beforeAll(async () => {
  shop = await openShop(import.meta.filename, { logicalShards, options: { connectionLimit: 4 } })
  const shards = shop.sherd.topology.shardGroups.get('shop')?.shards ?? []
  keys = shards.map((shard) => {
    for (let key = 0; ; key++) if (shop.sherd.locate('shop', key) === shard) return key
  })
  for (const key of keys)
    await shop.pool.promise().query("INSERT INTO orders (user_id, id, product) VALUES (?, 1, 'a')", [key])
}, 60_000)
afterAll(() => shop.close())

const marks = Array.from({ length: logicalShards }, () => '?').join(', ')

test('a read of 32 shards takes half of the connections of a server, and others are served meanwhile', async () => {
  const wide = `SELECT user_id, SLEEP(0.05) AS slept FROM orders WHERE user_id IN (${marks})`
  let most = 0
  let isDone = false
  const reading = shop.pool
    .promise()
    .query(wide, keys)
    .then(([rows]) => {
      isDone = true
      return rows as readonly { user_id: number }[]
    })
  let served = 0
  while (!isDone) {
    await shop.pool.promise().query('SELECT product FROM orders WHERE user_id = ?', [keys[0]])
    served++
    most = Math.max(most, ...shop.sherd.stats().pools.map(({ inUse }) => inUse))
    await new Promise((resolve) => setImmediate(resolve))
  }
  const rows = await reading
  console.log(
    `wide read of ${logicalShards} shards: ${served} other reads meanwhile, at most ${most} connections of a server`,
  )
  expect(rows.map(({ user_id }) => user_id).toSorted((a, b) => a - b)).toEqual(keys.toSorted((a, b) => a - b))
  // Each server holds 16 shards, so 8 rounds of two: far more than one read fits in between.
  expect(served).toBeGreaterThan(8)
  expect(most).toBeLessThanOrEqual(3)
})

test('fifty wide reads at once on four connections all end', async () => {
  const wide = `SELECT user_id FROM orders WHERE user_id IN (${marks})`
  const results = await Promise.all(Array.from({ length: 50 }, () => shop.pool.promise().query(wide, keys)))
  for (const [rows] of results) expect(rows).toHaveLength(logicalShards)
})

async function countPrepared(): Promise<readonly number[]> {
  return Promise.all(
    inject('sharedSites').map(async ({ primary }) => {
      const rows = await runAsRoot(primary.socket, ["SHOW GLOBAL STATUS LIKE 'Prepared_stmt_count'"])
      return Number(readText(rows[0], 'Value'))
    }),
  )
}

async function countClosed(): Promise<number> {
  const counts = await Promise.all(
    inject('sharedSites').map(async ({ primary }) => {
      const rows = await runAsRoot(primary.socket, ["SHOW GLOBAL STATUS LIKE 'Com_stmt_close'"])
      return Number(readText(rows[0], 'Value'))
    }),
  )
  return counts.reduce((sum, count) => sum + count, 0)
}

test('prepared statements stay within their limit however many logical shards and texts there are', async () => {
  const limit = 5
  const bounded = await openShop(import.meta.filename, {
    name: 'bounded',
    logicalShards,
    options: { connectionLimit: 2, preparedStatementLimit: limit },
  })
  const before = await countPrepared()
  const closedBefore = await countClosed()
  for (let round = 0; round < 4; round++)
    await Promise.all(
      keys.map((_, key) =>
        bounded.pool
          .promise()
          .execute(`SELECT product, ${round} AS round FROM orders WHERE user_id = ?`, [key]),
      ),
    )
  const grown = (await countPrepared()).map((count, index) => count - (before[index] ?? 0))
  const closed = (await countClosed()) - closedBefore
  console.log(
    `prepared statements: 128 executions, ${grown.join(' and ')} kept on the servers, ${closed} closed`,
  )
  for (const count of grown) expect(count).toBeLessThanOrEqual(2 * limit)
  expect(closed).toBeGreaterThan(20)
  await bounded.close()
})
