import { type Kysely, sql } from 'kysely'
import type { Sherd } from 'sherd'
import { type Shop, shardedTables } from './schema.ts'

export type RowCounts = Readonly<Record<(typeof shardedTables)[number], number>>

/** Prints the rows per logical shard and gives their sums. */
export async function reportRows(sherd: Sherd, db: Kysely<Shop>): Promise<RowCounts> {
  const shards = sherd.topology.shardGroups.get('shop')?.shards ?? []
  const sums = { customer: 0, rental: 0, payment: 0 }
  const lines: Record<string, object> = {}
  for (const shard of shards) {
    const counts = await sherd.onShard(shard.name, () => countRows(db))
    for (const table of shardedTables) sums[table] += counts[table]
    lines[shard.name] = { server: shard.server.id, ...counts }
  }
  console.log('\nRows per logical shard:')
  console.table({ ...lines, total: { server: '', ...sums } })
  return sums
}

async function countRows(db: Kysely<Shop>): Promise<RowCounts> {
  const counts = { customer: 0, rental: 0, payment: 0 }
  for (const table of shardedTables) {
    const row = await db
      .selectFrom(table)
      .select(sql<number>`count(*)`.as('rows'))
      .executeTakeFirstOrThrow()
    counts[table] = Number(row.rows)
  }
  return counts
}
