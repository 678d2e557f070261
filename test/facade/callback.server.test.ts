import { afterAll, beforeAll, expect, test } from 'vitest'
import { openShop, type Shop } from '../engine/open-shop.ts'

let shop: Shop
beforeAll(async () => {
  shop = await openShop(import.meta.filename)
})
afterAll(() => shop.close())

test('a callback is never called before its call returned, not even for a BEGIN that is only held', async () => {
  const connection = await shop.pool.promise().getConnection()
  const order: string[] = []
  for (const sql of ['BEGIN', 'SAVEPOINT a', 'ROLLBACK', 'COMMIT', 'SELECT 1', 'SELECT * FROM orders']) {
    await new Promise<void>((resolve) => {
      connection.connection.query(sql, () => {
        order.push('answer')
        resolve()
      })
      order.push('return')
    })
  }
  connection.release()
  expect(order).toEqual(Array.from({ length: 6 }, () => ['return', 'answer']).flat())
})

test('a held BEGIN without a callback tells its listeners that it is over', async () => {
  const connection = await shop.pool.promise().getConnection()
  const command = connection.connection.query('BEGIN')
  const events: string[] = []
  await new Promise<void>((resolve) => {
    command.on('result', () => events.push('result'))
    command.on('end', () => resolve())
  })
  expect(events).toEqual(['result'])
  await connection.rollback()
  connection.release()
})

test('statements given to a connection at once are answered in their order', async () => {
  const connection = await shop.pool.promise().getConnection()
  const order: number[] = []
  const texts = ['BEGIN', 'SELECT 1', 'SAVEPOINT a', 'SELECT * FROM orders', 'ROLLBACK', 'SELECT 2', 'COMMIT']
  await Promise.all(
    texts.map(
      (sql, index) =>
        new Promise<void>((resolve) => {
          connection.connection.query(sql, () => {
            order.push(index)
            resolve()
          })
        }),
    ),
  )
  connection.release()
  expect(order).toEqual([0, 1, 2, 3, 4, 5, 6])
})
