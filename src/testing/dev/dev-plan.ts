import { createHash } from 'node:crypto'

import { SherdError } from '../../errors/sherd-error.ts'
import { shardsOn } from '../../topology/find-shard.ts'
import type { Endpoint, Role, Server, Topology } from '../../topology/topology.ts'

/** One local server, in the place of one address of the config. */
export interface DevServerPlan {
  /** `server-1`: its data directory. */
  readonly name: string
  readonly address: string
  readonly role: Role
  /** Of the config; absent when the config's host is another machine. */
  readonly port?: number
  /** Place in the list of the primary that it follows. */
  readonly primary?: number
  readonly endpoints: readonly Endpoint[]
  /** To be there, by their names on the server. */
  readonly databases: readonly string[]
}

const localHosts = new Set(['127.0.0.1', 'localhost', '::1', '[::1]'])

/** The servers for a topology, one for each address, primaries before their replicas. SHERD_DEV_SERVERS when that cannot be. */
export function planDevServers(topology: Topology): readonly DevServerPlan[] {
  if (topology.dialect === 'sqlite')
    throw new SherdError('SHERD_DEV_SERVERS', {
      message: 'The topology is on SQLite.',
      remedy: 'Use it as it is: SQLite needs no servers.',
    })
  const drafts = new Map<string, DevServerPlan>()
  const order = (): readonly string[] => [...drafts.keys()]
  for (const role of ['primary', 'replica'] as const)
    for (const server of topology.servers)
      for (const endpoint of role === 'primary' ? [server.primary] : server.replicas) {
        const primary = role === 'replica' ? order().indexOf(server.primary.address) : undefined
        addEndpoint(drafts, endpoint, primary, databasesOf(topology, server))
      }
  return [...drafts.values()]
}

function addEndpoint(
  drafts: Map<string, DevServerPlan>,
  endpoint: Endpoint,
  primary: number | undefined,
  databases: readonly string[],
): void {
  const { address, role, host, port } = endpoint
  const known = drafts.get(address)
  if (known !== undefined && (known.role !== role || known.primary !== primary))
    throw new SherdError('SHERD_DEV_SERVERS', {
      message: `The address ${address} stands in the config as a ${known.role} and as a ${role} of another server.`,
    })
  drafts.set(address, {
    name: known?.name ?? `server-${drafts.size + 1}`,
    address,
    role,
    ...(localHosts.has(host) ? { port } : {}),
    ...(primary === undefined ? {} : { primary }),
    endpoints: [...(known?.endpoints ?? []), endpoint],
    databases: [...new Set([...(known?.databases ?? []), ...databases])],
  })
}

function databasesOf(topology: Topology, server: Server): readonly string[] {
  const own = server.primary.database
  const names = shardsOn(topology, server).map(({ name }) => name)
  return own === undefined ? names : [...names, own]
}

/** The same for plans whose data directories fit each other. */
export function digestPlan(plan: readonly DevServerPlan[]): string {
  const places = plan.map(({ address, role, primary = -1 }) => [address, role, primary])
  return createHash('sha256').update(JSON.stringify(places)).digest('hex').slice(0, 16)
}
