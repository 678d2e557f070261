import type { KeyType, ShardedTable, TableDeclaration } from '../topology/table-kinds.ts'
import type { Topology } from '../topology/topology.ts'

/** The key column that stands for a whole shard group when a key is given without a table. */
export interface GroupKeyColumn {
  readonly table: string
  readonly column: string
  readonly keyType: KeyType
}

/**
 * The first key column of the group with integers, else the first of any type. A group without
 * sharded tables has integer keys and is named in place of a table.
 */
export function groupKeyColumn(topology: Topology, groupName: string): GroupKeyColumn {
  const tables = [...topology.tables.values()].filter(
    (table): table is TableDeclaration & ShardedTable =>
      table.kind === 'sharded' && table.group === groupName,
  )
  const found = tables.find((table) => table.keyType === 'integer') ?? tables[0]
  if (found === undefined) return { table: groupName, column: 'key', keyType: 'integer' }
  return { table: found.table, column: found.key, keyType: found.keyType }
}
