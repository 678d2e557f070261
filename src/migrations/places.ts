import type { Server, Topology } from '../topology/topology.ts'

/** A logical shard or an unsharded database: a ledger, and what runs behind it. */
export interface Place {
  /** Of the logical shard or the unsharded database, as the config names it. */
  readonly name: string
  readonly server: Server
  /** Absent for unsharded databases. */
  readonly group?: string
  /** As the server knows it; `main` of SQLite's own file. */
  readonly database: string
}

/** Every database of a config: shards in order, group by group, then the unsharded ones. */
export function listPlaces(topology: Topology): readonly Place[] {
  const shards = [...topology.shardGroups.values()].flatMap((group) =>
    group.shards.map(
      ({ name, server }): Place => ({ name, server, group: group.name, database: name }),
    ),
  )
  const databases = [...topology.databases.values()].map(({ name, server }): Place => {
    const own = topology.dialect === 'sqlite' ? 'main' : server.primary.database
    return { name, server, database: own ?? name }
  })
  return [...shards, ...databases]
}
