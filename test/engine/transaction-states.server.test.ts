import { createConnection, type RowDataPacket } from 'mysql2/promise'
import { afterAll, beforeAll, beforeEach, expect, inject, test } from 'vitest'
import type { PromisePoolConnection } from '../../src/facade/promise-pool-connection.ts'
import { runAsRoot } from '../../src/testing/servers/administration.ts'
import { failureOf, openShop, type ServerLog, type Shop, watchServers } from './open-shop.ts'

let shop: Shop
let log: ServerLog
let connection: PromisePoolConnection
let other: PromisePoolConnection

const insert = 'INSERT INTO orders (user_id, id, product) VALUES (?, ?, ?)'
const select = 'SELECT id FROM orders WHERE user_id = ? ORDER BY id'
const update = 'UPDATE orders SET product = ? WHERE user_id = ? AND id = 1'

beforeAll(async () => {
  shop = await openShop(import.meta.filename)
  log = await watchServers()
})
beforeEach(async () => {
  for (const { name } of shop.sherd.topology.shardGroups.get('shop')?.shards ?? [])
    await shop.sherd.onShard(name, () => shop.pool.promise().query('DELETE FROM orders'))
  connection = await shop.pool.promise().getConnection()
  other = await shop.pool.promise().getConnection()
  await log.read()
  return () => {
    connection.destroy()
    other.destroy()
  }
})
afterAll(async () => {
  await log.stop()
  await shop.close()
})

async function idsOf(key: number): Promise<readonly number[]> {
  const [rows] = await shop.pool.promise().query(select, [key])
  return (rows as readonly { id: number }[]).map((row) => row.id)
}

async function killAll(): Promise<void> {
  for (const { primary } of inject('sharedSites'))
    await runAsRoot(primary.socket, [`KILL USER '${inject('sharedUser')}'@'127.0.0.1'`])
}

/** The session takes nothing until it is rolled back; then all is as before, and nothing of the transaction is there. */
async function expectGone(kept: readonly number[]): Promise<void> {
  for (const sql of [insert, select, 'SELECT 1', 'SAVEPOINT a', 'ROLLBACK TO SAVEPOINT a'])
    expect(
      await failureOf(connection.query(sql, sql === insert ? [shop.here, 7, 'x'] : [shop.here])),
    ).toMatchObject({
      code: 'SHERD_TRANSACTION_LOST',
      kind: 'unavailable',
      isRetryable: true,
      details: { server: expect.stringMatching(/^shop\//) as string },
    })
  await connection.rollback()
  expect(await idsOf(shop.here)).toEqual(kept)
  await connection.query(insert, [shop.here, 8, 'after'])
  expect(await idsOf(shop.here)).toEqual([...kept, 8])
}

test('with autocommit off each statement is in a transaction that COMMIT or ROLLBACK ends, and the next follows', async () => {
  await connection.query('SET autocommit = 0')
  expect((await log.read()).flat()).toEqual([])
  await connection.query(insert, [shop.here, 1, 'a'])
  expect(await idsOf(shop.here)).toEqual([])
  await connection.commit()
  expect(await idsOf(shop.here)).toEqual([1])
  await connection.query(insert, [shop.far, 2, 'b'])
  await connection.query('SAVEPOINT s')
  await connection.query(insert, [shop.far, 3, 'c'])
  await connection.query('ROLLBACK TO s')
  expect(await failureOf(connection.query(insert, [shop.here, 4, 'd']))).toHaveProperty(
    'code',
    'SHERD_TRANSACTION_SERVER',
  )
  await connection.rollback()
  expect(await idsOf(shop.far)).toEqual([])
  await connection.query(insert, [shop.here, 5, 'e'])
  await connection.query("SET time_zone = '+01:00', autocommit = ON")
  expect(await idsOf(shop.here)).toEqual([1, 5])
  await connection.query(insert, [shop.here, 6, 'f'])
  expect(await idsOf(shop.here)).toEqual([1, 5, 6])
})

test('with autocommit off a split INSERT waits for COMMIT too, and an isolation level holds for one transaction', async () => {
  await connection.query("SET SESSION autocommit = 'OFF'")
  await connection.query('INSERT INTO orders (user_id, id, product) VALUES (?, 1, ?), (?, 1, ?)', [
    shop.here,
    'a',
    shop.near,
    'b',
  ])
  expect([await idsOf(shop.here), await idsOf(shop.near)]).toEqual([[], []])
  await connection.commit()
  expect([await idsOf(shop.here), await idsOf(shop.near)]).toEqual([[1], [1]])
  await connection.query('SET TRANSACTION READ ONLY')
  expect(await failureOf(connection.query(insert, [shop.here, 2, 'c']))).toHaveProperty('errno', 1792)
  expect(await failureOf(connection.query('SET TRANSACTION READ WRITE'))).toHaveProperty(
    'code',
    'SHERD_TRANSACTION_OPEN',
  )
  await connection.rollback()
  await connection.query(insert, [shop.here, 2, 'c'])
  await connection.commit()
  expect(await idsOf(shop.here)).toEqual([1, 2])
})

test('a transaction may be READ ONLY or WITH CONSISTENT SNAPSHOT', async () => {
  await connection.query('START TRANSACTION READ ONLY')
  expect(await failureOf(connection.query(insert, [shop.here, 1, 'a']))).toHaveProperty('errno', 1792)
  await connection.commit()
  await connection.query('START TRANSACTION WITH CONSISTENT SNAPSHOT')
  expect((await connection.query(select, [shop.near]))[0]).toEqual([])
  await other.query(insert, [shop.here, 1, 'a'])
  expect((await connection.query(select, [shop.here]))[0]).toEqual([])
  await connection.commit()
  expect((await connection.query(select, [shop.here]))[0]).toEqual([{ id: 1 }])
})

test('SET TRANSACTION inside a transaction is refused, open or not yet', async () => {
  await connection.beginTransaction()
  const set = () => failureOf(connection.query('SET TRANSACTION ISOLATION LEVEL SERIALIZABLE'))
  expect(await set()).toHaveProperty('code', 'SHERD_TRANSACTION_OPEN')
  await connection.query(insert, [shop.here, 1, 'a'])
  expect(await set()).toHaveProperty('code', 'SHERD_TRANSACTION_OPEN')
  await connection.rollback()
})

test('AND CHAIN begins the next transaction as the last one began', async () => {
  await connection.query('SET TRANSACTION ISOLATION LEVEL READ COMMITTED')
  await connection.beginTransaction()
  await connection.query(insert, [shop.here, 1, 'a'])
  await connection.query('COMMIT AND CHAIN')
  await connection.query(insert, [shop.far, 2, 'b'])
  await connection.query('ROLLBACK AND CHAIN')
  await connection.query(insert, [shop.here, 3, 'c'])
  expect(await idsOf(shop.here)).toEqual([1])
  await connection.query('COMMIT WORK AND NO CHAIN NO RELEASE')
  await connection.query(insert, [shop.here, 4, 'd'])
  expect([await idsOf(shop.here), await idsOf(shop.far)]).toEqual([[1, 3, 4], []])
  const said = (await log.read()).flat()
  expect(said.filter((text) => text.startsWith('SET TRANSACTION'))).toHaveLength(3)
  expect(said.filter((text) => text === 'BEGIN')).toHaveLength(3)
})

test('a savepoint that was never made is missed in the words of the server, without a transaction, before its first server and after', async () => {
  const plain = await createConnection(shop.mainUrl)
  const missing = ['ROLLBACK TO SAVEPOINT nowhere', 'ROLLBACK TO `Nowhere`', 'RELEASE SAVEPOINT nowhere']
  const wordsOf = async (asked: Pick<PromisePoolConnection, 'query'>) => {
    const said = []
    for (const sql of missing) {
      const { code, errno, sqlState, sqlMessage, message } = await failureOf(asked.query(sql))
      said.push({ code, errno, sqlState, sqlMessage, message })
    }
    return said
  }
  const expected = await wordsOf(plain)
  await plain.end()
  expect(expected.map(({ code, errno, sqlState }) => [code, errno, sqlState])).toEqual(
    missing.map(() => ['ER_SP_DOES_NOT_EXIST', 1305, '42000']),
  )
  expect(await wordsOf(connection)).toEqual(expected)
  await connection.beginTransaction()
  await connection.query('SAVEPOINT here')
  expect(await wordsOf(connection)).toEqual(expected)
  expect((await log.read()).flat().filter((text) => text === 'BEGIN')).toEqual([])
  await connection.query(insert, [shop.here, 1, 'a'])
  expect(await wordsOf(connection)).toEqual(expected)
  await connection.query('ROLLBACK TO SAVEPOINT Here')
  await connection.query(insert, [shop.here, 2, 'b'])
  await connection.query('RELEASE SAVEPOINT here')
  await connection.commit()
  expect(await idsOf(shop.here)).toEqual([2])
})

test('a schema statement commits, and what follows is outside, as on a server', async () => {
  const shard = shop.sherd.locate('shop', shop.here).name
  for (const [index, sql] of [
    'CREATE TABLE IF NOT EXISTS orders (user_id BIGINT)',
    "ALTER TABLE orders COMMENT = 'a'",
    'TRUNCATE TABLE items',
    'ANALYZE TABLE items',
    'DROP TABLE IF EXISTS never_there',
  ].entries()) {
    await connection.beginTransaction()
    await connection.query(insert, [shop.here, index, 'a'])
    await shop.sherd.onShard(shard, () => connection.query(sql))
    expect({ sql, ids: await idsOf(shop.here) }).toEqual({
      sql,
      ids: Array.from({ length: index + 1 }, (_, id) => id),
    })
    await connection.query(insert, [shop.here, index + 100, 'b'])
    await connection.rollback()
    await connection.query('DELETE FROM orders WHERE user_id = ? AND id = ?', [shop.here, index + 100])
    expect(await idsOf(shop.here)).toHaveLength(index + 1)
  }
})

test('a schema statement of the unsharded database commits its transaction, even when it fails', async () => {
  const readNotes = async () => (await shop.pool.promise().query('SELECT id FROM notes ORDER BY id'))[0]
  await connection.beginTransaction()
  await connection.query("INSERT INTO notes VALUES (1, 'a')")
  expect(await failureOf(connection.query('ALTER TABLE no_such_table ADD c INT'))).toHaveProperty(
    'errno',
    1146,
  )
  expect(await readNotes()).toEqual([{ id: 1 }])
  await connection.query(insert, [shop.far, 1, 'outside'])
  await connection.rollback()
  expect(await idsOf(shop.far)).toEqual([1])
  await connection.beginTransaction()
  await connection.query("INSERT INTO notes VALUES (2, 'b')")
  await connection.query('CREATE TEMPORARY TABLE scratch (id INT)')
  await connection.query('DROP TEMPORARY TABLE scratch')
  expect(await readNotes()).toEqual([{ id: 1 }])
  await connection.rollback()
  expect(await readNotes()).toEqual([{ id: 1 }])
})

test('after a deadlock the error is the server’s own, and nothing runs outside the transaction it has ended', async () => {
  await connection.query(insert, [shop.here, 1, 'a'])
  await connection.query(insert, [shop.near, 1, 'a'])
  await connection.beginTransaction()
  await other.beginTransaction()
  await connection.query(update, ['left', shop.here])
  await other.query(update, ['right', shop.near])
  // The one that has done more stays.
  await other.query('INSERT INTO orders (user_id, id, product) VALUES (?, 2, ?), (?, 3, ?), (?, 4, ?)', [
    shop.near,
    'x',
    shop.near,
    'y',
    shop.near,
    'z',
  ])
  const waiting = other.query(update, ['right', shop.here])
  const [error] = await Promise.all([failureOf(connection.query(update, ['left', shop.near])), waiting])
  expect(error).toMatchObject({ code: 'ER_LOCK_DEADLOCK', errno: 1213 })
  await other.commit()
  await expectGone([1])
})

test('a COMMIT of a transaction that a deadlock has ended fails, and then it is over', async () => {
  await connection.beginTransaction()
  await connection.query(insert, [shop.here, 1, 'a'])
  await killAll()
  expect(await failureOf(connection.commit())).toHaveProperty('code', 'SHERD_TRANSACTION_LOST')
  await connection.query(insert, [shop.here, 2, 'b'])
  expect(await idsOf(shop.here)).toEqual([2])
})

test('after a lock wait time-out only the statement is taken back', async () => {
  await connection.query(insert, [shop.here, 1, 'a'])
  await other.beginTransaction()
  await other.query(update, ['other', shop.here])
  await connection.query('SET innodb_lock_wait_timeout = 1')
  await connection.beginTransaction()
  await connection.query(insert, [shop.near, 2, 'kept'])
  expect(await failureOf(connection.query(update, ['late', shop.here]))).toHaveProperty('errno', 1205)
  await other.rollback()
  await connection.query(insert, [shop.near, 3, 'kept'])
  await connection.commit()
  expect(await idsOf(shop.near)).toEqual([2, 3])
})

test('a connection that breaks inside a transaction is a typed error that names server and shard, once noticed at any step', async () => {
  const shard = shop.sherd.locate('shop', shop.here)
  for (const step of ['statement', 'savepoint', 'split'] as const) {
    await connection.query('DELETE FROM orders WHERE user_id = ?', [shop.here])
    await connection.beginTransaction()
    await connection.query(insert, [shop.here, 1, 'a'])
    await killAll()
    const sent = {
      statement: () => connection.query(insert, [shop.here, 2, 'b']),
      savepoint: () => connection.query('SAVEPOINT a'),
      split: () =>
        connection.query('INSERT INTO orders (user_id, id, product) VALUES (?, 1, ?), (?, 1, ?)', [
          shop.here,
          'a',
          shop.near,
          'b',
        ]),
    }[step]
    const error = await failureOf(sent())
    expect(error).toMatchObject({ code: 'SHERD_TRANSACTION_LOST', details: { server: shard.server.id } })
    if (step === 'statement') expect(error['shard']).toBe(shard.name)
    await expectGone([])
  }
})

test('a COMMIT that gets no answer is a typed error that says so, and nothing is tried again', async () => {
  const control = await createConnection({ uri: shop.mainUrl })
  await connection.beginTransaction()
  await connection.query(insert, [shop.here, 1, 'a'])
  // COMMIT waits for this lock.
  await control.query('FLUSH TABLES WITH READ LOCK')
  const outcome = failureOf(connection.commit())
  const find = "SELECT ID AS id FROM information_schema.PROCESSLIST WHERE INFO = 'COMMIT'"
  const findWaiting = async () =>
    (await control.query<RowDataPacket[]>(find))[0][0]?.['id'] as number | undefined
  await expect.poll(findWaiting, { timeout: 10_000 }).toBeDefined()
  await control.query(`KILL ${await findWaiting()}`)
  expect(await outcome).toMatchObject({ code: 'SHERD_COMMIT_UNKNOWN', isRetryable: false })
  await control.query('UNLOCK TABLES')
  await control.end()
  expect(await idsOf(shop.here)).toEqual([])
  await connection.query(insert, [shop.here, 2, 'b'])
  expect(await idsOf(shop.here)).toEqual([2])
})

test('BEGIN after a lost transaction begins a new one', async () => {
  await connection.beginTransaction()
  await connection.query(insert, [shop.here, 1, 'a'])
  await killAll()
  expect(await failureOf(connection.query(select, [shop.here]))).toHaveProperty(
    'code',
    'SHERD_TRANSACTION_LOST',
  )
  await connection.beginTransaction()
  await connection.query(insert, [shop.here, 2, 'b'])
  await connection.commit()
  expect(await idsOf(shop.here)).toEqual([2])
})

test('LOCK TABLES through the pool is refused, because the lock would stay on a shared connection', async () => {
  for (const sql of ['LOCK TABLES notes WRITE', 'lock table notes read'])
    expect(await failureOf(connection.query(sql))).toHaveProperty('code', 'SHERD_UNSUPPORTED_STATEMENT')
})
