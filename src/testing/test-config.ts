import { SherdError } from '../errors/sherd-error.ts'
import type { RoutingConfig, SherdConfig, ShardGroupConfig } from '../topology/config.ts'
import type { TableKind, TableKinds } from '../topology/table-kinds.ts'
import type { ShardGroup, Topology } from '../topology/topology.ts'

/** SQLite attaches no more databases to one connection. */
const shardsOfSqlite = 10

/** What stands in the place of the config's servers. */
export interface TestPlaces {
  readonly dialect: Topology['dialect']
  /** The URL of an unsharded database. */
  readonly database: (name: string) => string
  /** The URL of the server of a group, by its place among them. */
  readonly server: (index: number) => string
}

/** The config with other servers: the same groups, routing, tables and logical shards, placed as they are. */
export function configForTest(topology: Topology, places: TestPlaces): SherdConfig {
  const isSqlite = places.dialect === 'sqlite'
  const [first] = topology.servers
  const { sqlMode, timezone } = first?.primary.options ?? {}
  const options = isSqlite || topology.dialect === 'sqlite' ? {} : { sqlMode, timezone }
  return {
    databases: Object.fromEntries(
      [...topology.databases.keys()].map((name) => [name, { primary: places.database(name), options }]),
    ),
    shardGroups: Object.fromEntries(
      [...topology.shardGroups.values()].map((group) => [
        group.name,
        { ...groupForTest(group, places), options },
      ]),
    ),
    tables: [...topology.tables.values()].map(({ table, ...kind }) => ({ [table]: kind })),
    transactions: isSqlite && topology.transactions === 'xa' ? 'best-effort' : topology.transactions,
    unshardedInTransaction: topology.unshardedInTransaction,
  }
}

function groupForTest(group: ShardGroup, places: TestPlaces): ShardGroupConfig {
  const most = places.dialect === 'sqlite' ? shardsOfSqlite : Infinity
  const placed = group.servers.flatMap((server) => {
    const indexes = group.shards.filter((shard) => shard.server === server).map(({ index }) => index)
    return cut(indexes, most)
  })
  return {
    databaseName: group.databaseName,
    logicalShards: group.shards.length,
    // A declaration is what a config says, with its defaults filled in.
    routing: group.routing satisfies RoutingConfig,
    servers: placed.map((logicalShards, index) => ({ primary: places.server(index), logicalShards })),
  }
}

function cut(indexes: readonly number[], most: number): readonly (readonly number[])[] {
  if (indexes.length <= most) return indexes.length === 0 ? [] : [indexes]
  return [indexes.slice(0, most), ...cut(indexes.slice(most), most)]
}

/** A config for tables alone: each group they name with `logicalShards` on two servers, each database they name. */
export function configForTables(
  tables: TableKinds | readonly TableKinds[],
  logicalShards: number,
  places: TestPlaces,
): SherdConfig {
  const lists: readonly TableKinds[] = isList(tables) ? tables : [tables]
  const kinds = lists.flatMap((list) => Object.values(list))
  const groups = new Set(kinds.flatMap(groupsOf))
  const databases = new Set(['default', ...kinds.flatMap(databasesOf)])
  if (groups.size === 0)
    throw new SherdError('SHERD_CONFIG_VALUE', {
      message: 'No table given to openTestSherd names a shard group.',
      remedy: "Give it a sharded table, such as { orders: sharded('shop', 'user_id') }, or a config.",
      details: { path: 'tables' },
    })
  const servers = Math.min(2, logicalShards)
  return {
    databases: Object.fromEntries([...databases].map((name) => [name, { primary: places.database(name) }])),
    shardGroups: Object.fromEntries(
      [...groups].map((name) => [
        name,
        {
          databaseName: name,
          logicalShards,
          servers: Array.from({ length: servers }, (_, index) => ({ primary: places.server(index) })),
        },
      ]),
    ),
    tables: lists,
  }
}

function groupsOf(kind: TableKind): readonly string[] {
  if (kind.kind === 'sharded' || kind.kind === 'isolated') return [kind.group]
  return kind.kind === 'reference' && kind.groups !== 'all' ? kind.groups : []
}

function databasesOf(kind: TableKind): readonly string[] {
  if (kind.kind === 'pinned') return [kind.database]
  return kind.kind === 'reference' ? [kind.source] : []
}

function isList(tables: TableKinds | readonly TableKinds[]): tables is readonly TableKinds[] {
  return Array.isArray(tables)
}
