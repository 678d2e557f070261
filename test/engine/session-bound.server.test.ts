import { setImmediate } from 'node:timers/promises'
import { afterAll, beforeAll, beforeEach, expect, inject, test } from 'vitest'
import type { PromisePoolConnection } from '../../src/facade/promise-pool-connection.ts'
import { runAsRoot } from '../../src/testing/servers/administration.ts'
import { failureOf, openShop, type ServerLog, type Shop, watchServers } from './open-shop.ts'

let shop: Shop
let log: ServerLog
let left: PromisePoolConnection
let right: PromisePoolConnection

beforeAll(async () => {
  shop = await openShop(import.meta.filename)
  log = await watchServers()
  const pool = shop.pool.promise()
  await pool.query('CREATE TABLE jobs (id INT AUTO_INCREMENT PRIMARY KEY, name VARCHAR(40) UNIQUE)')
  await pool.query('CREATE TABLE steps (id INT AUTO_INCREMENT PRIMARY KEY, job_id INT)')
  await pool.query(
    'CREATE PROCEDURE count_up(OUT total INT) BEGIN CREATE TEMPORARY TABLE mine (id INT); SET total = 7; END',
  )
  await pool.query(
    "CREATE PROCEDURE begin_only() BEGIN START TRANSACTION; INSERT INTO jobs (name) VALUES ('left open'); END",
  )
})
beforeEach(async () => {
  left = await shop.pool.promise().getConnection()
  right = await shop.pool.promise().getConnection()
  await log.read()
  return () => {
    left.destroy()
    right.destroy()
  }
})
afterAll(async () => {
  await log.stop()
  await shop.close()
})

/** The one value of the one row. */
async function valueOf(connection: Pick<PromisePoolConnection, 'query'>, sql: string): Promise<unknown> {
  const [rows] = await connection.query(sql)
  const [row] = rows as readonly Record<string, unknown>[]
  return row === undefined ? undefined : Object.values(row)[0]
}

async function killAll(): Promise<void> {
  for (const { primary } of inject('sharedSites'))
    await runAsRoot(primary.socket, [`KILL USER '${inject('sharedUser')}'@'127.0.0.1'`])
}

async function waitFor(isTrue: () => Promise<boolean>): Promise<void> {
  const deadline = Date.now() + 10_000
  while (!(await isTrue())) {
    if (Date.now() > deadline) throw new Error('It did not come true.')
    await setImmediate()
  }
}

test('a lock stays with its connection, keeps others out, and is free once the connection is released', async () => {
  expect(await valueOf(left, "SELECT GET_LOCK('migration', 0)")).toBe(1)
  expect(await valueOf(right, "SELECT GET_LOCK('migration', 0)")).toBe(0)
  expect(await valueOf(right, "SELECT RELEASE_LOCK('migration')")).toBe(0)
  expect(await valueOf(shop.pool.promise(), "SELECT IS_FREE_LOCK('migration')")).toBe(0)
  expect(await valueOf(left, "SELECT RELEASE_LOCK('migration')")).toBe(1)
  expect(await valueOf(left, "SELECT get_lock ('migration', 0)")).toBe(1)
  left.release()
  await waitFor(async () => (await valueOf(right, "SELECT GET_LOCK('migration', 0)")) === 1)
})

test('a user variable keeps its value, and no other connection sees it', async () => {
  await left.query('SELECT @total := 5')
  expect(await valueOf(right, 'SELECT @total')).toBe(null)
  expect(await valueOf(left, 'SELECT @total')).toBe(5)
  await left.query('SELECT 6 INTO @total')
  await left.query("SET time_zone = '+03:00', @zone = 3")
  expect(await valueOf(left, 'SELECT CONCAT(@total, @zone, @@time_zone)')).toBe('63+03:00')
  expect(await failureOf(left.query("SET @total = 9, time_zone = 'Nowhere/Land'"))).toHaveProperty(
    'errno',
    1298,
  )
  expect(await valueOf(left, 'SELECT CONCAT(@total, @zone, @@time_zone)')).toBe('63+03:00')
  await left.query('SET @total = 8')
  expect(await valueOf(left, 'SELECT @total')).toBe(8)
})

test('a temporary table is there for its connection alone, and gone when the connection is released', async () => {
  await left.query('CREATE TEMPORARY TABLE basket (id INT)')
  await left.query('INSERT INTO basket VALUES (1)')
  expect(await failureOf(right.query('SELECT * FROM basket'))).toHaveProperty('errno', 1146)
  expect(await failureOf(shop.pool.promise().query('SELECT * FROM basket'))).toHaveProperty('errno', 1146)
  expect(await valueOf(left, 'SELECT id FROM basket')).toBe(1)
  left.release()
  const again = await shop.pool.promise().getConnection()
  expect(await failureOf(again.query('SELECT * FROM basket'))).toHaveProperty('errno', 1146)
  again.release()
})

test('a HANDLER reads on where it was', async () => {
  await shop.pool.promise().query("INSERT INTO notes VALUES (1, 'a'), (2, 'b')")
  await left.query('HANDLER notes OPEN')
  expect(await valueOf(left, 'HANDLER notes READ FIRST')).toBe(1)
  await right.query('SELECT 1')
  expect(await valueOf(left, 'HANDLER notes READ NEXT')).toBe(2)
  await left.query('HANDLER notes CLOSE')
})

test('LAST_INSERT_ID() is answered in a transaction that inserted, and refused where it would be that of others', async () => {
  const refused = { code: 'SHERD_SESSION_FUNCTION' }
  await right.query("INSERT INTO jobs (name) VALUES ('of another')")
  await left.query("INSERT INTO jobs (name) VALUES ('before')")
  for (const sql of [
    'SELECT LAST_INSERT_ID()',
    'SELECT @@identity',
    'INSERT INTO steps (job_id) VALUES (LAST_INSERT_ID())',
  ])
    expect(await failureOf(left.query(sql))).toMatchObject(refused)
  await left.beginTransaction()
  expect(await failureOf(left.query('SELECT LAST_INSERT_ID()'))).toMatchObject(refused)
  await left.query("UPDATE jobs SET name = 'x' WHERE id = 0")
  expect(await failureOf(left.query('SELECT LAST_INSERT_ID()'))).toMatchObject(refused)
  const [{ insertId }] = (await left.query("INSERT INTO jobs (name) VALUES ('inside')")) as [
    { insertId: number },
    unknown,
  ]
  expect(await valueOf(left, 'SELECT LAST_INSERT_ID()')).toBe(insertId)
  await left.query('INSERT INTO steps (job_id) VALUES (LAST_INSERT_ID())')
  expect(await valueOf(left, 'SELECT job_id FROM steps ORDER BY id DESC LIMIT 1')).toBe(insertId)
  await left.query("INSERT INTO jobs (id, name) VALUES (100000, 'given')")
  expect(await failureOf(left.query('SELECT LAST_INSERT_ID()'))).toMatchObject(refused)
  await left.commit()
  expect(await failureOf(left.query('SELECT LAST_INSERT_ID()'))).toMatchObject(refused)
})

test('LAST_INSERT_ID(value) tells its value through the result, also on the pool', async () => {
  const upsert = "INSERT INTO jobs (name) VALUES ('twice') ON DUPLICATE KEY UPDATE id = LAST_INSERT_ID(id)"
  const [first] = (await shop.pool.promise().query(upsert)) as [{ insertId: number }, unknown]
  const [second] = (await shop.pool.promise().query(upsert)) as [{ insertId: number }, unknown]
  expect(second.insertId).toBe(first.insertId)
  await shop.pool.promise().query("DELETE FROM jobs WHERE name = 'twice'")
})

test('FOUND_ROWS() and SHOW WARNINGS tell of the statement before, or are refused', async () => {
  await shop.pool.promise().query("INSERT INTO jobs (name) VALUES ('f1'), ('f2'), ('f3')")
  await left.query("SELECT SQL_CALC_FOUND_ROWS id FROM jobs WHERE name LIKE 'f_' LIMIT 1")
  await right.query('SELECT id FROM jobs LIMIT 2')
  expect(await valueOf(left, 'SELECT FOUND_ROWS()')).toBe(3)
  for (const sql of ['SELECT FOUND_ROWS()', 'SELECT ROW_COUNT()', 'SHOW WARNINGS', 'SELECT @@warning_count'])
    expect(await failureOf(right.query(sql))).toMatchObject({ code: 'SHERD_SESSION_FUNCTION' })
  await left.query("SELECT CAST('x' AS INT)")
  const [warnings] = await left.query('SHOW WARNINGS')
  expect(warnings).toHaveLength(1)
  await left.query(`SELECT id FROM orders WHERE user_id = ${shop.here}`)
  expect(await failureOf(left.query('SELECT FOUND_ROWS()'))).toMatchObject({ code: 'SHERD_SESSION_FUNCTION' })
})

test.each([
  `EXECUTE IMMEDIATE "SET sql_mode = 'ANSI_QUOTES'"`,
  "PREPARE one FROM 'SELECT 1'",
  'EXECUTE one',
  'DEALLOCATE PREPARE one',
  'DROP PREPARE one',
  'LOCK TABLES notes WRITE',
  'UNLOCK TABLES',
  'FLUSH TABLES WITH READ LOCK',
  'FLUSH TABLES notes FOR EXPORT',
  'BACKUP STAGE START',
  'GET DIAGNOSTICS @rows = ROW_COUNT',
  "a: LOOP SET sql_mode = 'ANSI_QUOTES'; LEAVE a; END LOOP",
  "`a`:LOOP SET sql_mode = 'ANSI_QUOTES'; LEAVE a; END LOOP",
  "IF 1 THEN SET sql_mode = 'ANSI_QUOTES'; END IF",
  "BEGIN NOT ATOMIC SET sql_mode = 'ANSI_QUOTES'; END",
  'SET ROLE admin',
  "SET STATEMENT sql_mode = 'ANSI_QUOTES' FOR SELECT 1",
  'SELECT LASTVAL(numbers)',
  'CREATE TEMPORARY TABLE countries (code CHAR(2))',
])('%s is refused, and nothing is sent', async (sql) => {
  for (const sender of [left, shop.pool.promise()]) {
    const error = await failureOf(sender.query(sql))
    expect(error['code']).toMatch(/^SHERD_/)
    expect(error['remedy']).toMatch(/\w+ \w+/)
  }
  await expect(
    shop.sherd.onShard(shop.sherd.locate('shop', shop.here).name, () => left.query(sql)),
  ).rejects.toMatchObject({ code: expect.stringMatching(/^SHERD_/) })
  expect((await log.read()).flat()).toEqual([])
})

test.each([
  "SELECT GET_LOCK('a', 0)",
  'SELECT /*!50000 GET_LOCK */ (1)',
  'SELECT `get_lock`(1, 2)',
  "DO RELEASE_LOCK('a')",
  'SELECT RELEASE_ALL_LOCKS()',
  'SELECT @a',
  'SELECT 1 INTO @a',
  'CALL count_up(@total)',
  'CREATE TEMPORARY TABLE basket (id INT)',
  'CREATE OR REPLACE TEMPORARY TABLE basket (id INT)',
  'HANDLER notes OPEN',
  'SELECT LAST_INSERT_ID()',
  'SELECT ROW_COUNT()',
  'SHOW WARNINGS',
])('%s on the pool is refused with the way out, and nothing is sent', async (sql) => {
  expect(await failureOf(shop.pool.promise().query(sql))).toMatchObject({
    code: 'SHERD_SESSION_ON_POOL',
    remedy: expect.stringContaining('getConnection()'),
  })
  expect((await log.read()).flat()).toEqual([])
})

test('what one statement asks and leaves alone runs on the pool', async () => {
  const pool = shop.pool.promise()
  for (const sql of [
    'SELECT DATABASE()',
    'SELECT VERSION()',
    'SELECT USER()',
    'SELECT CONNECTION_ID()',
    "SELECT IS_FREE_LOCK('a')",
    "SELECT 'GET_LOCK(1, 2), @a and LAST_INSERT_ID()'",
    "SELECT 1 AS row_count, 'anna@example.com'",
    'SELECT @@session.foreign_key_checks',
  ])
    await pool.query(sql)
  expect(await valueOf(pool, 'SELECT @n := @n + 1 FROM (SELECT @n := 0) AS start')).toBe(1)
  await pool.query('CREATE PROCEDURE quiet() SELECT @left, @left := 4, GET_LOCK("q", 0)')
  await pool.query('CALL quiet()')
  await waitFor(async () => (await valueOf(pool, "SELECT IS_FREE_LOCK('q')")) === 1)
  const [rows] = await pool.query('CALL quiet()')
  expect((rows as readonly (readonly Record<string, unknown>[])[])[0]?.[0]).toMatchObject({ '@left': null })
})

test('a procedure gives its result through a variable of its connection', async () => {
  await left.query('CALL count_up(@total)')
  await right.query('SELECT 1')
  expect(await valueOf(left, 'SELECT @total')).toBe(7)
  expect(await valueOf(left, 'SELECT COUNT(*) FROM mine')).toBe(0)
})

test('a procedure that leaves a transaction open is told on the pool, and commits with COMMIT on a connection', async () => {
  expect(await failureOf(shop.pool.promise().query('CALL begin_only()'))).toMatchObject({
    code: 'SHERD_PROCEDURE_TRANSACTION',
  })
  const count = "SELECT COUNT(*) FROM jobs WHERE name = 'left open'"
  await waitFor(async () => (await valueOf(right, count)) === 0)
  await left.query('CALL begin_only()')
  expect(await valueOf(right, count)).toBe(0)
  await left.query('COMMIT')
  expect(await valueOf(right, count)).toBe(1)
  await shop.pool.promise().query("DELETE FROM jobs WHERE name = 'left open'")
})

test('a lock and a temporary table made in a transaction stay after it', async () => {
  await left.beginTransaction()
  await left.query("INSERT INTO jobs (name) VALUES ('in transaction')")
  await left.query('CREATE TEMPORARY TABLE basket (id INT)')
  expect(await valueOf(left, "SELECT GET_LOCK('tx', 0)")).toBe(1)
  await left.rollback()
  expect(await valueOf(right, "SELECT COUNT(*) FROM jobs WHERE name = 'in transaction'")).toBe(0)
  expect(await valueOf(right, "SELECT GET_LOCK('tx', 0)")).toBe(0)
  await left.query('INSERT INTO basket VALUES (3)')
  await left.beginTransaction()
  expect(await valueOf(left, 'SELECT id FROM basket')).toBe(3)
  await left.query("INSERT INTO jobs (name) VALUES ('kept')")
  await left.commit()
  expect(await valueOf(left, 'SELECT id FROM basket')).toBe(3)
  expect(await valueOf(right, "SELECT COUNT(*) FROM jobs WHERE name = 'kept'")).toBe(1)
})

test('a lock taken in the transaction of a shard is one of the unsharded database, for all', async () => {
  await left.beginTransaction()
  await left.query("INSERT INTO orders (user_id, id, product) VALUES (?, 5, 'a')", [shop.far])
  expect(await valueOf(left, "SELECT GET_LOCK('over', 0)")).toBe(1)
  expect(await valueOf(right, "SELECT GET_LOCK('over', 0)")).toBe(0)
  await left.rollback()
  expect(await valueOf(right, "SELECT GET_LOCK('over', 0)")).toBe(0)
  expect(await valueOf(left, "SELECT RELEASE_LOCK('over')")).toBe(1)
})

test('when the connection breaks, its locks are not silently missed', async () => {
  await left.query("SELECT GET_LOCK('lost', 0)")
  await killAll()
  await waitFor(
    async () => (await failureOf(left.query('SELECT id FROM notes')))['code'] === 'SHERD_PIN_LOST',
  )
  expect(await failureOf(left.query('INSERT INTO notes VALUES (77, NULL)'))).toMatchObject({
    code: 'SHERD_PIN_LOST',
  })
  left.release()
  const again = await shop.pool.promise().getConnection()
  expect(await valueOf(again, 'SELECT COUNT(*) FROM notes WHERE id = 77')).toBe(0)
  again.release()
})

test('a statement that needs the id before is part of the transaction that is begun around it', async () => {
  await left.query("SELECT GET_LOCK('id', 0)")
  const [{ insertId }] = (await left.query("INSERT INTO jobs (name) VALUES ('parent')")) as [
    { insertId: number },
    unknown,
  ]
  await left.query('SELECT id FROM jobs LIMIT 1')
  await left.beginTransaction()
  await left.query('INSERT INTO steps (job_id) VALUES (LAST_INSERT_ID())')
  await left.rollback()
  expect(await valueOf(right, `SELECT COUNT(*) FROM steps WHERE job_id = ${insertId}`)).toBe(0)
})

test('with autocommit off, a lock is kept and the transaction goes on', async () => {
  await left.query('SET autocommit = 0')
  await left.query("INSERT INTO jobs (name) VALUES ('off')")
  expect(await valueOf(left, "SELECT GET_LOCK('off', 0)")).toBe(1)
  await left.rollback()
  expect(await valueOf(right, "SELECT COUNT(*) FROM jobs WHERE name = 'off'")).toBe(0)
  expect(await valueOf(right, "SELECT GET_LOCK('off', 0)")).toBe(0)
  await left.query('SET autocommit = 1')
})

test('the id and the count of a statement on a shard are told inside of its transaction', async () => {
  await left.beginTransaction()
  const [{ insertId }] = (await left.query("INSERT INTO items (user_id, name) VALUES (?, 'a')", [
    shop.far,
  ])) as [{ insertId: number }, unknown]
  expect(await valueOf(left, 'SELECT LAST_INSERT_ID()')).toBe(insertId)
  await left.query("UPDATE items SET name = 'b' WHERE user_id = ?", [shop.far])
  expect(await valueOf(left, 'SELECT ROW_COUNT()')).toBe(1)
  const duplicate = 'INSERT INTO items (user_id, id) VALUES (?, ?)'
  expect(await failureOf(left.query(duplicate, [shop.far, insertId]))).toHaveProperty('errno', 1062)
  expect(await failureOf(left.query('SHOW ERRORS'))).toMatchObject({ code: 'SHERD_SESSION_FUNCTION' })
  await left.rollback()
})

test('connections that were kept go back to the pool', async () => {
  for (let round = 0; round < 30; round++) {
    const connection = await shop.pool.promise().getConnection()
    expect(await valueOf(connection, "SELECT GET_LOCK('round', 10)")).toBe(1)
    if (round % 2 === 0) connection.release()
    else connection.destroy()
  }
  await waitFor(async () => shop.sherd.stats().pools.every(({ inUse }) => inUse === 0))
})

test('a connection of sherd keeps a lock too', async () => {
  const [one, two] = [shop.sherd.connection(), shop.sherd.connection()]
  expect((await one.execute("SELECT GET_LOCK('own', 0) AS got")).rows).toEqual([{ got: 1 }])
  expect((await two.execute("SELECT GET_LOCK('own', 0) AS got")).rows).toEqual([{ got: 0 }])
  one.release()
  expect((await two.execute("SELECT GET_LOCK('own', 10) AS got")).rows).toEqual([{ got: 1 }])
  two.release()
})
