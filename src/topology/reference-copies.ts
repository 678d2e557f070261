import type { ReferenceTable, TableDeclaration } from './table-kinds.ts'
import type { LogicalShard, Topology, UnshardedDatabase } from './topology.ts'

/** A reference table with its name. */
export type DeclaredReference = ReferenceTable & TableDeclaration

/** One copy of a reference table that sherd keeps: the table on one logical shard. */
export interface ReferenceCopy {
  readonly table: DeclaredReference
  /** Where the rows come from. */
  readonly source: UnshardedDatabase
  readonly shard: LogicalShard
}

/** All copies that sherd keeps, table by table, shards in the order of the config. */
export function listReferenceCopies(topology: Topology): readonly ReferenceCopy[] {
  const copies: ReferenceCopy[] = []
  for (const table of topology.tables.values()) {
    if (table.kind !== 'reference' || table.copies === 'unmanaged') continue
    const source = topology.databases.get(table.source)
    // A topology is made of a config whose sources were found among its databases.
    if (source === undefined) continue
    for (const group of topology.shardGroups.values()) {
      if (!hasCopiesIn(table, group.name)) continue
      for (const shard of group.shards) copies.push({ table, source, shard })
    }
  }
  return copies
}

/** Whether the logical shards of a group have a copy of the table. */
export function hasCopiesIn({ groups }: ReferenceTable, group: string): boolean {
  return groups === 'all' || groups.includes(group)
}
