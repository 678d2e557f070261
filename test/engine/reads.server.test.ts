import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { failureOf, openShop, type ServerLog, type Shop, watchServers } from './open-shop.ts'

let shop: Shop
let log: ServerLog
const keys = Array.from({ length: 24 }, (_, index) => index + 1)

beforeAll(async () => {
  shop = await openShop(import.meta.filename)
  log = await watchServers()
  for (const key of keys)
    await shop.pool
      .promise()
      .query('INSERT INTO orders (user_id, id, product) VALUES (?, ?, ?)', [key, key * 10, `product ${key}`])
})
afterAll(async () => {
  await log.stop()
  await shop.close()
})

const byList = 'SELECT user_id, id FROM orders WHERE user_id IN (?)'
const expected = keys.map((key) => ({ user_id: key, id: key * 10 }))
const sortRows = (rows: unknown) =>
  (rows as readonly { user_id: number; id: number }[]).toSorted((a, b) => a.user_id - b.user_id)

describe('a read by a list of keys over several logical shards and servers', () => {
  test('gives the rows of all keys, as text and prepared', async () => {
    const [rows, fields] = await shop.pool.promise().query(byList, [keys])
    expect(sortRows(rows)).toEqual(expected)
    expect((fields as readonly { name: string }[]).map(({ name }) => name)).toEqual(['user_id', 'id'])
    const markers = keys.map(() => '?').join(', ')
    const [prepared] = await shop.pool
      .promise()
      .execute(`SELECT user_id, id FROM orders WHERE user_id IN (${markers})`, keys)
    expect(sortRows(prepared)).toEqual(expected)
    const written = await shop.pool
      .promise()
      .query(`SELECT user_id, id FROM orders WHERE user_id IN (${keys.join(', ')})`)
    expect(sortRows(written[0])).toEqual(expected)
  })

  test('asks each logical shard for its own keys only', async () => {
    await log.read()
    await shop.pool.promise().query(byList, [keys])
    const sent = (await log.read()).flat().filter((text) => text.startsWith('SELECT'))
    expect(sent).toHaveLength(4)
    for (const text of sent) {
      const name = /`?(\w+_\d)`?\.\s*`?orders/.exec(text)?.[1]
      const listed = [...(/IN \((.*)\)/.exec(text)?.[1] ?? '').matchAll(/\d+/g)].map(([digits]) =>
        Number(digits),
      )
      expect(listed).toEqual(keys.filter((key) => shop.sherd.locate('shop', key).name === name))
    }
  })

  test('keeps the options of the query on every logical shard', async () => {
    const [arrays] = await shop.pool.promise().query({ sql: byList, values: [keys], rowsAsArray: true })
    expect((arrays as readonly number[][]).toSorted((a, b) => a[0]! - b[0]!)).toEqual(
      keys.map((key) => [key, key * 10]),
    )
    const [nested] = await shop.pool.promise().query({ sql: byList, nestTables: true }, [keys])
    expect(sortRows((nested as readonly { orders: object }[]).map((row) => row.orders))).toEqual(expected)
    const typeCast = (): string => 'cast'
    const [cast] = await shop.pool.promise().query({ sql: byList, typeCast }, [keys])
    expect(cast).toEqual(keys.map(() => ({ user_id: 'cast', id: 'cast' })))
  })

  test('is a stream of rows too', async () => {
    const command = shop.pool.query(byList, [keys]) as unknown as { stream: () => AsyncIterable<unknown> }
    const rows: unknown[] = []
    for await (const row of command.stream()) rows.push(row)
    expect(sortRows(rows)).toEqual(expected)
  })

  test('gives each row once when a key stands twice or in two forms', async () => {
    const [rows] = await shop.pool.promise().query(byList, [[1, '1', 1n, 5, 5]])
    expect(sortRows(rows)).toEqual([expected[0], expected[4]])
  })

  test('stays in the transaction when all keys are on its server, and is refused otherwise', async () => {
    const connection = await shop.pool.promise().getConnection()
    await connection.beginTransaction()
    await connection.query("INSERT INTO orders (user_id, id, product) VALUES (?, 1, 'new')", [shop.here])
    await connection.query("INSERT INTO orders (user_id, id, product) VALUES (?, 1, 'new')", [shop.near])
    const [rows] = await connection.query(`${byList} AND product = 'new'`, [[shop.here, shop.near]])
    expect(sortRows(rows)).toEqual(
      [shop.here, shop.near].toSorted((a, b) => a - b).map((key) => ({ user_id: key, id: 1 })),
    )
    const error = await failureOf(connection.query(byList, [[shop.here, shop.far]]))
    expect(error).toHaveProperty('code', 'SHERD_TRANSACTION_SERVER')
    await connection.rollback()
    const first = sortRows((await connection.query(byList, [[shop.here, shop.near]]))[0])
    expect(first).toHaveLength(2)
    connection.release()
  })

  test('fails as a whole with the error of one logical shard', async () => {
    const shard = shop.sherd.locate('shop', shop.far).name
    await shop.sherd.onShard(shard, () => shop.pool.promise().query('DROP TABLE items'))
    const error = await failureOf(
      shop.pool.promise().query('SELECT id FROM items WHERE user_id IN (?)', [keys]),
    )
    expect(error).toMatchObject({ code: 'ER_NO_SUCH_TABLE', errno: 1146 })
    expect(error['shard']).toBe(shard)
  })

  test('with an order, a limit or an aggregate is refused', async () => {
    for (const sql of [
      'SELECT id FROM orders WHERE user_id IN (?) ORDER BY id',
      'SELECT id FROM orders WHERE user_id IN (?) LIMIT 1',
      'SELECT COUNT(*) FROM orders WHERE user_id IN (?)',
      'SELECT DISTINCT product FROM orders WHERE user_id IN (?)',
      'SELECT id FROM orders WHERE user_id IN (?) FOR UPDATE',
    ]) {
      const error = await failureOf(shop.pool.promise().query(sql, [keys]))
      expect({ sql, code: error['code'] }).toEqual({ sql, code: 'SHERD_SEVERAL_SHARDS' })
    }
  })
})
