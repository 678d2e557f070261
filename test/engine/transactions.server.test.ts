import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import type { PromisePoolConnection } from '../../src/facade/promise-pool-connection.ts'
import { failureOf, openShop, type ServerLog, type Shop, watchServers } from './open-shop.ts'

let shop: Shop
let log: ServerLog
let connection: PromisePoolConnection

const insert = 'INSERT INTO orders (user_id, id, product) VALUES (?, ?, ?)'

beforeAll(async () => {
  shop = await openShop(import.meta.filename)
  log = await watchServers()
})
beforeEach(async () => {
  await Promise.all(
    shop.sherd.topology.shardGroups
      .get('shop')!
      .shards.map(({ name }) =>
        shop.sherd.onShard(name, () => shop.pool.promise().query('DELETE FROM orders')),
      ),
  )
  connection = await shop.pool.promise().getConnection()
  await log.read()
  return () => connection.release()
})
afterAll(async () => {
  await log.stop()
  await shop.close()
})

async function idsOf(key: number): Promise<readonly number[]> {
  const [rows] = await shop.pool.promise().query('SELECT id FROM orders WHERE user_id = ? ORDER BY id', [key])
  return (rows as readonly { id: number }[]).map((row) => row.id)
}

describe('a transaction', () => {
  test('sends nothing before its first keyed statement, then all that was held, in order', async () => {
    await connection.query('SET TRANSACTION ISOLATION LEVEL SERIALIZABLE')
    await connection.beginTransaction()
    await connection.query('SAVEPOINT first')
    expect((await log.read()).flat()).toEqual([])
    await connection.query(insert, [shop.far, 1, 'a'])
    await connection.rollback()
    const sent = (await log.read()).filter((texts) => texts.length > 0)
    expect(sent).toHaveLength(1)
    expect(sent[0]?.map((text) => text.split(' ').slice(0, 4).join(' '))).toEqual([
      'SET TRANSACTION ISOLATION LEVEL',
      'BEGIN',
      'SAVEPOINT first',
      expect.stringMatching(/^INSERT INTO/),
      'ROLLBACK',
    ])
  })

  test('that named no server ends without a word to any', async () => {
    for (const end of ['COMMIT', 'ROLLBACK']) {
      await connection.beginTransaction()
      await connection.query('SAVEPOINT a')
      await connection.query('ROLLBACK TO SAVEPOINT a')
      await connection.query(end)
    }
    expect((await log.read()).flat()).toEqual([])
  })

  test('keeps its rows at COMMIT and none at ROLLBACK', async () => {
    await connection.beginTransaction()
    await connection.query(insert, [shop.here, 1, 'a'])
    expect(await idsOf(shop.here)).toEqual([])
    await connection.commit()
    expect(await idsOf(shop.here)).toEqual([1])
    await connection.beginTransaction()
    await connection.query(insert, [shop.here, 2, 'b'])
    await connection.rollback()
    expect(await idsOf(shop.here)).toEqual([1])
  })

  test('goes back to savepoints made before and after its first keyed statement', async () => {
    await connection.beginTransaction()
    await connection.query('SAVEPOINT early')
    await connection.query(insert, [shop.here, 1, 'a'])
    await connection.query('SAVEPOINT late')
    await connection.query(insert, [shop.near, 2, 'b'])
    await connection.query('ROLLBACK TO SAVEPOINT late')
    await connection.query('RELEASE SAVEPOINT late')
    await connection.query(insert, [shop.near, 3, 'c'])
    await connection.commit()
    expect([await idsOf(shop.here), await idsOf(shop.near)]).toEqual([[1], [3]])
    await connection.beginTransaction()
    await connection.query('SAVEPOINT early')
    await connection.query(insert, [shop.here, 4, 'd'])
    await connection.query('ROLLBACK TO SAVEPOINT early')
    await connection.commit()
    expect(await idsOf(shop.here)).toEqual([1])
  })

  test('has the isolation level that was set for it, and the next one has not', async () => {
    const readLevel = async () => {
      await connection.beginTransaction()
      await connection.query('SELECT id FROM orders WHERE user_id = ?', [shop.here])
      const other = await shop.pool.promise().getConnection()
      await other.query(insert, [shop.here, 1, 'other'])
      other.release()
      const seen = await connection.query('SELECT id FROM orders WHERE user_id = ?', [shop.here])
      await connection.query('DELETE FROM orders WHERE user_id = ?', [shop.here])
      await connection.commit()
      return (seen[0] as readonly unknown[]).length
    }
    await connection.query('SET TRANSACTION ISOLATION LEVEL READ COMMITTED')
    expect(await readLevel()).toBe(1)
    expect(await readLevel()).toBe(0)
    await connection.query('SET SESSION TRANSACTION ISOLATION LEVEL READ COMMITTED')
    expect([await readLevel(), await readLevel()]).toEqual([1, 1])
    connection.destroy()
  })

  test('holds two logical shards of one server together', async () => {
    await connection.beginTransaction()
    await connection.query(insert, [shop.here, 1, 'a'])
    await connection.query(insert, [shop.near, 2, 'b'])
    await connection.rollback()
    expect([await idsOf(shop.here), await idsOf(shop.near)]).toEqual([[], []])
    await connection.beginTransaction()
    await connection.query(insert, [shop.here, 1, 'a'])
    await connection.query(insert, [shop.near, 2, 'b'])
    await connection.commit()
    expect([await idsOf(shop.here), await idsOf(shop.near)]).toEqual([[1], [2]])
  })

  test('refuses a second server and goes on', async () => {
    await connection.beginTransaction()
    await connection.query(insert, [shop.here, 1, 'a'])
    const error = await failureOf(connection.query(insert, [shop.far, 2, 'b']))
    expect(error['code']).toBe('SHERD_TRANSACTION_SERVER')
    const read = failureOf(connection.query('SELECT * FROM orders WHERE user_id = ?', [shop.far]))
    expect((await read)['code']).toBe('SHERD_TRANSACTION_SERVER')
    await connection.query(insert, [shop.near, 3, 'c'])
    await connection.commit()
    expect([await idsOf(shop.here), await idsOf(shop.near), await idsOf(shop.far)]).toEqual([[1], [3], []])
  })

  test('that is left open is rolled back when its connection is released or destroyed', async () => {
    for (const leave of ['release', 'destroy', 'end'] as const) {
      const left = await shop.pool.promise().getConnection()
      await left.beginTransaction()
      await left.query(insert, [shop.here, 1, 'a'])
      await left[leave]()
      expect(await failureOf(left.query('SELECT 1'))).toHaveProperty('code', 'SHERD_CONNECTION_RELEASED')
      // Waits for the lock of the row if the transaction is still open.
      await connection.query(insert, [shop.here, 1, 'b'])
      await connection.query('DELETE FROM orders WHERE user_id = ?', [shop.here])
    }
  })

  test('is committed by a BEGIN inside it', async () => {
    await connection.beginTransaction()
    await connection.query(insert, [shop.here, 1, 'a'])
    await connection.query('START TRANSACTION')
    await connection.query(insert, [shop.here, 2, 'b'])
    await connection.rollback()
    expect(await idsOf(shop.here)).toEqual([1])
  })

  test('goes on after an error of the server, which is the same object with the shard added', async () => {
    await connection.beginTransaction()
    await connection.query(insert, [shop.here, 1, 'a'])
    const error = await failureOf(connection.query(insert, [shop.here, 1, 'b']))
    expect(error).toMatchObject({ code: 'ER_DUP_ENTRY', errno: 1062, sqlState: '23000' })
    expect(error['shard']).toBe(shop.sherd.locate('shop', shop.here).name)
    expect(Object.keys(error)).not.toContain('shard')
    await connection.query(insert, [shop.here, 2, 'c'])
    await connection.commit()
    expect(await idsOf(shop.here)).toEqual([1, 2])
  })

  test('has the savepoints made inside it only; one outside of it is kept nowhere, as by a server', async () => {
    await connection.query('SAVEPOINT a')
    expect((await log.read()).flat()).toEqual([])
    await connection.query(insert, [shop.here, 1, 'a'])
    expect(await failureOf(connection.query('ROLLBACK TO SAVEPOINT a'))).toHaveProperty('errno', 1305)
    await connection.query('SAVEPOINT a')
    await connection.beginTransaction()
    expect(await failureOf(connection.query('RELEASE SAVEPOINT a'))).toHaveProperty('errno', 1305)
    await connection.query(insert, [shop.here, 2, 'b'])
    await connection.rollback()
    expect(await idsOf(shop.here)).toEqual([1])
  })

  test('refuses XA, RELEASE and global forms', async () => {
    const codes = []
    for (const sql of [
      "XA START 'a'",
      'COMMIT RELEASE',
      'SET GLOBAL TRANSACTION ISOLATION LEVEL SERIALIZABLE',
    ])
      codes.push((await failureOf(connection.query(sql)))['code'])
    expect(codes).toEqual(['SHERD_XA', 'SHERD_TRANSACTION_UNSUPPORTED', 'SHERD_TRANSACTION_UNSUPPORTED'])
    expect((await log.read()).flat()).toEqual([])
  })

  test('answers a ping on its own server, and a ping before its first keyed statement chooses none', async () => {
    await connection.beginTransaction()
    await connection.ping()
    await connection.query('SELECT 1 + 1')
    await connection.query(insert, [shop.far, 1, 'a'])
    await connection.ping()
    expect((await connection.query('SELECT 2 AS two'))[0]).toEqual([{ two: 2 }])
    await connection.commit()
    expect(await idsOf(shop.far)).toEqual([1])
  })
})

test('transaction control on the pool itself is refused', async () => {
  const texts = [
    'BEGIN',
    'START TRANSACTION',
    'COMMIT',
    'ROLLBACK',
    'SAVEPOINT a',
    "SET time_zone = '+00:00'",
  ]
  for (const sql of texts) {
    expect(await failureOf(shop.pool.promise().query(sql))).toHaveProperty('code', 'SHERD_SESSION_ON_POOL')
  }
  expect((await log.read()).flat()).toEqual([])
})

test('an error of the server outside a transaction is the same object too', async () => {
  await shop.pool.promise().query(insert, [shop.here, 1, 'a'])
  for (const protocol of ['query', 'execute'] as const) {
    const error = await failureOf(shop.pool.promise()[protocol](insert, [shop.here, 1, 'a']))
    expect(error).toMatchObject({ code: 'ER_DUP_ENTRY', errno: 1062 })
    expect(error['shard']).toBe(shop.sherd.locate('shop', shop.here).name)
  }
})
