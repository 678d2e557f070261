import { SherdError } from '../errors/sherd-error.ts'
import type { ShardGroup, Topology } from './topology.ts'
import { topologyToJson, type ShardGroupData } from './topology-json.ts'

/**
 * A topology may take the place of another while statements run when each row is found where it was written: servers, placements,
 * options, pins and new names may change, but not what leads a statement to its rows. Throws SHERD_RELOAD_REFUSED.
 */
export function checkReload(from: Topology, to: Topology): void {
  if (from.dialect !== to.dialect) throw refused('it is of another engine')
  if (from.transactions !== to.transactions)
    throw refused(`\`transactions\` is ${to.transactions} and was ${from.transactions}`)
  for (const group of from.shardGroups.values()) checkGroup(group, from, to)
  for (const [name, declaration] of from.tables) {
    const next = to.tables.get(name)
    if (JSON.stringify(next) !== JSON.stringify(declaration))
      throw refused(`the table ${name} is declared otherwise, or no more`, { table: name })
  }
  for (const server of from.servers) {
    const isKept = to.servers.some(
      ({ id, primary }) => id === server.id && primary.address === server.primary.address,
    )
    if (server.primary.address === ':memory:' && !isKept)
      throw refused(`the database in memory of ${server.id} would be lost`, { server: server.id })
  }
}

function checkGroup({ name }: ShardGroup, from: Topology, to: Topology): void {
  const before = topologyToJson(from).shardGroups[name]
  const after = topologyToJson(to).shardGroups[name]
  if (before === undefined) return
  if (after === undefined) throw refused(`it has no shard group ${name}`, { shardGroup: name })
  if (before.databaseName !== after.databaseName || before.shards.length !== after.shards.length)
    throw refused(`shard group ${name} has other logical shards`, { shardGroup: name })
  if (routingOf(before) !== routingOf(after))
    throw refused(`shard group ${name} routes keys otherwise`, { shardGroup: name })
}

/** Pins move single keys of a directory, as its table does while statements run. */
function routingOf({ routing }: ShardGroupData): string {
  return JSON.stringify({ ...routing, pins: undefined })
}

function refused(problem: string, details: SherdError['details'] = {}): SherdError {
  return new SherdError('SHERD_RELOAD_REFUSED', {
    message: `The new config cannot take the place of the old one while statements run: ${problem}.`,
    details,
  })
}

/** Equal also in what `version` leaves out: users and passwords. */
export function isSameTopology(left: Topology, right: Topology): boolean {
  return left === right || (left.version === right.version && secretsOf(left) === secretsOf(right))
}

/** Kept in this call only. */
function secretsOf({ servers }: Topology): string {
  const endpoints = servers.flatMap(({ primary, replicas }) => [primary, ...replicas])
  const logins = endpoints.map(({ id, user, password }) => [id, user(), password()])
  return JSON.stringify(logins.toSorted(([left = ''], [right = '']) => (left < right ? -1 : 1)))
}
