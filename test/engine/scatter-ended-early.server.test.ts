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
