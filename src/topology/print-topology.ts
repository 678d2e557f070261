import { alignColumns } from './align-columns.ts'
import type { ReferenceTable, ShardedTable } from './table-kinds.ts'
import type { Endpoint, LogicalShard, Server, ShardGroup, Topology } from './topology.ts'

type Row = readonly string[]

/** A topology as a text with tables for people: groups, servers and what they hold. No users, no passwords. */
export function printTopology(topology: Topology): string {
  const { version, dialect, shardGroups, servers, tables } = topology
  const groups = [...shardGroups.values()]
  const parts = [`Topology ${version} (${dialect})`]
  if (groups.length > 0) {
    const heading: Row = ['SHARD GROUP', 'LOGICAL SHARDS', 'ROUTING', 'SERVERS']
    parts.push(alignColumns([heading, ...groups.map(groupRow)]))
  }
  const heading: Row = ['SERVER', 'ROLE', 'ADDRESS', 'HOLDS']
  parts.push(alignColumns([heading, ...servers.flatMap((server) => serverRows(server, topology))]))
  if (tables.size > 0) {
    const rows = [...tables.values()].map((table): Row => {
      switch (table.kind) {
        case 'sharded':
          return [table.table, 'sharded', describeSharded(table)]
        case 'reference':
          return [table.table, 'reference', describeReference(table)]
        case 'isolated':
          return [table.table, 'isolated', table.group]
        case 'pinned':
          return [table.table, 'pinned', table.database]
      }
    })
    parts.push(alignColumns([['TABLE', 'KIND', 'WHERE'], ...rows]))
  }
  return `${parts.join('\n\n')}\n`
}

/** `product by user_id (integer), order_id → orders.id, time ids in id, column order known, scatter allowed`. */
function describeSharded(table: ShardedTable): string {
  const { group, key, keyType, columns, foreignKeys = [], ids = {}, scatter } = table
  const pointers = foreignKeys.map(({ columns: own, references, referencedColumns }) => {
    const parts = own.map((column, index) => `${column} → ${references}.${referencedColumns[index] ?? ''}`)
    return parts.join(' and ')
  })
  const facts = [`${group} by ${key} (${keyType})`, ...pointers]
  for (const [column, layout] of Object.entries(ids)) facts.push(`${layout} ids in ${column}`)
  if (columns !== undefined) facts.push('column order known')
  if (scatter === 'allow') facts.push('scatter allowed')
  return facts.join(', ')
}

/** `product, users from default, cursor updated_at, deletes by deleted_at`. */
function describeReference({ groups, source, cursor, deletes, copies }: ReferenceTable): string {
  const facts = [`${groups === 'all' ? 'all groups' : groups.join(', ')} from ${source}`]
  if (cursor !== undefined) facts.push(`cursor ${cursor}`)
  if (deletes !== 'compare') facts.push(`deletes by ${deletes.column}`)
  if (copies === 'unmanaged') facts.push('copies unmanaged')
  return facts.join(', ')
}

function groupRow(group: ShardGroup): Row {
  const { routing, shards, servers } = group
  return [group.name, String(shards.length), routing.strategy, String(servers.length)]
}

function serverRows(server: Server, topology: Topology): Row[] {
  const holds = [...topology.shardGroups.values()]
    .map((group) => describeShards(group.shards.filter((shard) => shard.server === server)))
    .filter((text) => text !== '')
  for (const database of topology.databases.values()) {
    if (database.server === server) holds.unshift(`database ${database.name}`)
  }
  const held = holds.length === 0 ? 'nothing' : holds.join('; ')
  const replicas = server.replicas.map((replica): Row => ['', 'replica', describeAddress(replica), ''])
  return [[server.id, 'primary', describeAddress(server.primary), held], ...replicas]
}

function describeAddress({ address, database }: Endpoint): string {
  return database === undefined ? address : `${address}/${database}`
}

/** `product_0 … product_3, product_7`. */
function describeShards(shards: readonly LogicalShard[]): string {
  const runs: [LogicalShard, LogicalShard][] = []
  for (const shard of shards) {
    const run = runs.at(-1)
    if (run !== undefined && run[1].index === shard.index - 1) run[1] = shard
    else runs.push([shard, shard])
  }
  const texts = runs.map(([first, last]) => (first === last ? first.name : `${first.name} … ${last.name}`))
  return texts.join(', ')
}
