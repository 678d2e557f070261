import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { createSherd } from '../../src/facade/create-sherd.ts'
import type { SherdConnection } from '../../src/facade/sherd-connection.ts'
import type { Sherd } from '../../src/facade/sherd.ts'
import { defineConfig } from '../../src/topology/define-config.ts'
import { reference, sharded } from '../../src/topology/table-kinds.ts'

let sherd: Sherd
let connection: SherdConnection

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
      tables: { orders: sharded('shop', 'user_id'), countries: reference('shop', { copies: 'unmanaged' }) },
    }),
  )
  connection = sherd.connection()
  await connection.execute('CREATE TABLE countries (code TEXT PRIMARY KEY, name TEXT)')
  await connection.execute("INSERT INTO countries VALUES ('KR', 'source')")
  for (const name of shardNames()) {
    await sherd.onShard(name, async () => {
      await connection.execute('CREATE TABLE orders (user_id INTEGER, id INTEGER, PRIMARY KEY (user_id, id))')
      await connection.execute("INSERT INTO countries VALUES ('KR', 'copy')")
    })
  }
})
afterEach(async () => {
  connection.release()
  await sherd.close()
})

const shardNames = () => sherd.topology.shardGroups.get('shop')?.shards.map(({ name }) => name) ?? []
const insert = 'INSERT INTO orders (user_id, id) VALUES (?, ?)'
const read = 'SELECT id FROM orders WHERE user_id = ? ORDER BY id'

/** The first key of each logical shard: two shards of each server, in order. */
function keys(): readonly [number, number, number, number] {
  const first = (name: string) => {
    for (let key = 1; ; key++) if (sherd.locate('shop', key).name === name) return key
  }
  const [a, b, c, d] = shardNames().map(first)
  return [a ?? 0, b ?? 0, c ?? 0, d ?? 0]
}

const codeOf = (promise: Promise<unknown>) =>
  promise.then(
    () => 'done',
    (error: unknown) => (error as { code?: unknown }).code,
  )

describe('on SQLite', () => {
  test('statements find their logical shard by key, and lists are joined', async () => {
    const all = keys()
    for (const key of all) await connection.execute(insert, [key, key * 10])
    for (const key of all) expect((await connection.execute(read, [key])).rows).toEqual([{ id: key * 10 }])
    const { rows, columns } = await connection.execute(
      `SELECT id FROM orders WHERE user_id IN (?, ?, ?, ?)`,
      [...all],
      { rowsAsArray: true },
    )
    expect(columns).toEqual(['id'])
    expect(new Set(rows.flat())).toEqual(new Set(all.map((key) => key * 10)))
  })

  test('keys of a wrong form and statements without key are refused', async () => {
    const wrong = [1.5, '01', ' 1', '1abc', Number.NaN, true, null, undefined, new Date(0), {}, 2 ** 53 + 2]
    expect(await Promise.all(wrong.map((key) => codeOf(connection.execute(read, [key]))))).toEqual(
      wrong.map(() => 'SHERD_KEY_FORM'),
    )
    expect(await codeOf(connection.execute('DELETE FROM orders'))).toBe('SHERD_NO_SHARD_KEY')
    expect(await codeOf(connection.execute(read, []))).toBe('SHERD_VALUE_COUNT')
    expect(await codeOf(connection.execute(`${read} WHERE`, [1]))).toBe('SHERD_SQL_SYNTAX')
    expect(await codeOf(connection.execute(`${read}; DELETE FROM orders`, [1]))).toBe('SHERD_SQL_MULTIPLE')
  })

  test('a transaction holds two logical shards of one server together and refuses another server', async () => {
    const [here, near, far] = keys()
    await connection.execute('BEGIN')
    await connection.execute('SAVEPOINT early')
    await connection.execute(insert, [here, 1])
    await connection.execute(insert, [near, 1])
    expect(await codeOf(connection.execute(insert, [far, 1]))).toBe('SHERD_TRANSACTION_SERVER')
    await connection.execute('SELECT 1')
    await connection.execute('ROLLBACK')
    const readBoth = async () => [
      (await connection.execute(read, [here])).rows.length,
      (await connection.execute(read, [near])).rows.length,
    ]
    expect(await readBoth()).toEqual([0, 0])
    await connection.execute('BEGIN')
    await connection.execute('SELECT 1')
    await connection.execute(insert, [here, 1])
    await connection.execute(insert, [near, 1])
    await connection.execute('COMMIT')
    expect(await readBoth()).toEqual([1, 1])
  })

  test('a savepoint needs a transaction, and one that does not stand is missed by SQLite itself', async () => {
    expect(await codeOf(connection.execute('SAVEPOINT early'))).toBe('SHERD_NO_TRANSACTION')
    const missed = /no such savepoint: early/
    await expect(connection.execute('ROLLBACK TO SAVEPOINT early')).rejects.toThrow(missed)
    await connection.execute('BEGIN')
    await expect(connection.execute('RELEASE SAVEPOINT early')).rejects.toThrow(missed)
    await connection.execute('ROLLBACK')
  })

  test('a split INSERT leaves nothing when one row fails', async () => {
    const [here, near, far] = keys()
    const two = 'INSERT INTO orders (user_id, id) VALUES (?, ?), (?, ?)'
    expect(await connection.execute(two, [here, 1, near, 1])).toMatchObject({ affectedRows: 2, insertId: 0 })
    expect(await codeOf(connection.execute(two, [here, 2, near, 1]))).toMatch(/SQLITE_CONSTRAINT/)
    expect((await connection.execute(read, [here])).rows).toEqual([{ id: 1 }])
    expect(await codeOf(connection.execute(two, [here, 3, far, 3]))).toBe('SHERD_SEVERAL_SERVERS')
  })

  test('a released connection rolls back and takes no more', async () => {
    const [here] = keys()
    const left = sherd.connection()
    await left.execute('BEGIN')
    await left.execute(insert, [here, 1])
    left.release()
    left.release()
    expect(await codeOf(left.execute('SELECT 1'))).toBe('SHERD_CONNECTION_RELEASED')
    expect((await connection.execute(read, [here])).rows).toEqual([])
  })

  test('a reference table is read from its source, and from the copy in a scope', async () => {
    const name = async () => (await connection.execute('SELECT name FROM countries')).rows
    expect(await name()).toEqual([{ name: 'source' }])
    expect(await sherd.withShardKey('shop', 1, name)).toEqual([{ name: 'copy' }])
  })

  test('many statements at once on one virtual connection are answered in order', async () => {
    const [here] = keys()
    const order: number[] = []
    await Promise.all(
      Array.from({ length: 50 }, (_, index) =>
        connection
          .execute(index % 5 === 0 ? 'BEGIN' : insert, index % 5 === 0 ? [] : [here, index])
          .then(() => order.push(index)),
      ),
    )
    await connection.execute('COMMIT')
    expect(order).toEqual(Array.from({ length: 50 }, (_, index) => index))
    expect((await connection.execute(read, [here])).rows).toHaveLength(40)
  })

  test('sherd.pool is told not to be available', () => {
    expect(() => sherd.pool).toThrow(/sherd\.connection\(\)/)
  })
})
