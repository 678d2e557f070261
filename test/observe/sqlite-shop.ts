import { createSherd } from '../../src/facade/create-sherd.ts'
import type { Sherd } from '../../src/facade/sherd.ts'
import { defineConfig } from '../../src/topology/define-config.ts'
import { sharded } from '../../src/topology/table-kinds.ts'

/** Two logical shards in memory, each with an empty table of orders, and a key. */
export async function sqliteShop(): Promise<{ readonly sherd: Sherd; readonly key: number }> {
  const sherd = await createSherd(
    defineConfig({
      shardGroups: {
        shop: { databaseName: 'shop', logicalShards: 2, servers: [{ primary: 'sqlite::memory:' }] },
      },
      tables: { orders: sharded('shop', 'user_id') },
    }),
  )
  await sherd.createDatabases()
  const connection = sherd.connection()
  for (const name of ['shop_0', 'shop_1'])
    await sherd.onShard(name, () =>
      connection.execute('CREATE TABLE orders (user_id INTEGER, id INTEGER, product TEXT)'),
    )
  connection.release()
  return { sherd, key: 42 }
}
