import { afterAll, beforeAll, expect, test } from 'vitest'
import { createSherd } from '../../src/facade/create-sherd.ts'
import type { Sherd } from '../../src/facade/sherd.ts'
import { prismaAdapter } from '../../src/orm/prisma.ts'
import { defineConfig } from '../../src/topology/define-config.ts'
import { sharded } from '../../src/topology/table-kinds.ts'
import { mariadbServers } from './mariadb-servers.ts'

/** Numbers of Prisma's `ColumnTypeEnum`. */
const type = {
  int32: 0,
  int64: 1,
  float: 2,
  double: 3,
  numeric: 4,
  text: 7,
  date: 8,
  time: 9,
  dateTime: 10,
  json: 11,
  bytes: 13,
}

/**
 * Columns of each type with a literal, and what `queryRaw` of @prisma/adapter-mariadb 7.10.0 gives for it on MariaDB 10.11 with
 * `useTextProtocol`. By its default, prepared statements, it differs in two: FLOAT has its 24 bits instead of 6 digits, and TIME(3) has six digits.
 */
const columns: readonly (readonly [column: string, literal: string, columnType: number, value: unknown])[] = [
  ['TINYINT', '-128', type.int32, -128],
  ['TINYINT(1)', '1', type.int32, 1],
  ['TINYINT UNSIGNED', '255', type.int32, 255],
  ['SMALLINT', '-32768', type.int32, -32768],
  ['SMALLINT UNSIGNED', '65535', type.int32, 65535],
  ['MEDIUMINT', '-8388608', type.int32, -8388608],
  ['MEDIUMINT UNSIGNED', '16777215', type.int32, 16777215],
  ['INT', '-2147483648', type.int32, -2147483648],
  ['INT UNSIGNED', '4294967295', type.int64, 4294967295],
  ['BIGINT', '-9223372036854775808', type.int64, '-9223372036854775808'],
  ['BIGINT UNSIGNED', '18446744073709551615', type.int64, '18446744073709551615'],
  ['FLOAT', '1.5', type.float, 1.5],
  ['DOUBLE', '0.1', type.double, 0.1],
  ['DOUBLE', '1e300', type.double, 1e300],
  ['DECIMAL(30,10)', '12345678901234567890.0123456789', type.numeric, '12345678901234567890.0123456789'],
  ['BIT(1)', "b'1'", type.bytes, Buffer.from([1])],
  ['BIT(20)', "b'10000001000000011'", type.bytes, Buffer.from([1, 2, 3])],
  ['YEAR', '2024', type.int32, 2024],
  ['DATE', "'2024-02-29'", type.date, '2024-02-29'],
  ['TIME', "'-838:59:59'", type.time, '-838:59:59'],
  ['TIME(3)', "'12:34:56.789'", type.time, '12:34:56.789'],
  ['DATETIME', "'1000-01-01 00:00:00'", type.dateTime, '1000-01-01T00:00:00+00:00'],
  ['DATETIME(3)', "'2024-02-29 23:59:59.120'", type.dateTime, '2024-02-29T23:59:59.120+00:00'],
  ['DATETIME(6)', "'2024-02-29 23:59:59.123987'", type.dateTime, '2024-02-29T23:59:59.123+00:00'],
  ['TIMESTAMP NULL', "'2024-02-29 23:59:59'", type.dateTime, '2024-02-29T23:59:59+00:00'],
  ['TIMESTAMP(6) NULL', "'2024-02-29 23:59:59.000001'", type.dateTime, '2024-02-29T23:59:59+00:00'],
  ['CHAR(5)', "'äöü'", type.text, 'äöü'],
  ['VARCHAR(20)', "'ü🙂'", type.text, 'ü🙂'],
  ['TEXT', "'it''s'", type.text, "it's"],
  ['LONGTEXT', "'long'", type.text, 'long'],
  ['BINARY(4)', "x'0100'", type.bytes, Buffer.from([1, 0, 0, 0])],
  ['VARBINARY(20)', "x'00ff'", type.bytes, Buffer.from([0, 255])],
  ['BLOB', "x'62'", type.bytes, Buffer.from('b')],
  ['LONGBLOB', "x'62'", type.bytes, Buffer.from('b')],
  ['JSON', `'{"a": [1, "ü"]}'`, type.json, '{"a": [1, "ü"]}'],
  ["ENUM('a','b')", "'a'", type.text, 'a'],
  ['UUID', "'123e4567-e89b-12d3-a456-426655440000'", type.text, '123e4567-e89b-12d3-a456-426655440000'],
  ['INET6', "'::1'", type.text, '::1'],
  [
    'POINT',
    'POINT(1, 2)',
    type.bytes,
    Buffer.from('000000000101000000000000000000f03f0000000000000040', 'hex'),
  ],
]

/** Expressions, and what the same adapter gives for them. */
const expressions: readonly (readonly [expression: string, columnType: number, value: unknown])[] = [
  ['1', type.int32, 1],
  ['1.5', type.numeric, '1.5'],
  ["'a'", type.text, 'a'],
  ['NULL', type.int32, null],
  ['COUNT(*)', type.int64, '1'],
  ['SUM(id)', type.numeric, '1'],
  ['TRUE', type.int32, 1],
  ["x'00ff'", type.bytes, Buffer.from([0, 255])],
  ['CAST(1 AS UNSIGNED)', type.int64, 1],
  ["CAST('a' AS BINARY)", type.bytes, Buffer.from('a')],
  ["JSON_OBJECT('a', 1)", type.json, '{"a": 1}'],
  ['BIT_AND(id)', type.int64, '1'],
  ["DATE('2024-01-01')", type.date, '2024-01-01'],
  ['SEC_TO_TIME(5)', type.time, '00:00:05'],
]

/** Arguments as Prisma sends them, and the text that the server makes of each. */
const scalar = { arity: 'scalar' } as const
const values: readonly (readonly [unknown, object, string])[] = [
  [1, { scalarType: 'int' }, '1'],
  ['9007199254740993', { scalarType: 'bigint' }, '9007199254740993'],
  [10n, { scalarType: 'bigint' }, '10'],
  ['2024-02-29T23:59:59.120Z', { scalarType: 'datetime', dbType: 'DATETIME' }, '2024-02-29 23:59:59.120'],
  ['2024-02-29T23:59:59.000Z', { scalarType: 'datetime' }, '2024-02-29 23:59:59'],
  ['2024-02-29T00:00:00.000Z', { scalarType: 'datetime', dbType: 'DATE' }, '2024-02-29'],
  ['1970-01-01T12:34:56.000Z', { scalarType: 'datetime', dbType: 'TIME' }, '12:34:56'],
  [new Date(5), { scalarType: 'datetime', dbType: 'DATETIME' }, '1970-01-01 00:00:00.005'],
  ['YQ==', { scalarType: 'bytes' }, 'a'],
  [new Uint8Array([97, 39, 92]), { scalarType: 'bytes' }, "a'\\"],
  [true, { scalarType: 'boolean' }, '1'],
  ['1.10', { scalarType: 'decimal' }, '1.10'],
  ['{"a":1}', { scalarType: 'json' }, '{"a":1}'],
  [1.5, { scalarType: 'float' }, '1.5'],
  ["it's \\ \0", { scalarType: 'string' }, "it's \\ \0"],
]

let sherd: Sherd
let adapter: Awaited<ReturnType<ReturnType<typeof prismaAdapter>['connect']>>
const ask = (sql: string, args: unknown[] = [], argTypes: object[] = []) =>
  adapter.queryRaw({ sql, args, argTypes: argTypes as never })

beforeAll(async () => {
  const { main, servers, databaseName } = await mariadbServers(import.meta.filename)
  sherd = await createSherd(
    defineConfig({
      databases: { default: { primary: main } },
      shardGroups: { product: { databaseName, logicalShards: 4, servers } },
      tables: { kinds: sharded('product', 'id') },
    }),
  )
  adapter = await prismaAdapter(sherd).connect()
  await sherd.createDatabases()
  const definitions = columns.map(
    ([column], index) => `c${index} ${column.includes('NULL') ? column : `${column} NULL`}`,
  )
  const { name } = sherd.locate('product', 1)
  await sherd.onShard(name, () =>
    adapter.executeScript(`CREATE TABLE kinds (id INT PRIMARY KEY, ${definitions.join()})`),
  )
  const names = columns.map((_, index) => `c${index}`)
  const literals = columns.map(([, literal]) => literal)
  await ask(`INSERT INTO kinds (id, ${names.join()}) VALUES (1, ${literals.join()})`)
})
afterAll(() => sherd.close())

test('every type of column is told and given as Prisma’s own adapter for MariaDB does', async () => {
  const { columnTypes, rows } = await ask(
    'SELECT * FROM kinds WHERE id = ?',
    [1],
    [{ scalarType: 'int', ...scalar }],
  )
  const told = columns.map(([column], index) => [column, columnTypes[index + 1], rows[0]?.[index + 1]])
  expect(told).toEqual(columns.map(([column, , columnType, value]) => [column, columnType, value]))
})

test('every kind of expression is told and given as Prisma’s own adapter for MariaDB does', async () => {
  const texts = expressions.map(([expression]) => expression)
  const { columnTypes, rows } = await ask(`SELECT ${texts.join()} FROM kinds WHERE id = 1`)
  const told = texts.map((text, index) => [text, columnTypes[index], rows[0]?.[index]])
  expect(told).toEqual(expressions)
})

test('every type of argument is written as Prisma’s own adapter for MariaDB does', async () => {
  for (const [value, argType, text] of values) {
    const { rows } = await ask(
      'SELECT CAST(? AS CHAR) FROM kinds WHERE id = 1',
      [value],
      [{ ...scalar, ...argType }],
    )
    expect([value, rows[0]?.[0]]).toEqual([value, text])
  }
})

test('LIMIT and OFFSET take the big integers that Prisma sends', async () => {
  const bigint = { scalarType: 'bigint', ...scalar }
  const sql = 'SELECT id FROM kinds WHERE id = 1 LIMIT ? OFFSET ?'
  expect((await ask(sql, ['1', '0'], [bigint, bigint])).rows).toEqual([[1]])
  expect((await ask(sql, [1n, 1n], [bigint, bigint])).rows).toEqual([])
})

test('a write tells the rows it has met, and the id it was given', async () => {
  const write = (sql: string) => adapter.executeRaw({ sql, args: [], argTypes: [] })
  expect(await write('UPDATE kinds SET c0 = c0 WHERE id = 1')).toBe(1)
  expect(await write('UPDATE kinds SET c0 = 1 WHERE id = 1 AND c1 = 0')).toBe(0)
  await ask('CREATE TABLE counted (id INT AUTO_INCREMENT PRIMARY KEY, word VARCHAR(5))')
  expect(await ask("INSERT INTO counted (word) VALUES ('a')")).toEqual({
    columnNames: [],
    columnTypes: [],
    rows: [],
    lastInsertId: '1',
  })
})

test('Prisma is told to join relations itself, and no schema', () => {
  expect(adapter.getConnectionInfo?.()).toEqual({ supportsRelationJoins: false })
})
