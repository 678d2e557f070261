import type { ServerPlace } from '../engine/run-on-server.ts'
import { SherdError } from '../errors/sherd-error.ts'
import { requireShardGroup, shardByName, shardsOn } from '../topology/find-shard.ts'
import type { Server, Topology } from '../topology/topology.ts'

/** Where statements are to run: one of these. */
export type ExecTarget =
  | { readonly kind: 'shards'; readonly names: readonly string[] }
  /** All logical shards of a server, such as `product/0`. */
  | { readonly kind: 'server'; readonly name: string }
  /** All logical shards of a group. */
  | { readonly kind: 'group'; readonly name: string }
  /** All logical shards of all groups. */
  | { readonly kind: 'all' }
  /** An unsharded database. */
  | { readonly kind: 'database'; readonly name: string }

/** The databases of a target, in the order of groups and indexes. SHERD_EXEC_OPTION, SHERD_UNKNOWN_SHARD, SHERD_UNKNOWN_GROUP. */
export function listExecPlaces(topology: Topology, target: ExecTarget): readonly ServerPlace[] {
  const places = findPlaces(topology, target)
  if (places.length > 0) return places
  throw new SherdError('SHERD_EXEC_OPTION', { message: 'There is no logical shard in what was named.' })
}

function findPlaces(topology: Topology, target: ExecTarget): readonly ServerPlace[] {
  switch (target.kind) {
    case 'shards':
      return [...new Set(target.names)].map((name) => toPlace(shardByName(topology, name)))
    case 'server':
      return shardsOn(topology, findServer(topology, target.name)).map(toPlace)
    case 'group':
      return requireShardGroup(topology, target.name).shards.map(toPlace)
    case 'all':
      return [...topology.shardGroups.values()].flatMap(({ shards }) => shards.map(toPlace))
    case 'database': {
      const database = topology.databases.get(target.name)
      if (database !== undefined) return [{ server: database.server, database: database.name }]
      throw unknownName('unsharded database', target.name, [...topology.databases.keys()])
    }
  }
}

/** The same databases on replicas, those of a server in turn. SHERD_EXEC_OPTION when a server has none. */
export function onReplicas(places: readonly ServerPlace[]): readonly ServerPlace[] {
  return places.map((place, index) => {
    const { id, replicas } = place.server
    const endpoint = replicas[index % replicas.length]
    if (endpoint !== undefined) return { ...place, endpoint }
    throw new SherdError('SHERD_EXEC_OPTION', {
      message: `Server ${id} has no replica.`,
      remedy: 'Leave the replicas out, and read from the primaries.',
      details: { server: id },
    })
  })
}

function toPlace({ server, name }: { readonly server: Server; readonly name: string }): ServerPlace {
  return { server, database: name }
}

function findServer(topology: Topology, name: string): Server {
  const known = topology.servers.filter((server) => shardsOn(topology, server).length > 0)
  const server = known.find(({ id }) => id === name)
  if (server !== undefined) return server
  throw unknownName(
    'server with logical shards',
    name,
    known.map(({ id }) => id),
  )
}

function unknownName(what: string, name: string, known: readonly string[]): SherdError {
  const cut = name.slice(0, 64)
  return new SherdError('SHERD_EXEC_OPTION', {
    message: `There is no ${what} of the name ${cut}.`,
    remedy: `Known: ${known.length === 0 ? 'none' : known.join(', ')}.`,
  })
}
