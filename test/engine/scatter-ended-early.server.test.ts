import { afterAll, beforeAll, expect, test } from 'vitest'
import { openShop, type Shop } from './open-shop.ts'

let shop: Shop
const rowCount = 1_500

beforeAll(async () => {
  shop = await openShop(import.meta.filename)
  for (const key of [shop.here, shop.near])
    await shop.pool
      .promise()
      .query('INSERT INTO orders (user_id, id, product) VALUES ?', [
        Array.from({ length: rowCount }, (_, id) => [key, id, 'bulk']),
      ])
})
afterAll(() => shop.close())

test('a scatter that is ended early in a transaction ends none of the statements behind it', async () => {
  const read = `SELECT id, product FROM orders WHERE user_id IN (?, ?) ORDER BY id LIMIT ${3 * rowCount}`
  const told = new Map<string, number>()
  for (let round = 0; round < 150; round++) {
    const connection = await shop.pool.promise().getConnection()
    await connection.beginTransaction()
    const outcome = await shop.sherd
      .scatter(() => connection.query(read, [shop.here, shop.near]), {
        maxRows: 2 * rowCount - 1 - (round % 50) * 30,
      })
      .then(
        () => 'done',
        (error: { code?: string }) => String(error.code),
      )
    told.set(outcome, (told.get(outcome) ?? 0) + 1)
    await connection.query("INSERT INTO orders (user_id, id, product) VALUES (?, ?, 'behind')", [
      shop.here,
      rowCount + round,
    ])
    await connection.commit()
    connection.release()
  }
  expect([...told]).toEqual([['SHERD_SCATTER_TOO_MANY_ROWS', 150]])
})

test('a deadline of an aggregate at the start of a transaction loses no write of it, and no connection', async () => {
  const sums =
    'SELECT product, id, COUNT(DISTINCT id) AS n FROM orders WHERE user_id IN (?, ?) GROUP BY product, id ORDER BY n'
  const ids: number[] = []
  for (let round = 0; round < 150; round++) {
    const connection = await shop.pool.promise().getConnection()
    await connection.beginTransaction()
    await shop.sherd
      .scatter(() => connection.query(sums, [shop.here, shop.near]), { deadlineMs: 1 + (round % 15) })
      .catch((error: unknown) => expect(error).toHaveProperty('code', 'SHERD_SCATTER_DEADLINE'))
    ids.push(10_000 + round)
    await connection.query("INSERT INTO orders (user_id, id, product) VALUES (?, ?, 'kept')", [
      shop.here,
      10_000 + round,
    ])
    await connection.commit()
    connection.release()
  }
  const [rows] = await shop.pool
    .promise()
    .query('SELECT id FROM orders WHERE user_id = ? AND id >= 10000 ORDER BY id', [shop.here])
  expect(rows).toEqual(ids.map((id) => ({ id })))
  const inUse = (): number => shop.sherd.stats().pools.reduce((sum, pool) => sum + pool.inUse, 0)
  await expect.poll(inUse, { timeout: 5_000 }).toBe(0)
})
