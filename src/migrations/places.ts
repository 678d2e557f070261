import type { Server, Topology } from '../topology/topology.ts'
import { refuseOption } from './migration-errors.ts'

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

/** Every database of a config: shards in order, group by group, then the unsharded ones. SHERD_MIGRATE_OPTION when two have one name. */
export function listPlaces(topology: Topology): readonly Place[] {
  const shards = [...topology.shardGroups.values()].flatMap((group) =>
    group.shards.map(({ name, server }): Place => ({ name, server, group: group.name, database: name })),
  )
  const databases = [...topology.databases.values()].map(({ name, server }): Place => {
    const own = topology.dialect === 'sqlite' ? 'main' : server.primary.database
    return { name, server, database: own ?? name }
  })
  const twin = databases.find(({ name }) => shards.some((shard) => shard.name === name))
  if (twin !== undefined)
    throw refuseOption(
      `The config has an unsharded database and a logical shard that are both named ${twin.name}.`,
      'Rename the one in `databases`; its name need not be that of the database on the server.',
    )
  return [...shards, ...databases]
}
