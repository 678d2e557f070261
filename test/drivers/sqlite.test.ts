import { existsSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { Driver } from '../../src/drivers/driver.ts'
import { loadSqliteDriver } from '../../src/drivers/sqlite.ts'
import { testDriver } from '../conformance/driver.ts'
import { connect, cut, end, makeEndpoint, run } from './endpoints.ts'

const folder = mkdtempSync(join(tmpdir(), 'sherd-sqlite-'))
let driver: Driver

beforeAll(async () => {
  driver = await loadSqliteDriver()
})

afterAll(() => {
  rmSync(folder, { recursive: true, force: true })
})

describe('the sqlite driver', () => {
  testDriver({
    load: loadSqliteDriver,
    open: (loaded) => connect(loaded, makeEndpoint({ address: join(folder, 'conformance.db') })),
    createTable: 'CREATE TABLE conformance (id INTEGER PRIMARY KEY, name TEXT, big INTEGER, data BLOB)',
  })
})

test('logical shards are files of a folder that is made, attached under their names', async () => {
  const endpoint = makeEndpoint({ address: join(folder, 'a', 'b') })
  const databases = ['product_0', 'product_3']
  const first = await connect(driver, endpoint, { databases })
  await run(first, 'CREATE TABLE "product_3"."orders" (id INTEGER PRIMARY KEY, total INTEGER)')
  await run(first, 'INSERT INTO "product_3"."orders" VALUES (1, 5)')
  expect((await run(first, 'PRAGMA product_3.journal_mode')).rows).toEqual([{ journal_mode: 'wal' }])
  expect((await run(first, 'PRAGMA foreign_keys')).rows).toEqual([{ foreign_keys: 1 }])
  await end(first)
  expect(existsSync(join(folder, 'a', 'b', 'product_3.db'))).toBe(true)
  const again = await connect(driver, endpoint, { databases })
  expect((await run(again, 'SELECT total FROM "product_3"."orders"')).rows).toEqual([{ total: 5 }])
  await end(again)
})

test('logical shards in memory are apart from each other', async () => {
  const connection = await connect(driver, makeEndpoint(), { databases: ['product_0', 'product_1'] })
  await run(connection, 'CREATE TABLE product_0.t (id INTEGER PRIMARY KEY)')
  await expect(run(connection, 'SELECT * FROM product_1.t')).rejects.toThrow('no such table')
  await end(connection)
})

test('more logical shards than SQLite attaches are refused when connecting', async () => {
  const databases = Array.from({ length: 11 }, (_, index) => `product_${index}`)
  await expect(connect(driver, makeEndpoint(), { databases })).rejects.toMatchObject({
    code: 'SHERD_SQLITE_SHARDS',
    kind: 'config',
  })
})

test('a file that cannot be opened is a server that cannot be reached', async () => {
  const endpoint = makeEndpoint({ address: folder })
  await expect(connect(driver, endpoint)).rejects.toMatchObject({
    code: 'SHERD_SERVER_UNREACHABLE',
    details: { server: 'test/0/primary' },
    cause: expect.any(Error) as Error,
  })
})

test.each([
  ['a boolean', true],
  ['a date', new Date(0)],
  ['an object', { a: 'secret' }],
  ['a symbol', Symbol('secret')],
  ['a function', () => 'secret'],
  ['an integer beyond 64 bits', 2n ** 63n],
  ['a text with a NUL character', 'sec\0ret'],
])('%s as a parameter is refused without showing it', async (what, value) => {
  const connection = await connect(driver, makeEndpoint())
  const error: unknown = await run(connection, { text: cut('SELECT ?'), values: [value] }).catch(
    (e: unknown) => e,
  )
  expect(error).toMatchObject({ code: 'SHERD_SQLITE_VALUE', kind: 'refused' })
  expect((error as Error).message).toContain(what)
  expect((error as Error).message).not.toContain('secret')
  await end(connection)
})

test('too few or too many values are refused, where libsql would take NULL or drop them', async () => {
  const connection = await connect(driver, makeEndpoint())
  for (const values of [[], [1, 2]]) {
    await expect(run(connection, { text: cut('SELECT ?'), values })).rejects.toMatchObject({
      code: 'SHERD_SQLITE_VALUE',
    })
  }
  await end(connection)
})

test('whole numbers are bound as integers', async () => {
  const connection = await connect(driver, makeEndpoint())
  const { rows } = await run(connection, {
    text: cut('SELECT typeof(?) AS a, typeof(?) AS b, typeof(?) AS c, typeof(?) AS d'),
    values: [42, 1.5, 2 ** 53, 42n],
  })
  expect(rows).toEqual([{ a: 'integer', b: 'real', c: 'real', d: 'integer' }])
  await end(connection)
})

test('integers beyond 2^53 come back as bigint, also as insert id', async () => {
  const connection = await connect(driver, makeEndpoint())
  await run(connection, 'CREATE TABLE t (id INTEGER PRIMARY KEY)')
  const { rows } = await run(connection, {
    text: cut('INSERT INTO t VALUES (?)'),
    values: [9007199254740993n],
  })
  expect(rows).toEqual({
    affectedRows: 1,
    changes: 1,
    insertId: 9007199254740993n,
    lastInsertRowid: 9007199254740993n,
  })
  expect((await run(connection, 'SELECT id, 7 AS n FROM t')).rows).toEqual([{ id: 9007199254740993n, n: 7 }])
  await end(connection)
})

test('a second statement in one text is refused, where libsql would drop it', async () => {
  const connection = await connect(driver, makeEndpoint())
  await run(connection, "CREATE TABLE t (a TEXT DEFAULT 'x;y'); -- the end; really")
  await run(connection, 'CREATE TRIGGER g AFTER INSERT ON t BEGIN DELETE FROM t; END')
  await expect(run(connection, 'DELETE FROM t; DROP TABLE t')).rejects.toMatchObject({
    code: 'SHERD_SQLITE_STATEMENTS',
  })
  expect((await run(connection, 'SELECT COUNT(*) AS n FROM t')).rows).toEqual([{ n: 0 }])
  await end(connection)
})

test('a remembered statement sees a column added later', async () => {
  const connection = await connect(driver, makeEndpoint())
  await run(connection, 'CREATE TABLE t (a)')
  await run(connection, 'INSERT INTO t VALUES (1)')
  await run(connection, 'SELECT * FROM t')
  await run(connection, 'ALTER TABLE t ADD COLUMN b DEFAULT 2')
  expect((await run(connection, 'SELECT * FROM t')).rows).toEqual([{ a: 1, b: 2 }])
  await end(connection)
})
