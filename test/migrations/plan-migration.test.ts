import { expect, test } from 'vitest'

import { planFiles } from '../../src/migrations/plan-files.ts'
import { planMigration } from '../../src/migrations/plan-statement.ts'
import { type FilePlace, readHeader } from '../../src/migrations/read-header.ts'
import { splitStatements } from '../../src/sql/split-statements.ts'
import { mysqlDefaultModes } from '../../src/sql/modes.ts'
import { locate } from '../../src/routing/locate.ts'
import { defineConfig } from '../../src/topology/define-config.ts'
import { isolated, pinned, reference, sharded } from '../../src/topology/table-kinds.ts'

const topology = defineConfig({
  databases: {
    default: { primary: 'mysql://a:b@127.0.0.1:3306/main' },
    stats: { primary: 'mysql://a:b@127.0.0.1:3306/stats' },
  },
  shardGroups: {
    product: {
      databaseName: 'product',
      logicalShards: 2,
      servers: [{ primary: 'mysql://a:b@127.0.0.1:3307' }, { primary: 'mysql://a:b@127.0.0.1:3308' }],
    },
    audit: { databaseName: 'audit', logicalShards: 1, servers: [{ primary: 'mysql://a:b@127.0.0.1:3309' }] },
  },
  tables: {
    orders: sharded('product', 'user_id'),
    items: sharded('product', 'user_id'),
    notes: isolated('product'),
    entries: sharded('audit', 'user_id'),
    countries: reference('product'),
    towns: reference('product'),
    currencies: reference('all'),
    visits: pinned('stats'),
  },
})

const plan = (sql: string, header?: FilePlace, ddlOptions: readonly string[] = []) =>
  planMigration({ topology, header, ddlOptions }, sql)

function placesOf(sql: string, header?: FilePlace): readonly string[] | string {
  const found = plan(sql, header)
  return found.kind === 'run' ? [...found.texts.keys()] : found.kind
}

const shards = ['product_0', 'product_1']
const group = { kind: 'group', group: 'product' } as const

test.each([
  ['ALTER TABLE orders ADD COLUMN total INT', shards],
  ['CREATE TABLE orders (id INT, country INT REFERENCES countries (id))', shards],
  ['CREATE INDEX by_total ON orders (total)', shards],
  ['DROP TABLE IF EXISTS orders, items', shards],
  ['TRUNCATE TABLE notes', shards],
  ['UPDATE orders SET total = 0', shards],
  ['UPDATE orders SET total = (SELECT MIN(id) FROM countries)', shards],
  ['DELETE FROM orders WHERE total IS NULL', shards],
  ['INSERT INTO notes VALUES (1)', shards],
  ['INSERT INTO items (user_id, n) SELECT user_id, COUNT(*) FROM orders GROUP BY user_id', shards],
  ['ALTER TABLE countries ADD COLUMN name INT', [...shards, 'default']],
  ['CREATE TABLE currencies (id INT)', [...shards, 'audit_0', 'default']],
  ['ALTER TABLE countries ADD FOREIGN KEY (town) REFERENCES towns (id)', [...shards, 'default']],
  ['INSERT INTO countries VALUES (1)', ['default']],
  ['UPDATE countries SET name = 1', ['default']],
  ['ALTER TABLE visits ADD COLUMN name INT', ['stats']],
  ['CREATE TABLE users (id INT)', ['default']],
  ['INSERT INTO users VALUES (1)', ['default']],
] as const)('%s goes to %j', (sql, expected) => {
  expect(placesOf(sql)).toEqual(expected)
})

test('rows with a key go to its logical shard', () => {
  const sql = 'UPDATE orders SET total = 1 WHERE user_id = 42'
  expect(placesOf(sql)).toEqual([locate(topology, 'product', 42).name])
})

test.each([
  ['SELECT * FROM orders'],
  ['BEGIN'],
  ['USE product_0'],
  ['SET GLOBAL max_connections = 1'],
  ['SHOW TABLES'],
  ['GRANT SELECT ON orders TO a'],
  ['OPTIMIZE TABLE orders'],
  ['CREATE DATABASE x'],
  ['ALTER TABLE orders ADD ('],
  ['CREATE TRIGGER t BEFORE INSERT ON orders FOR EACH ROW SET NEW.a = 1'],
  ['CREATE PROCEDURE p() SELECT 1'],
  ['CREATE VIEW v AS SELECT * FROM orders'],
  ['DROP TABLE orders, visits'],
  ['DROP TABLE orders, entries'],
  ['DROP TABLE countries, currencies'],
  ['RENAME TABLE orders TO orders_old'],
  ['CREATE TABLE towns LIKE users'],
  ['INSERT INTO orders (total) VALUES (1)'],
  ['UPDATE orders SET user_id = 1'],
  ['INSERT INTO orders (user_id) SELECT id FROM users'],
  ['DELETE FROM orders LIMIT 5'],
  ['DROP TABLE product_0.orders'],
] as const)('%s is refused with a remedy', (sql) => {
  const found = plan(sql)
  expect(found).toMatchObject({
    kind: 'refused',
    problem: expect.any(String),
    remedy: expect.stringMatching(/\.$/),
  })
})

test('the head of a file places what cannot be proven', () => {
  expect(placesOf('CREATE TABLE extra (id INT)', group)).toEqual(shards)
  expect(placesOf('CREATE TABLE extra (id INT)', { kind: 'all shards' })).toEqual([...shards, 'audit_0'])
  expect(placesOf('CREATE PROCEDURE p() SELECT 1', { kind: 'database', database: 'stats' })).toEqual([
    'stats',
  ])
  expect(placesOf('CREATE TRIGGER t BEFORE INSERT ON orders FOR EACH ROW SET NEW.a = 1', group)).toEqual(
    shards,
  )
  expect(placesOf('RENAME TABLE orders TO orders_old', group)).toEqual(shards)
  expect(placesOf('DELETE FROM orders LIMIT 5', group)).toEqual(shards)
})

test('the head of a file moves no table that sherd knows, and no row without its key', () => {
  expect(placesOf('ALTER TABLE orders ADD x INT', { kind: 'database', database: 'default' })).toBe('refused')
  expect(placesOf('ALTER TABLE visits ADD x INT', group)).toBe('refused')
  expect(placesOf('INSERT INTO orders (total) VALUES (1)', group)).toBe('refused')
  expect(placesOf('UPDATE orders SET total = 1 WHERE user_id = 42', group)).toHaveLength(1)
  expect(placesOf('ALTER TABLE countries ADD x INT', group)).toEqual([...shards, 'default'])
})

test.each([
  ['group=product', { place: group }],
  ['database=stats', { place: { kind: 'database', database: 'stats' } }],
  ['shards=all', { place: { kind: 'all shards' } }],
  ['group=nope', { problem: { line: 1 } }],
  ['everywhere', { problem: { line: 1 } }],
  ['group=product\n-- sherd: shards=all', { problem: { line: 2 } }],
])('the head %j is read', (words, expected) => {
  const split = splitStatements(`-- sherd: ${words}\nDROP TABLE a;`, mysqlDefaultModes)
  expect(readHeader(split, topology)).toMatchObject(expected)
})

test('options of schema statements go to the end of the statement, before a comment, and only where they are taken', () => {
  const options = ['ALGORITHM=INPLACE', 'LOCK=NONE']
  const textOf = (sql: string): string | undefined => {
    const found = plan(sql, undefined, options)
    return found.kind === 'run' ? found.texts.values().next().value : undefined
  }
  expect(textOf('ALTER TABLE orders ADD a INT -- why')).toBe(
    'ALTER TABLE `product_0`.orders ADD a INT, ALGORITHM=INPLACE, LOCK=NONE -- why',
  )
  expect(textOf('CREATE INDEX i ON orders (a)')).toBe(
    'CREATE INDEX i ON `product_0`.orders (a) ALGORITHM=INPLACE LOCK=NONE',
  )
  expect(textOf('CREATE TABLE orders (id INT)')).toBe('CREATE TABLE `product_0`.orders (id INT)')
  expect(textOf('ALTER TABLE orders ADD a INT, ALGORITHM=COPY')).toBe(
    'ALTER TABLE `product_0`.orders ADD a INT, ALGORITHM=COPY',
  )
})

test('SET holds for the statements behind it in its file, and has no databases of its own', () => {
  const text = 'CREATE TABLE a (id INT); SET foreign_key_checks = 0; DROP TABLE b; DROP TABLE c;'
  const [file] = planFiles(topology, [{ name: 'x', path: 'x.sql', text, checksum: '' }], [])
  expect(file?.statements.map(({ index, settings }) => [index, settings])).toEqual([
    [0, []],
    [2, ['SET foreign_key_checks = 0']],
    [3, ['SET foreign_key_checks = 0']],
  ])
})
