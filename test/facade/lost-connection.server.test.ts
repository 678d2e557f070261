import { afterAll, beforeAll, expect, inject, test } from 'vitest'
import { runAsRoot } from '../../src/testing/servers/administration.ts'
import { failureOf, openShop, type Shop } from '../engine/open-shop.ts'

let shop: Shop
beforeAll(async () => {
  shop = await openShop(import.meta.filename)
})
afterAll(() => shop.close())

const insert = "INSERT INTO orders (user_id, id, product) VALUES (?, ?, 'a')"
const read = 'SELECT id FROM orders WHERE user_id = ?'

async function killAll(): Promise<void> {
  const user = inject('sharedUser')
  for (const { primary } of inject('sharedSites')) {
    await runAsRoot(primary.socket, [`KILL USER '${user}'@'127.0.0.1'`])
  }
}

const readAll = async (command: unknown) => {
  const rows: unknown[] = []
  for await (const row of (command as { stream: () => AsyncIterable<unknown> }).stream()) rows.push(row)
  return rows
}

test('a transaction whose connection was cut fails once, in every form, and the session begins anew', async () => {
  const connection = await shop.pool.promise().getConnection()
  for (const form of ['promise', 'prepared', 'callback', 'stream'] as const) {
    await connection.beginTransaction()
    await connection.query(insert, [shop.here, 1])
    await killAll()
    const values = [shop.here]
    const send = (): Promise<unknown> => {
      switch (form) {
        case 'promise':
          return connection.query(read, values)
        case 'prepared':
          return connection.execute(read, values)
        case 'callback':
          return new Promise((resolve, reject) => {
            connection.connection.query({ sql: read, values }, (error: unknown) =>
              error ? reject(error as Error) : resolve(undefined),
            )
          })
        case 'stream':
          return readAll(connection.connection.query(read, values))
      }
    }
    expect(await failureOf(send())).toHaveProperty('code')
    await connection.rollback()
    expect((await connection.query(read, values))[0]).toEqual([])
  }
  connection.release()
})

test('a value that cannot be written fails its statement only', async () => {
  const sql = 'UPDATE orders SET product = ? WHERE user_id = ?'
  expect(await failureOf(shop.pool.promise().execute(sql, [undefined, shop.here]))).toBeInstanceOf(TypeError)
  expect((await shop.pool.promise().query(read, [shop.here]))[0]).toEqual([])
})
