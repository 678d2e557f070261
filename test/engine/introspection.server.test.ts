import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { createSherd } from '../../src/facade/create-sherd.ts'
import type { SherdConnection } from '../../src/facade/sherd-connection.ts'
import type { Sherd } from '../../src/facade/sherd.ts'
import { defineConfig } from '../../src/topology/define-config.ts'
import { isolated, reference, sharded } from '../../src/topology/table-kinds.ts'
import { mariadbServers } from '../orm/mariadb-servers.ts'
import { shardsOf } from '../orm/order-tables.ts'

let sherd: Sherd
let connection: SherdConnection
let main: string
/** The main database as it would be if nothing were sharded: what every answer is compared with. */
let plain: Sherd
let plainMain: string

const schema = [
  'CREATE TABLE currencies (code INT PRIMARY KEY, name VARCHAR(20) COMMENT \'größe "x"\')',
  "CREATE TABLE orders (user_id BIGINT NOT NULL, id INT NOT NULL AUTO_INCREMENT, note VARCHAR(40) DEFAULT 'it''s', code INT, total DECIMAL(10,2), PRIMARY KEY (user_id, id), KEY by_id (id), CONSTRAINT paid_in FOREIGN KEY (code) REFERENCES currencies (code), CONSTRAINT positive CHECK (total >= 0))",
  'CREATE TABLE items (user_id BIGINT NOT NULL, order_id INT NOT NULL, line INT NOT NULL, PRIMARY KEY (user_id, order_id, line), CONSTRAINT of_order FOREIGN KEY (user_id, order_id) REFERENCES orders (user_id, id) ON DELETE CASCADE)',
  'CREATE TABLE counters (name VARCHAR(20) PRIMARY KEY, n INT)',
  'CREATE TABLE Ledgers (id INT PRIMARY KEY, counter VARCHAR(20), CONSTRAINT of_counter FOREIGN KEY (counter) REFERENCES counters (name))',
  'CREATE TABLE notes (id INT PRIMARY KEY, text VARCHAR(40))',
]

/** The servers have another default collation than the logical databases. */
const alike = (sql: string): string => `${sql} DEFAULT CHARSET = utf8mb4 COLLATE = utf8mb4_general_ci`

beforeAll(async () => {
  const place = await mariadbServers(import.meta.filename)
  main = `${place.databaseName}_main`
  sherd = await createSherd(
    defineConfig({
      databases: { default: { primary: place.main } },
      shardGroups: {
        product: { databaseName: place.databaseName, logicalShards: 4, servers: place.servers },
      },
      tables: {
        orders: sharded('product', 'user_id'),
        items: sharded('product', 'user_id'),
        counters: isolated('product'),
        ledgers: isolated('product'),
        currencies: reference('product'),
      },
    }),
  )
  await sherd.createDatabases()
  connection = sherd.connection()
  for (const sql of schema) await connection.execute(alike(sql))
  const other = await mariadbServers(`${import.meta.filename}.plain.server.test.ts`)
  plainMain = `${other.databaseName}_main`
  plain = await createSherd(
    defineConfig({ databases: { default: { primary: other.main } }, shardGroups: {} }),
  )
  const plainConnection = plain.connection()
  for (const sql of schema) await plainConnection.execute(alike(sql))
  plainConnection.release()
})
afterAll(async () => {
  connection.release()
  await sherd.close()
  await plain.close()
})

type Rows = readonly Readonly<Record<string, unknown>>[]

async function ask(sql: string, values: readonly unknown[] = []): Promise<Rows> {
  const { rows } = await connection.execute(sql, values)
  return rows as Rows
}

const volatile =
  /^(?:create_time|update_time|data_free|table_rows|avg_row_length|rows|cardinality|auto_increment)$/i

/** Rows as text, with one name for both main databases, in one order, without what depends on the moment. */
function comparable(rows: readonly unknown[]): readonly string[] {
  const texts = (rows as Rows).map((row) =>
    JSON.stringify(Object.entries(row).filter(([name]) => !volatile.test(name)))
      .replaceAll(plainMain, 'main')
      .replaceAll(main, 'main'),
  )
  return texts.toSorted()
}

async function expectSame(sql: string, values: readonly unknown[] = []): Promise<void> {
  const other = plain.connection()
  const inPlain = (value: unknown): unknown => (value === main ? plainMain : value)
  const { rows } = await other.execute(sql.replaceAll(main, plainMain), values.map(inPlain))
  other.release()
  expect(comparable(await ask(sql, values))).toEqual(comparable(rows))
  expect(rows.length).toBeGreaterThan(0)
}

describe('A question about tables has the answer of a database with all of them', () => {
  test.each([
    'TABLES',
    'COLUMNS',
    'STATISTICS',
    'KEY_COLUMN_USAGE',
    'TABLE_CONSTRAINTS',
    'REFERENTIAL_CONSTRAINTS',
    'CHECK_CONSTRAINTS',
    'PARTITIONS',
  ])('%s', async (table) => {
    const column = /REFERENTIAL|CHECK/.test(table) ? 'CONSTRAINT_SCHEMA' : 'TABLE_SCHEMA'
    await expectSame(`SELECT * FROM information_schema.${table} WHERE ${column} = DATABASE()`)
    await expectSame(
      `SELECT * FROM information_schema.${table} WHERE ${column} = '${main}' AND TABLE_NAME = 'orders'`,
    )
    await expectSame(
      `SELECT * FROM information_schema.${table} WHERE ${column} = ? AND TABLE_NAME IN (?, ?)`,
      [main, 'orders', 'notes'],
    )
  })

  test('types and names of columns', async () => {
    const sql = `SELECT table_name, ordinal_position, column_default, numeric_precision, character_maximum_length FROM information_schema.columns WHERE table_schema = schema() AND table_name = 'orders' ORDER BY ordinal_position`
    const [first] = await ask(sql)
    expect(first).toStrictEqual({
      table_name: 'orders',
      ordinal_position: 1,
      column_default: null,
      numeric_precision: 19,
      character_maximum_length: null,
    })
  })

  test('in the words of MikroORM, with executable comments', async () => {
    await expectSame(
      "select table_name as table_name, nullif(table_schema, schema()) as schema_name, index_name as index_name, non_unique as non_unique, column_name as column_name, index_type as index_type, sub_part as sub_part, collation as sort_order /*M!100600 , ignored as ignored */ from information_schema.statistics where table_schema = database() and table_name in ('orders', 'notes') order by schema_name, table_name, index_name, seq_in_index",
    )
    await expectSame(
      "select tc.constraint_schema as table_schema, tc.table_name as table_name, tc.constraint_name as name, tc.check_clause as expression, /*M!100510 case when tc.level = 'Column' then tc.constraint_name else */ null /*M!100510 end */ as column_name from information_schema.check_constraints tc where tc.table_name in ('orders', 'notes') and tc.constraint_schema = database() order by tc.constraint_name",
    )
    await expectSame(
      "select k.constraint_name as constraint_name, nullif(k.table_schema, schema()) as schema_name, k.table_name as table_name, k.column_name as column_name, k.referenced_table_name as referenced_table_name, c.update_rule as update_rule, c.delete_rule as delete_rule from information_schema.key_column_usage k inner join information_schema.referential_constraints c on c.constraint_name = k.constraint_name and c.table_name = k.table_name where k.table_name in ('orders', 'items') and k.table_schema = database() and c.constraint_schema = database() and k.referenced_column_name is not null order by constraint_name, k.ordinal_position",
    )
  })

  test('SHOW TABLES, SHOW FULL TABLES, SHOW TABLE STATUS', async () => {
    expect(await ask('SHOW TABLES')).toEqual(
      ['counters', 'currencies', 'items', 'Ledgers', 'notes', 'orders'].map((name) => ({
        [`Tables_in_${main}`]: name,
      })),
    )
    expect(await ask("SHOW TABLES LIKE 'ord%'")).toEqual([{ [`Tables_in_${main} (ord%)`]: 'orders' }])
    await expectSame('SHOW FULL TABLES')
    await expectSame(`SHOW TABLES FROM \`${main}\``)
    const status = await ask("SHOW TABLE STATUS WHERE Name IN ('orders', 'notes')")
    expect(status.map(({ Name, Engine }) => [Name, Engine])).toEqual([
      ['notes', 'InnoDB'],
      ['orders', 'InnoDB'],
    ])
  })

  test('SHOW and DESCRIBE of a table', async () => {
    for (const sql of [
      'SHOW COLUMNS FROM orders',
      'SHOW FULL COLUMNS FROM `orders`;',
      'SHOW INDEX FROM orders',
      'SHOW CREATE TABLE orders',
      'DESCRIBE orders',
      'SHOW CREATE TABLE items',
      "SHOW FULL FIELDS FROM orders WHERE field = 'note'",
    ])
      await expectSame(sql)
  })

  test('a table that the config spells otherwise than the database and the question', async () => {
    await expectSame('SHOW COLUMNS FROM Ledgers')
    await expectSame(
      "SELECT * FROM information_schema.key_column_usage WHERE table_schema = DATABASE() AND table_name = 'Ledgers'",
    )
    await expectSame('SELECT * FROM information_schema.columns WHERE table_schema = ? AND table_name = ?', [
      main,
      'Ledgers',
    ])
  })

  test('in any database: each table once', async () => {
    const ours = `table_schema LIKE '${main.replace(/_main$/, '')}%'`
    for (const table of ['tables', 'key_column_usage']) {
      const rows = await ask(
        `SELECT DISTINCT table_schema AS place FROM information_schema.${table} WHERE table_name = 'orders' AND ${ours}`,
      )
      expect(rows).toEqual([{ place: main }])
    }
  })

  test('a table that is nowhere', async () => {
    expect(
      await ask(
        "SELECT * FROM information_schema.tables WHERE table_schema = DATABASE() AND table_name = 'none'",
      ),
    ).toEqual([])
  })
})

describe('A question about tables', () => {
  test('is no part of a transaction', async () => {
    await connection.execute('BEGIN')
    await connection.execute('INSERT INTO orders (user_id) VALUES (1)')
    await expectSame('SHOW COLUMNS FROM orders')
    await expectSame('SELECT * FROM information_schema.columns WHERE table_schema = database()')
    await ask("SHOW VARIABLES LIKE 'auto_increment_increment'")
    await connection.execute('ROLLBACK')
    expect(await ask('SELECT * FROM orders WHERE user_id = 1')).toEqual([])
  })

  test('inside onShard is answered by that shard', async () => {
    const [, second = ''] = shardsOf(sherd)
    await sherd.onShard(second, () => connection.execute('ALTER TABLE orders ADD COLUMN extra INT'))
    const sql =
      "SELECT column_name AS name FROM information_schema.columns WHERE table_schema = database() AND table_name = 'orders' AND column_name = 'extra'"
    expect(await ask(sql)).toEqual([])
    expect(await sherd.onShard(second, () => ask(sql))).toEqual([{ name: 'extra' }])
    await sherd.onShard(second, () => connection.execute('ALTER TABLE orders DROP COLUMN extra'))
  })

  test('that sherd cannot complete is refused when it names a table on shards', async () => {
    const sql = 'SELECT * FROM information_schema.table_privileges WHERE table_name = ?'
    await expect(connection.execute(sql, ['orders'])).rejects.toMatchObject({ code: 'SHERD_INTROSPECTION' })
    expect(await ask(sql, ['notes'])).toEqual([])
  })
})
