import { shardsOn } from '../topology/find-shard.ts'
import type { LogicalShard, Server, ShardGroup, Topology } from '../topology/topology.ts'
import type { DatabaseFacts } from '../schema/table-facts.ts'

/** A logical shard with its tables. */
export interface ShardView {
  readonly shard: LogicalShard
  readonly database: DatabaseFacts
}

/** All databases that are there; what a silent server has is left out. */
export interface SchemaView {
  readonly shards: readonly ShardView[]
  /** By the name in the config. */
  readonly unsharded: ReadonlyMap<string, DatabaseFacts>
}

/** The databases that the config has on a server, by their names there. */
export function databasesOn(topology: Topology, server: Server): readonly string[] {
  const own = server.primary.database
  const names = shardsOn(topology, server).map(({ name }) => name)
  return own === undefined ? names : [...names, own]
}

export function viewSchema(
  topology: Topology,
  databasesOf: (server: Server) => ReadonlyMap<string, DatabaseFacts> | undefined,
): SchemaView {
  const shards = [...topology.shardGroups.values()].flatMap((group) => group.shards)
  return {
    shards: shards.flatMap((shard) => {
      const database = databasesOf(shard.server)?.get(shard.name)
      return database === undefined ? [] : [{ shard, database }]
    }),
    unsharded: new Map(
      [...topology.databases.values()].flatMap(({ name, server }) => {
        const found = databasesOf(server)?.get(server.primary.database ?? name)
        return found === undefined ? [] : [[name, found] as const]
      }),
    ),
  }
}

export function shardsOfGroup(view: SchemaView, group: ShardGroup | string): readonly ShardView[] {
  const name = typeof group === 'string' ? group : group.name
  return view.shards.filter(({ shard }) => shard.group === name)
}
