import type { Readable } from 'node:stream'
import { createSherd } from '../../src/facade/create-sherd.ts'
import type { MysqlPool } from '../../src/facade/mysql-pool.ts'
import { defineConfig } from '../../src/topology/define-config.ts'
import { sharded } from '../../src/topology/table-kinds.ts'

/*
 * A process of its own with a small heap: reads all rows of all shards in order and prints what it saw. Arguments: the
 * name of the databases, the URL of each server, and their number.
 */

const [databaseName = '', servers = '', logicalShards = ''] = process.argv.slice(2)
const sherd = await createSherd(
  defineConfig({
    shardGroups: {
      shop: {
        databaseName,
        logicalShards: Number(logicalShards),
        servers: servers.split(' ').map((primary) => ({ primary })),
      },
    },
    tables: { orders: sharded('shop', 'user_id') },
  }),
)
// The pool that createSherd made; the type of `sherd.pool` is mysql2's.
const pool = sherd.pool as unknown as MysqlPool
const seen = { rows: 0, isInOrder: true, maxBytes: 0 }
await sherd.scatter(async () => {
  const sql = 'SELECT user_id, id, product FROM orders ORDER BY product, id, user_id'
  const command = pool.query(sql) as unknown as { stream: () => Readable }
  let last = { product: '', id: 0 }
  for await (const given of command.stream()) {
    // The columns of the statement.
    const row = given as { product: string; id: number }
    seen.rows += 1
    if (row.product < last.product || (row.product === last.product && row.id < last.id))
      seen.isInOrder = false
    last = row
    if (seen.rows % 1000 !== 0) continue
    const { external, heapTotal } = process.memoryUsage()
    seen.maxBytes = Math.max(seen.maxBytes, external + heapTotal)
  }
})
await sherd.close()
process.stdout.write(JSON.stringify(seen))
