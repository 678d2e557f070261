import { AssertionError } from 'node:assert'

import { Kysely, SqliteDialect } from 'kysely'
import { afterEach, describe, expect, test } from 'vitest'

import { kyselySqliteDialect } from '../../src/orm/kysely.ts'
import {
  expectShards,
  failOnScatter,
  openTestSherd,
  recordStatements,
  type TestSherd,
  type TestSherdOptions,
} from '../../src/testing/index.ts'
import { defineConfig } from '../../src/topology/define-config.ts'
import { isolated, pinned, reference, sharded } from '../../src/topology/table-kinds.ts'

const tables = {
  orders: sharded('shop', 'user_id'),
  countries: reference('shop'),
  settings: isolated('shop'),
  audit: pinned('archive'),
}
const schema = [
  'CREATE TABLE orders (user_id INTEGER NOT NULL, id INTEGER NOT NULL, country TEXT, PRIMARY KEY (user_id, id))',
  'CREATE INDEX by_country ON orders (country)',
  'CREATE TABLE countries (code TEXT NOT NULL PRIMARY KEY, name TEXT)',
  'CREATE TABLE settings (name TEXT PRIMARY KEY)',
  'CREATE TABLE audit (id INTEGER)',
  'CREATE TABLE notes (id INTEGER)',
  "INSERT INTO countries VALUES ('KR', 'Korea')",
]

let opened: TestSherd | undefined
afterEach(async () => {
  await opened?.close()
  opened = undefined
})
async function open(options: TestSherdOptions = { tables, schema }): Promise<TestSherd> {
  opened = await openTestSherd(options)
  return opened
}

async function rowsOf({ sherd }: TestSherd, sql: string, values: readonly unknown[] = []) {
  const connection = sherd.connection()
  try {
    return (await connection.execute(sql, values)).rows
  } finally {
    connection.release()
  }
}

/** Keys of different logical shards. */
function keysOnShards({ sherd }: TestSherd, many: number): readonly number[] {
  const keys = new Map<string, number>()
  for (let key = 1; keys.size < many; key++) keys.set(sherd.locate('shop', key).name, key)
  return [...keys.values()]
}

async function failureOf(promise: Promise<unknown>): Promise<Error> {
  try {
    await promise
  } catch (error) {
    if (error instanceof Error) return error
  }
  throw new Error('nothing was thrown')
}

describe('openTestSherd', () => {
  test('puts each table where its kind belongs, and fills copies', async () => {
    const shop = await open()
    expect(shop.config.shardGroups.get('shop')?.shards).toHaveLength(4)
    expect(await rowsOf(shop, 'INSERT INTO orders (user_id, id, country) VALUES (7, 1, ?)', ['KR'])).toEqual(
      [],
    )
    const join =
      'SELECT o.id, c.name FROM orders o JOIN countries c ON c.code = o.country WHERE o.user_id = 7'
    expect(await rowsOf(shop, join)).toEqual([{ id: 1, name: 'Korea' }])
    for (const { name } of shop.config.shardGroups.get('shop')?.shards ?? [])
      await shop.sherd.onShard(name, () => rowsOf(shop, "INSERT INTO settings VALUES ('theme')"))
    await rowsOf(shop, 'INSERT INTO audit VALUES (1)')
    expect(await rowsOf(shop, 'SELECT * FROM notes')).toEqual([])
  })

  test('gives each call databases of its own', async () => {
    const first = await open()
    const second = await openTestSherd({ tables, schema })
    await rowsOf(first, 'INSERT INTO orders (user_id, id) VALUES (7, 1)')
    expect(await rowsOf(second, 'SELECT * FROM orders WHERE user_id = 7')).toEqual([])
    await second.close()
  })

  test('keeps groups, routing and tables of a config, and not its servers', async () => {
    const servers = [{ primary: 'mysql://app:x@db1.invalid/' }, { primary: 'mysql://app:x@db2.invalid/' }]
    const config = defineConfig({
      databases: {
        default: { primary: 'mysql://app:x@db0.invalid/main' },
        archive: { primary: 'mysql://app:x@db9.invalid/main' },
      },
      shardGroups: { shop: { databaseName: 'store', logicalShards: 24, routing: 'ring', servers } },
      tables,
      transactions: 'xa',
    })
    const shop = await open({ config, schema })
    const group = shop.config.shardGroups.get('shop')
    expect(group).toMatchObject({ databaseName: 'store', routing: { strategy: 'ring', virtualNodes: 512 } })
    expect(group?.servers).toHaveLength(4)
    expect(shop.config.transactions).toBe('best-effort')
    for (const key of [1, 42, 99])
      expect(shop.sherd.locate('shop', key).index).toBe(
        config.shardGroups
          .get('shop')
          ?.shards.find(({ name }) => name === shop.sherd.locate('shop', key).name)?.index,
      )
    await rowsOf(shop, 'INSERT INTO orders (user_id, id) VALUES (42, 1)')
    expect(await rowsOf(shop, 'SELECT id FROM orders WHERE user_id = 42')).toEqual([{ id: 1 }])
  })

  test('serves an ORM', async () => {
    const shop = await open()
    const db = new Kysely<{ orders: { user_id: number; id: number } }>({
      dialect: kyselySqliteDialect(shop.sherd, SqliteDialect),
    })
    await expectShards(1, () => db.insertInto('orders').values({ user_id: 3, id: 1 }).execute())
  })

  test.each<[string, TestSherdOptions, string]>([
    ['neither config nor tables', {}, 'SHERD_CONFIG_VALUE'],
    ['tables of no group', { tables: { audit: pinned('archive') } }, 'SHERD_CONFIG_VALUE'],
    ['a schema that cannot be read', { tables, schema: ['CREATE TABLE orders ('] }, 'SHERD_SQL_SYNTAX'],
  ])('refuses %s', async (_, options, code) => {
    await expect(openTestSherd(options)).rejects.toMatchObject({ code })
  })
})

describe('expectShards', () => {
  test('gives what the body gives when its statements are on so many logical shards', async () => {
    const shop = await open()
    const [one = 0, other = 0] = keysOnShards(shop, 2)
    const read = (key: number) => rowsOf(shop, 'SELECT * FROM orders WHERE user_id = ?', [key])
    expect(await expectShards(1, () => read(one))).toEqual([])
    await expectShards(2, () => Promise.all([read(one), read(other), read(one)]))
    await expectShards(0, () => rowsOf(shop, 'SELECT * FROM notes'))
    await expectShards(4, () => shop.sherd.scatter(() => rowsOf(shop, 'SELECT * FROM orders')))
  })

  test('throws an AssertionError with the statements and no values', async () => {
    const shop = await open()
    const error = await failureOf(
      expectShards(1, () =>
        shop.sherd.scatter(() =>
          rowsOf(shop, "SELECT * FROM orders WHERE country = 'secret' AND id > ?", [4711]),
        ),
      ),
    )
    expect(error).toBeInstanceOf(AssertionError)
    expect(error).toMatchObject({ actual: 4, expected: 1 })
    expect(error.message).toContain(
      'scatter on shop_0, shop_1, shop_2, shop_3: SELECT * FROM orders WHERE country = ?',
    )
    expect(error.message).not.toMatch(/secret|4711/)
  })

  test('lets an error of the body through, and stops listening', async () => {
    const shop = await open()
    await expect(expectShards(1, () => rowsOf(shop, 'SELECT * FROM orders'))).rejects.toMatchObject({
      code: 'SHERD_NO_SHARD_KEY',
    })
    await expect(expectShards(1, () => undefined)).rejects.toThrow('no statement at all')
  })
})

describe('failOnScatter', () => {
  test('throws once for statements without a key, and not for several keys', async () => {
    const shop = await open()
    const oneServer = await openTestSherd({
      config: defineConfig({
        databases: { default: { primary: 'sqlite::memory:' }, archive: { primary: 'sqlite::memory:' } },
        shardGroups: {
          shop: { databaseName: 'shop', logicalShards: 3, servers: [{ primary: 'sqlite::memory:' }] },
        },
        tables,
      }),
      schema,
    })
    const guard = failOnScatter()
    try {
      await rowsOf(shop, 'SELECT * FROM orders WHERE user_id IN (1, 2, 3, 4, 5, 6)')
      guard.check()
      await shop.sherd.scatter(() => rowsOf(shop, 'SELECT COUNT(*) AS n FROM orders'))
      expect(guard.check).toThrow('SELECT COUNT(*) AS n FROM orders')
      guard.check()
      await oneServer.sherd.scatter(() => rowsOf(oneServer, 'UPDATE orders SET country = NULL'), {
        writes: true,
      })
      expect(guard.check).toThrow(AssertionError)
    } finally {
      guard.stop()
      await oneServer.close()
    }
    await shop.sherd.scatter(() => rowsOf(shop, 'SELECT * FROM orders'))
    guard.check()
  })
})

describe('recordStatements', () => {
  test('has text, outcome, shards and reason of each statement', async () => {
    const shop = await open()
    const shard = shop.sherd.locate('shop', 42).name
    const recorder = recordStatements()
    await rowsOf(shop, 'SELECT id FROM orders WHERE user_id = 42')
    await rowsOf(shop, 'SELECT id FROM orders').catch(() => undefined)
    await rowsOf(shop, 'SELECT id FROM notes')
    recorder.stop()
    await rowsOf(shop, 'SELECT id FROM notes')
    expect(recorder.statements).toMatchObject([
      {
        operation: 'SELECT',
        tables: ['orders'],
        text: 'SELECT id FROM orders WHERE user_id = ?',
        outcome: 'direct',
        reason: 'key',
        shardGroup: 'shop',
        shards: [shard],
        error: undefined,
      },
      { outcome: 'refuse', shards: [], error: { code: 'SHERD_NO_SHARD_KEY' } },
      { outcome: 'passthrough', reason: 'table', shards: [] },
    ])
  })
})
