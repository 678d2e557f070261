import Database from 'libsql'
import { afterEach, beforeEach, expect, test } from 'vitest'
import type { SqliteHandle, SqliteLibrary } from '../../src/drivers/sqlite-library.ts'
import { createSherd } from '../../src/facade/create-sherd.ts'
import type { SherdConnection } from '../../src/facade/sherd-connection.ts'
import type { Sherd } from '../../src/facade/sherd.ts'
import { defineConfig } from '../../src/topology/define-config.ts'
import { sharded } from '../../src/topology/table-kinds.ts'
import { Random } from '../oracle/random.ts'
import { makeSplitWrite, splitWrites } from './split-writes.ts'

let sherd: Sherd
let connection: SherdConnection
/** The same table and rows in one database, asked without sherd. */
let plain: SqliteHandle

const table = `CREATE TABLE sales (user_id INTEGER NOT NULL, id INTEGER NOT NULL, product TEXT NOT NULL, total INTEGER NOT NULL,
  PRIMARY KEY (user_id, id), CHECK (total < 1000))`
const memory = { primary: 'sqlite::memory:' }

beforeEach(async () => {
  sherd = await createSherd(
    defineConfig({
      databases: { default: memory },
      shardGroups: { shop: { databaseName: 'shop', logicalShards: 4, servers: [memory, memory] } },
      tables: { sales: sharded('shop', 'user_id') },
    }),
  )
  connection = sherd.connection()
  // libsql's own types say less than those sherd's driver states of it.
  plain = new (Database as unknown as SqliteLibrary)(':memory:', { timeout: 100 })
  plain.exec(table)
  for (const name of shardNames()) await sherd.onShard(name, () => connection.execute(table))
  await fill()
})

async function fill(): Promise<void> {
  plain.exec('DELETE FROM sales')
  for (const name of shardNames()) await sherd.onShard(name, () => connection.execute('DELETE FROM sales'))
  for (const key of Object.values(chooseKeys())) {
    for (const id of [1, 2, 3]) {
      const row = `INSERT INTO sales (user_id, id, product, total) VALUES (${key}, ${id}, '${key}/${id}', ${id * 10})`
      plain.exec(row)
      await connection.execute(row)
    }
  }
}

afterEach(async () => {
  connection.release()
  plain.close()
  await sherd.close()
})

const shardNames = () => sherd.topology.shardGroups.get('shop')?.shards.map(({ name }) => name) ?? []

/** Two keys of one logical shard, one of another on the same server, one of the other server. */
function chooseKeys() {
  const home = sherd.locate('shop', 1)
  const find = (isRight: (shard: typeof home) => boolean): number => {
    for (let key = 2; ; key++) if (isRight(sherd.locate('shop', key))) return key
  }
  return {
    here: 1,
    twin: find((shard) => shard === home),
    near: find((shard) => shard !== home && shard.server === home.server),
    far: find((shard) => shard.server !== home.server),
  }
}

const all = 'SELECT user_id, id, product, total FROM sales'
const printed = (rows: readonly unknown[]) => rows.map((row) => JSON.stringify(row)).toSorted()
async function contents(): Promise<readonly string[]> {
  const found: string[] = []
  for (const name of shardNames())
    found.push(...printed((await sherd.onShard(name, () => connection.execute(all))).rows))
  return found.toSorted()
}

const errorOf = (promise: Promise<unknown>) =>
  promise.then(
    () => undefined,
    (error: unknown) => error as Error & { code?: unknown },
  )

test.each(splitWrites.flatMap(({ name, make, isMysqlOnly }) => (isMysqlOnly ? [] : [[name, make] as const])))(
  'a write over logical shards of one SQLite server writes and counts as one database does: %s',
  async (_name, make) => {
    const { sql, values } = make(chooseKeys())
    const { changes } = plain.prepare(sql).run(values)
    expect(await connection.execute(sql, values)).toMatchObject({ affectedRows: changes, insertId: 0 })
    expect(await contents()).toEqual(printed(plain.prepare(all).all([])))
  },
)

test('400 random writes over logical shards of one SQLite server write and count as one database does', async () => {
  const seed = 20_261_123
  const random = new Random(seed)
  const { here, twin, near } = chooseKeys()
  for (let round = 0; round < 400; round++) {
    if (round % 10 === 0) await fill()
    const { sql, values } = makeSplitWrite(random, [here, twin, near], 'sqlite')
    const message = `seed ${seed}, round ${round}: ${sql} with ${JSON.stringify(values)}`
    const { changes } = plain.prepare(sql).run(values)
    expect((await connection.execute(sql, values)).affectedRows, message).toBe(changes)
    expect(await contents(), message).toEqual(printed(plain.prepare(all).all([])))
  }
})

test('a split UPDATE leaves nothing when the second logical shard fails, in a transaction and outside', async () => {
  const { here, near } = chooseKeys()
  const failing = 'UPDATE sales SET total = CASE user_id WHEN ? THEN 2000 ELSE 7 END WHERE user_id IN (?, ?)'
  const before = await contents()
  expect((await errorOf(connection.execute(failing, [near, here, near])))?.code).toMatch(/SQLITE_CONSTRAINT/)
  expect(await contents()).toEqual(before)
  await connection.execute('BEGIN')
  await connection.execute('SAVEPOINT mine')
  await connection.execute('DELETE FROM sales WHERE user_id = ? OR user_id = ?', [here, near])
  await connection.execute('ROLLBACK TO SAVEPOINT mine')
  expect((await errorOf(connection.execute(failing, [near, here, near])))?.code).toMatch(/SQLITE_CONSTRAINT/)
  const add = 'UPDATE sales SET total = total + 1 WHERE user_id IN (?, ?)'
  await connection.execute(add, [here, near])
  await connection.execute('COMMIT')
  plain.prepare(add).run([here, near])
  expect(await contents()).toEqual(printed(plain.prepare(all).all([])))
})

test('a split write over two SQLite servers is refused, and one with RETURNING says why it is not split', async () => {
  const { here, near, far } = chooseKeys()
  const before = await contents()
  const error = await errorOf(connection.execute('DELETE FROM sales WHERE user_id IN (?, ?)', [here, far]))
  expect(error?.code).toBe('SHERD_SEVERAL_SERVERS')
  const returning = await errorOf(
    connection.execute('DELETE FROM sales WHERE user_id IN (?, ?) RETURNING id', [here, near]),
  )
  expect(returning?.code).toBe('SHERD_SEVERAL_SHARDS')
  expect(returning?.message).toContain('its RETURNING keeps it from being split')
  expect(await contents()).toEqual(before)
})

test('an OR of full tuples reads the rows that one database reads', async () => {
  const { here, near, far } = chooseKeys()
  const sql = `${all} WHERE ((user_id = ? AND (id = ?)) OR (user_id = ? AND id IN (?, ?)) OR user_id = ?) AND total < ?`
  const values = [here, 2, far, 1, 3, near, 30]
  const { rows } = await connection.execute(sql, values)
  expect(printed(rows)).toEqual(printed(plain.prepare(sql).all(values)))
  expect(rows).toHaveLength(4)
})
