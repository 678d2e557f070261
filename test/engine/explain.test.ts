import { describe, expect, test } from 'vitest'
import { explain } from '../../src/engine/explain.ts'
import { createSherd } from '../../src/facade/create-sherd.ts'
import { locate } from '../../src/routing/locate.ts'
import { defineConfig } from '../../src/topology/define-config.ts'
import { isolated, pinned, reference, sharded } from '../../src/topology/table-kinds.ts'

const url = 'mysql://user:password@db.test'
const config = defineConfig({
  databases: {
    default: { primary: `${url}/main`, replicas: [`${url}:3307/main`] },
    meta: { primary: `${url}/meta` },
  },
  shardGroups: {
    product: {
      databaseName: 'product',
      logicalShards: 4,
      servers: [{ primary: `${url}:4001/`, replicas: [`${url}:5001/`] }, { primary: `${url}:4002/` }],
    },
    archive: {
      databaseName: 'archive',
      logicalShards: 4,
      routing: {
        strategy: 'directory',
        table: { database: 'default', name: 'places', keyColumn: 'id', shardColumn: 'shard' },
        pins: { 7: 3 },
      },
      servers: [{ primary: `${url}:4003/` }],
    },
  },
  tables: {
    orders: sharded('product', 'user_id'),
    users: sharded('product', 'id'),
    events: sharded('archive', 'user_id'),
    currencies: reference('product'),
    counters: isolated('product'),
    audit: pinned('meta'),
  },
})
const secret = 918_273_645

/** Users of each logical shard of `product`, in the order of the shards. */
const users = config.shardGroups
  .get('product')!
  .shards.map((shard) => [...Array(200).keys()].filter((key) => locate(config, 'product', key) === shard))
const [first, , third] = users as [number[], number[], number[], number[]]
const a = first[0] ?? 0
const b = first[1] ?? 0
const far = third[0] ?? 0

describe('an explanation', () => {
  test('of a statement with its key tells shard, server, roles, how the key was found and the text', () => {
    const sql = 'SELECT * FROM orders JOIN users ON users.id = orders.user_id WHERE orders.user_id = ?'
    expect(explain(config, sql, [a])).toEqual({
      sql,
      outcome: 'direct',
      isRead: true,
      tables: [
        { name: 'orders', kind: 'sharded', home: 'product', key: 'user_id' },
        { name: 'users', kind: 'sharded', home: 'product', key: 'id' },
      ],
      shardGroup: 'product',
      keys: [
        {
          tables: ['orders', 'users'],
          column: 'user_id',
          foundBy: [
            {
              how: '=',
              text: 'orders.user_id = ?',
              start: sql.indexOf('orders.user_id = ?'),
              end: sql.length,
            },
          ],
        },
      ],
      runs: [
        {
          shard: 'product_0',
          server: config.shardGroups.get('product')!.shards[0]!.server.id,
          roles: ['primary', 'replica'],
          sql: 'SELECT * FROM `product_0`.orders JOIN `product_0`.users ON users.id = orders.user_id WHERE orders.user_id = ?',
        },
      ],
      notes: [],
    })
  })

  test('prints itself in lines and is JSON', () => {
    const found = explain(config, 'SELECT * FROM orders WHERE user_id = ?', [a])
    expect(String(found)).toBe(
      [
        'direct in group product, read',
        '  table orders: sharded, group product by user_id',
        '  key user_id of orders: = at [27, 38) user_id = ?',
        `  product_0 on ${found.runs[0]?.server} (primary or replica)`,
        '    SELECT * FROM `product_0`.orders WHERE user_id = ?',
      ].join('\n'),
    )
    expect(JSON.parse(JSON.stringify(found))).toEqual(found)
  })

  test('is frozen in all its parts', () => {
    const found = explain(config, 'SELECT * FROM orders WHERE user_id = ?', [a])
    for (const part of [found, found.runs, found.runs[0], found.tables, found.keys[0]?.foundBy])
      expect(Object.isFrozen(part)).toBe(true)
  })

  test('never holds a value', () => {
    for (const sql of [
      'SELECT * FROM orders WHERE user_id = ?',
      'SELECT * FROM orders WHERE user_id = ? FOR UPDATE',
      'SELECT * FROM orders WHERE cents = ?',
      'SELECT * FROM orders, events WHERE orders.user_id = ?',
      'SELECT * FROM strangers WHERE id = ?',
      'INSERT IGNORE INTO orders (user_id) VALUES (?)',
    ]) {
      for (const value of [secret, `${secret}x`, secret * 1e6]) {
        const found = explain(config, sql, [value])
        expect(String(found) + JSON.stringify(found), sql).not.toContain(String(secret))
      }
    }
  })
})

describe('the outcome', () => {
  const outcomes: readonly (readonly [string, readonly unknown[] | undefined, string, readonly string[]])[] =
    [
      ['SELECT * FROM orders WHERE user_id = ?', [a], 'direct', ['product_0']],
      [`SELECT * FROM orders WHERE user_id = ${a}`, undefined, 'direct', ['product_0']],
      ['SELECT * FROM orders WHERE user_id = ?', undefined, 'direct', []],
      ['SELECT * FROM orders WHERE user_id IN (?, ?)', undefined, 'subset', []],
      ['SELECT * FROM orders WHERE user_id IN (?, ?)', [a, b], 'direct', ['product_0']],
      ['SELECT * FROM orders WHERE user_id IN (?, ?)', [a, far], 'subset', ['product_0', 'product_2']],
      ['INSERT INTO orders (user_id) VALUES (?)', [far], 'direct', ['product_2']],
      ['DELETE FROM orders WHERE user_id = ?', [far], 'direct', ['product_2']],
      ['SELECT * FROM counters /* sherd: shard=product_3 */', [], 'direct', ['product_3']],
      [`UPDATE orders SET cents = 1 /* sherd: key=${far} */`, [], 'direct', ['product_2']],
      ['SELECT * FROM strangers', [], 'passthrough', ['default']],
      ['SELECT * FROM audit', [], 'passthrough', ['meta']],
      ['SELECT * FROM currencies', [], 'passthrough', ['default']],
      ['SELECT * FROM currencies /* sherd: shard=product_1 */', [], 'passthrough', ['product_1']],
      ['BEGIN', [], 'passthrough', []],
      ['SET autocommit = 1', [], 'passthrough', []],
    ]
  test.each(outcomes)('of %s with %j is %s', (sql, values, outcome, places) => {
    const found = explain(config, sql, values)
    expect(found.outcome).toBe(outcome)
    expect(found.runs.map(({ shard }) => shard ?? found.database)).toEqual(places)
  })

  const refusals: readonly (readonly [string, readonly unknown[] | undefined, string])[] = [
    ['SELECT * FROM orders', [], 'SHERD_NO_SHARD_KEY'],
    ['SELECT * FROM orders WHERE cents = ?', undefined, 'SHERD_NO_SHARD_KEY'],
    ['SELECT * FROM counters', [], 'SHERD_SHARD_SCOPE_NEEDED'],
    ['SELECT * FROM orders WHERE', [], 'SHERD_SQL_SYNTAX'],
    ['SELECT * FROM orders, audit', [], 'SHERD_MIXED_TABLES'],
    ['SELECT * FROM orders WHERE user_id = ?', [], 'SHERD_VALUE_COUNT'],
    ['SELECT * FROM orders WHERE user_id = ?', ['01'], 'SHERD_KEY_FORM'],
    ['DELETE FROM orders WHERE user_id IN (?, ?) LIMIT 1', [a, far], 'SHERD_SEVERAL_SHARDS'],
    ['DELETE FROM orders WHERE user_id IN (?, ?)', [a, far], 'SHERD_SEVERAL_SERVERS'],
    ['INSERT INTO orders (user_id) VALUES (?), (?)', [a, far], 'SHERD_SEVERAL_SERVERS'],
    ['SELECT * FROM orders WHERE user_id = ? /* sherd: shard=product_1 */', [a], 'SHERD_HINT_CONTRADICTED'],
    ['COMMIT RELEASE', [], 'SHERD_TRANSACTION_UNSUPPORTED'],
    ["SET sql_mode = ''", [], 'SHERD_SET_REFUSED'],
  ]
  test.each(refusals)('of %s with %j is refuse: %s', (sql, values, code) => {
    const found = explain(config, sql, values)
    expect(found).toMatchObject({ outcome: 'refuse', refusal: { code }, runs: [] })
    expect(found.refusal?.remedy).not.toBe('')
    expect(found.refusal?.message).not.toContain(found.refusal?.remedy)
    expect(String(found)).toContain(found.refusal?.remedy)
  })

  test('of a statement without a key is direct on a named shard', () => {
    const found = explain(config, 'SELECT * FROM orders WHERE cents = ?', [1], { onShard: 'product_2' })
    expect(found).toMatchObject({ outcome: 'direct', runs: [{ shard: 'product_2' }] })
    expect(explain(config, 'SELECT * FROM currencies', [], { onShard: 'product_2' }).runs).toMatchObject([
      { shard: 'product_2', sql: 'SELECT * FROM `product_2`.currencies' },
    ])
  })

  test('of a write never names a replica', () => {
    expect(explain(config, 'UPDATE orders SET cents = 1 WHERE user_id = ?', [a]).runs[0]?.roles).toEqual([
      'primary',
    ])
    expect(explain(config, 'SELECT * FROM orders WHERE user_id = ? FOR UPDATE', [a]).runs[0]?.roles).toEqual([
      'primary',
    ])
  })
})

describe('a directory kept in a table', () => {
  test('leaves the shard of an unpinned key open, with a note', () => {
    for (const sql of ['SELECT * FROM events WHERE user_id = 8', 'SELECT * FROM events /* sherd: key=8 */']) {
      const found = explain(config, sql)
      expect(found).toMatchObject({ outcome: 'direct', runs: [] })
      expect(found.notes.join(' ')).toContain('directory')
    }
  })

  test('tells the shard of a pinned key', () => {
    for (const sql of ['SELECT * FROM events WHERE user_id = 7', 'SELECT * FROM events /* sherd: key=7 */']) {
      expect(explain(config, sql).runs).toMatchObject([{ shard: 'archive_3' }])
    }
  })
})

test('the policy of the config decides which roles a read may have', () => {
  const [primary, replicas] = [`${url}/main`, [`${url}:3307/main`]]
  const rolesWith = (reads: 'causal' | 'replica' | 'primary') =>
    explain(defineConfig({ databases: { default: { primary, replicas, reads } } }), 'SELECT id FROM notes')
      .runs[0]?.roles
  expect(rolesWith('causal')).toEqual(['primary', 'replica'])
  expect(rolesWith('replica')).toEqual(['primary', 'replica'])
  expect(rolesWith('primary')).toEqual(['primary'])
})

describe('sherd.explain', () => {
  test('says the same as explain of its config, and sees the scope', async () => {
    const sherd = await createSherd(config)
    const sql = 'SELECT * FROM orders WHERE cents = ?'
    const scoped = await sherd.onShard('product_1', () => sherd.explain(sql, [1]))
    expect(scoped).toEqual(explain(config, sql, [1], { onShard: 'product_1' }))
    expect(await sherd.explain(sql, [1])).toEqual(explain(config, sql, [1]))
    const fresh = await sherd.fresh(() => sherd.explain('SELECT * FROM orders WHERE user_id = ?', [a]))
    expect(fresh.runs[0]?.roles).toEqual(['primary'])
    await expect(sherd.explain(sql, [1], { onShard: 'product_9' })).rejects.toMatchObject({
      code: 'SHERD_UNKNOWN_SHARD',
    })
    await sherd.close()
  })
})
