import type { Endpoint, Server } from './topology.ts'

/**
 * Each server to the first that is the same: same addresses, user, password, database, weights and options. Shard
 * groups on the same servers so share connections. SQLite in memory is never shared.
 */
export function shareServers(servers: readonly Server[]): ReadonlyMap<Server, Server> {
  const firsts = new Map<string, Server>()
  const shared = new Map<Server, Server>()
  for (const server of servers) {
    const key = keyOf(server)
    const first = key === undefined ? server : (firsts.get(key) ?? server)
    if (key !== undefined) firsts.set(key, first)
    shared.set(server, first)
  }
  return shared
}

/** Holds passwords: kept in this call only. */
function keyOf({ primary, replicas, reads }: Server): string | undefined {
  if (primary.address === ':memory:') return undefined
  return JSON.stringify([sortedEntries(reads), ...[primary, ...replicas].map(endpointKey)])
}

function endpointKey(endpoint: Endpoint): readonly unknown[] {
  const { address, database, weight, options } = endpoint
  const login = [endpoint.user(), endpoint.password()]
  return [address, ...login, database ?? null, weight ?? null, sortedEntries(options)]
}

function sortedEntries(options: object): readonly unknown[] {
  return Object.entries(options).toSorted(([left], [right]) => (left < right ? -1 : 1))
}
