import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { SherdError } from '../../src/errors/sherd-error.ts'
import { createSherd } from '../../src/facade/create-sherd.ts'
import type { SherdConnection } from '../../src/facade/sherd-connection.ts'
import type { Sherd } from '../../src/facade/sherd.ts'
import { defineConfig } from '../../src/topology/define-config.ts'
import { isolated, reference, sharded } from '../../src/topology/table-kinds.ts'

let sherd: Sherd
let connection: SherdConnection

/** The status tables are declared so that the tests can write them. */
const status = 'sherd_reference_status'

beforeEach(async () => {
  sherd = await createSherd(
    defineConfig({
      databases: { default: { primary: 'sqlite::memory:' } },
      shardGroups: {
        shop: {
          databaseName: 'shop',
          logicalShards: 4,
          servers: [{ primary: 'sqlite::memory:' }, { primary: 'sqlite::memory:' }],
        },
      },
      tables: {
        orders: sharded('shop', 'user_id'),
        Countries: reference('shop'),
        colours: reference('shop', { copies: 'unmanaged' }),
        [status]: isolated('shop'),
      },
    }),
  )
  connection = sherd.connection()
  await connection.execute('CREATE TABLE Countries (code TEXT PRIMARY KEY, name TEXT)')
  await connection.execute('CREATE TABLE colours (id INTEGER)')
  await connection.execute('CREATE TABLE orders (user_id INTEGER, id INTEGER, country TEXT)')
  await connection.execute("INSERT INTO countries VALUES ('KR', 'source')")
})
afterEach(async () => {
  connection.release()
  await sherd.close()
})

const shardNames = () => sherd.topology.shardGroups.get('shop')?.shards.map(({ name }) => name) ?? []
const join =
  'SELECT o.id, c.name FROM orders o JOIN countries c ON c.code = o.country WHERE o.user_id = ? ORDER BY o.id'

/** The first key of each logical shard, in their order. */
function keys(): readonly number[] {
  return shardNames().map((name) => {
    for (let key = 1; ; key++) if (sherd.locate('shop', key).name === name) return key
  })
}

async function fill(shard: string): Promise<void> {
  await sherd.onShard(shard, async () => {
    await connection.execute(`CREATE TABLE ${status} (table_name TEXT PRIMARY KEY, is_complete INTEGER)`)
    await connection.execute(`INSERT INTO ${status} VALUES ('Countries', 1), ('colours', 0)`)
  })
}

const codeOf = (promise: Promise<unknown>) =>
  promise.then(
    () => 'done',
    (error: unknown) => (error as { code?: unknown }).code,
  )

describe('a copy that is not filled yet', () => {
  test('is not read, and the refusal says which one and that it may be tried again', async () => {
    const [key] = keys()
    const [shard] = shardNames()
    const error: unknown = await connection.execute(join, [key]).catch((failure: unknown) => failure)
    expect(error).toBeInstanceOf(SherdError)
    expect(error).toMatchObject({
      code: 'SHERD_REFERENCE_NOT_READY',
      kind: 'unavailable',
      isRetryable: true,
      details: { table: 'Countries', shard, shardGroup: 'shop', server: 'shop/0' },
    })
    expect(String(error)).toContain(`reference table Countries on logical shard ${shard}`)
  })

  test('is not read by any kind of statement, and by all of them when it is filled', async () => {
    const [first = 0, second = 0, third = 0] = keys()
    const [shard = ''] = shardNames()
    const list = `SELECT o.id FROM orders o JOIN countries c ON c.code = o.country WHERE o.user_id IN (?, ?)`
    const everywhere = 'SELECT o.id FROM orders o JOIN countries c ON c.code = o.country'
    const counted =
      'SELECT c.name, COUNT(*) FROM orders o JOIN countries c ON c.code = o.country GROUP BY c.name'
    const isIn = 'country IN (SELECT code FROM countries)'
    const inTransaction = async (sql: string, values: readonly unknown[]): Promise<void> => {
      await connection.execute('BEGIN')
      try {
        await connection.execute('SELECT id FROM orders WHERE user_id = ?', [first])
        await connection.execute(sql, values)
      } finally {
        await connection.execute('ROLLBACK')
      }
    }
    const statements: Readonly<Record<string, () => Promise<unknown>>> = {
      direct: () => connection.execute(join, [first]),
      subset: () => connection.execute(list, [first, third]),
      'subset of one server': () => connection.execute(list, [first, second]),
      scatter: () => sherd.scatter(() => connection.execute(everywhere)),
      'finished scatter': () => sherd.scatter(() => connection.execute(counted)),
      'insert from select': () =>
        connection.execute('INSERT INTO orders (user_id, id, country) SELECT ?, 1, code FROM countries', [
          first,
        ]),
      update: () => connection.execute(`UPDATE orders SET id = 2 WHERE user_id = ? AND ${isIn}`, [first]),
      'split delete': () =>
        connection.execute(`DELETE FROM orders WHERE user_id IN (?, ?) AND ${isIn}`, [first, second]),
      'in a transaction': () => inTransaction(join, [first]),
      'alone in a transaction': () => inTransaction('SELECT * FROM countries', []),
      'alone in onShard': () => sherd.onShard(shard, () => connection.execute('SELECT * FROM countries')),
      'alone in withShardKey': () =>
        sherd.withShardKey('shop', first, () => connection.execute('SELECT * FROM countries')),
      'alone with a hint': () => connection.execute(`SELECT * FROM countries /* sherd: shard=${shard} */`),
    }
    const run = async (): Promise<Record<string, unknown>> => {
      const codes: Record<string, unknown> = {}
      for (const [name, start] of Object.entries(statements)) codes[name] = await codeOf(start())
      return codes
    }
    const all = (code: string) => Object.fromEntries(Object.keys(statements).map((name) => [name, code]))
    expect(await run()).toEqual(all('SHERD_REFERENCE_NOT_READY'))
    for (const name of shardNames()) await fill(name)
    await expect.poll(async () => codeOf(connection.execute(join, [first])), { timeout: 5_000 }).toBe('done')
    await expect.poll(async () => codeOf(connection.execute(join, [third])), { timeout: 5_000 }).toBe('done')
    expect(await run()).toEqual(all('done'))
  })

  test('holds up neither the source nor copies elsewhere nor those that sherd does not keep', async () => {
    const [first, second] = keys()
    const [, shard = ''] = shardNames()
    await fill(shard)
    expect(await codeOf(connection.execute(join, [second]))).toBe('done')
    expect(await codeOf(connection.execute(join, [first]))).toBe('SHERD_REFERENCE_NOT_READY')
    expect(await connection.execute('SELECT name FROM countries')).toMatchObject({
      rows: [{ name: 'source' }],
    })
    const colours = 'SELECT o.id FROM orders o JOIN colours c ON c.id = o.id WHERE o.user_id = ?'
    expect(await codeOf(connection.execute(colours, [first]))).toBe('done')
  })

  test('leaves its shard out where a scatter may do without some, and the others of its server in', async () => {
    const [, second = '', third = '', fourth = ''] = shardNames()
    for (const shard of [second, third, fourth]) await fill(shard)
    const missing: unknown[] = []
    const sql = 'SELECT COUNT(*) AS orders FROM orders o JOIN countries c ON c.code = o.country'
    await sherd.scatter(() => connection.execute(sql), {
      partial: 'report',
      onMissing: (shards) => missing.push(...shards.map((one) => one.shard)),
    })
    expect(missing).toEqual([shardNames()[0]])
  })
})

describe('a copy that sherd keeps', () => {
  test('is not written inside onShard or by a hint', async () => {
    const [shard = ''] = shardNames()
    const writes = [
      "INSERT INTO countries VALUES ('JP', 'Japan')",
      "REPLACE INTO countries VALUES ('JP', 'Japan')",
      "UPDATE countries SET name = 'x'",
      'DELETE FROM countries',
    ]
    for (const sql of writes) {
      const error: unknown = await sherd
        .onShard(shard, () => connection.execute(sql))
        .catch((failure: unknown) => failure)
      expect(error, sql).toMatchObject({
        code: 'SHERD_REFERENCE_COPY',
        kind: 'refused',
        details: { table: 'Countries' },
      })
      expect(String(error)).toContain('outside of onShard')
      expect(await codeOf(connection.execute(`${sql} /* sherd: shard=${shard} */`))).toBe(
        'SHERD_REFERENCE_COPY',
      )
    }
  })

  test('is left alone by writes in every other scope, which go to the source', async () => {
    const [first] = keys()
    await connection.execute("INSERT INTO countries VALUES ('JP', 'Japan')")
    await sherd.withShardKey('shop', first, () =>
      connection.execute("DELETE FROM countries WHERE code = 'KR'"),
    )
    expect(await connection.execute('SELECT code FROM countries')).toMatchObject({ rows: [{ code: 'JP' }] })
  })

  test('may be created, altered and dropped inside onShard', async () => {
    const [shard = ''] = shardNames()
    await sherd.onShard(shard, async () => {
      await connection.execute('ALTER TABLE countries ADD COLUMN size INTEGER')
      await connection.execute('DROP TABLE countries')
    })
  })

  test('is explained as refused where it would be written', async () => {
    const [shard = ''] = shardNames()
    const found = await sherd.onShard(shard, () => sherd.explain('DELETE FROM countries'))
    expect(found).toMatchObject({ outcome: 'refuse', refusal: { code: 'SHERD_REFERENCE_COPY' } })
  })
})

test('copies that sherd does not keep are written inside onShard', async () => {
  const [shard = ''] = shardNames()
  await sherd.onShard(shard, () => connection.execute('INSERT INTO colours VALUES (1)'))
  const found = await sherd.onShard(shard, () => connection.execute('SELECT id FROM colours'))
  expect(found).toMatchObject({ rows: [{ id: 1 }] })
})
