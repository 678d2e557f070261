import { afterAll, beforeAll, expect, test } from 'vitest'
import { createSherd } from '../../src/facade/create-sherd.ts'
import type { Sherd } from '../../src/facade/sherd.ts'
import type { SherdConnection } from '../../src/facade/sherd-connection.ts'
import { defineConfig } from '../../src/topology/define-config.ts'
import { sharded } from '../../src/topology/table-kinds.ts'

let sherd: Sherd
let connection: SherdConnection

beforeAll(async () => {
  const memory = { primary: 'sqlite::memory:' }
  sherd = await createSherd(
    defineConfig({
      databases: { default: memory },
      shardGroups: {
        product: {
          databaseName: 'product',
          logicalShards: 2,
          routing: {
            strategy: 'directory',
            table: { database: 'default', name: 'places', keyColumn: 'id', shardColumn: 'shard' },
          },
          servers: [memory],
        },
      },
      tables: { orders: sharded('product', 'user_id') },
    }),
  )
  await sherd.createDatabases()
  connection = sherd.connection()
  await connection.execute('CREATE TABLE places (id INTEGER PRIMARY KEY, shard INTEGER NOT NULL)')
  for (const key of [1, 2, 3, 4, 5, 6])
    await connection.execute('INSERT INTO places (id, shard) VALUES (?, ?)', [key, key % 2])
  for (const shard of ['product_0', 'product_1'])
    await connection.execute(`CREATE TABLE orders (user_id INTEGER) /* sherd: shard=${shard} */`)
})

afterAll(async () => {
  connection.release()
  await sherd.close()
})

test('the key of a hint is looked up in the table of a directory', async () => {
  await connection.execute('INSERT INTO orders (user_id) VALUES (1)')
  const { rows } = await connection.execute('SELECT user_id FROM orders /* sherd: key=3 */')
  expect(rows).toEqual([{ user_id: 1 }])
})

test('a hint whose looked-up shard contradicts the statement or the scope is refused', async () => {
  await expect(
    connection.execute('SELECT * FROM orders WHERE user_id = 4 /* sherd: key=5 */'),
  ).rejects.toMatchObject({ code: 'SHERD_HINT_CONTRADICTED' })
  await expect(
    sherd.onShard('product_1', () => connection.execute('SELECT * FROM orders /* sherd: key=6 */')),
  ).rejects.toMatchObject({ code: 'SHERD_HINT_CONTRADICTED' })
})

test('a hint whose key stands nowhere is refused', async () => {
  await expect(connection.execute('SELECT * FROM orders /* sherd: key=77 */')).rejects.toMatchObject({
    code: 'SHERD_UNKNOWN_KEY',
  })
})

test('sherd.explain asks the table of a directory', async () => {
  expect(await sherd.explain('SELECT * FROM orders WHERE user_id = ?', [2])).toMatchObject({
    outcome: 'direct',
    runs: [{ shard: 'product_0' }],
  })
  expect(await sherd.explain('SELECT * FROM orders WHERE user_id = ?', [78])).toMatchObject({
    outcome: 'refuse',
    refusal: { code: 'SHERD_UNKNOWN_KEY' },
  })
})
