import { afterEach, beforeEach, expect, test } from 'vitest'
import { createSherd } from '../../src/facade/create-sherd.ts'
import type { SherdConnection } from '../../src/facade/sherd-connection.ts'
import type { Sherd } from '../../src/facade/sherd.ts'
import { defineConfig } from '../../src/topology/define-config.ts'
import { sharded } from '../../src/topology/table-kinds.ts'

let sherd: Sherd
let connection: SherdConnection

const create = (table: string) =>
  `CREATE TABLE ${table} (id INTEGER UNIQUE, user_id INTEGER NOT NULL, amount INTEGER)`

/** Logical shards on one server, and a table beside them that holds what one database would hold. */
beforeEach(async () => {
  sherd = await createSherd(
    defineConfig({
      databases: { default: { primary: 'sqlite::memory:' } },
      shardGroups: {
        shop: { databaseName: 'shop', logicalShards: 4, servers: [{ primary: 'sqlite::memory:' }] },
      },
      tables: { payments: sharded('shop', 'user_id', { columns: ['id', 'user_id', 'amount'] }) },
    }),
  )
  connection = sherd.connection()
  await connection.execute(create('plain'))
  for (const name of shardNames()) await sherd.onShard(name, () => connection.execute(create('payments')))
})
afterEach(async () => {
  connection.release()
  await sherd.close()
})

const shardNames = () => sherd.topology.shardGroups.get('shop')?.shards.map(({ name }) => name) ?? []

/** Runs a statement on the shards and on the table beside them. */
async function runBoth(sql: string, values: readonly unknown[] = []): Promise<void> {
  await connection.execute(sql, [...values])
  await connection.execute(sql.replaceAll('payments', 'plain'), [...values])
}

interface Payment {
  readonly id: number
  readonly user_id: number
  readonly amount: number | null
}

/** The rows of all shards, after it was seen that each lies where its key leads. */
async function readShards(): Promise<readonly Payment[]> {
  const found: Payment[] = []
  for (const name of shardNames()) {
    const { rows } = await sherd.onShard(name, () => connection.execute('SELECT * FROM payments'))
    // The proof of the cast: the columns of the table.
    for (const row of rows as readonly Payment[]) {
      expect(sherd.locate('shop', row.user_id).name).toBe(name)
      found.push(row)
    }
  }
  return found.toSorted((a, b) => a.id - b.id)
}

async function expectSameRows(count: number): Promise<void> {
  const { rows } = await connection.execute('SELECT * FROM plain ORDER BY id')
  expect(await readShards()).toEqual(rows)
  expect(rows).toHaveLength(count)
}

/** Two keys of one logical shard. */
function keysTogether(): readonly [number, number] {
  for (let key = 2; ; key++)
    if (sherd.locate('shop', key).index === sherd.locate('shop', 1).index) return [1, key]
}

test('INSERT without a column list finds the key by the declared order of the columns', async () => {
  for (let key = 1; key <= 12; key++) await runBoth('INSERT INTO payments VALUES (?, ?, ?)', [key, key, 100])
  await runBoth('INSERT INTO payments VALUES (20, 21, 3), (21, 20, NULL), (?, ?, ?)', [22, 5, 1])
  const many = Array.from({ length: 30 }, (_, row) => [100 + row, row * 7, row])
  await runBoth(`INSERT INTO payments VALUES ${many.map(() => '(?, ?, ?)').join(', ')}`, many.flat())
  await runBoth('INSERT INTO payments SELECT id + 1000, user_id, amount FROM payments WHERE user_id = ?', [3])
  await runBoth('REPLACE INTO payments VALUES (?, ?, ?)', [1, 1, 7])
  await expectSameRows(46)
})

test('an upsert that assigns the key its inserted value leaves every row on its shard', async () => {
  const [key, twin] = keysTogether()
  await runBoth('INSERT INTO payments VALUES (1, ?, 10), (2, ?, 20)', [key, twin])
  const upsert = 'ON CONFLICT (id) DO UPDATE SET user_id = excluded.user_id, amount = excluded.amount'
  // The row found belongs to another key of the shard, and then to the one that led here.
  await runBoth(`INSERT INTO payments VALUES (1, ?, 11) ${upsert}`, [twin])
  await runBoth(`INSERT INTO payments VALUES (2, ?, 21), (3, 50, 30), (4, 51, 40), (4, 51, 41) ${upsert}`, [
    key,
  ])
  await runBoth('INSERT INTO payments VALUES (1, ?, 0) ON CONFLICT (id) DO UPDATE SET user_id = user_id', [
    key,
  ])
  await expectSameRows(4)
  const { rows } = await connection.execute('SELECT id FROM payments WHERE user_id = ? ORDER BY id', [twin])
  expect(rows).toEqual([{ id: 1 }])
})

test('SQLite takes the key twice in a list of columns and stores the first value, so sherd refuses it', async () => {
  await connection.execute('INSERT INTO plain (user_id, id, user_id) VALUES (1, 2, 3)')
  expect((await connection.execute('SELECT user_id FROM plain')).rows).toEqual([{ user_id: 1 }])
  await expect(
    connection.execute('INSERT INTO payments (user_id, id, user_id) VALUES (1, 2, 3)'),
  ).rejects.toMatchObject({ code: 'SHERD_INSERT_MISMATCH' })
})
