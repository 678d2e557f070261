import { createHash } from 'node:crypto'
import type { ReadOptions } from './read-options.ts'
import type { RoutingDeclaration } from './routing-declaration.ts'
import type { TableDeclaration } from './table-kinds.ts'
import type { ConnectionOptions, Endpoint, Role, Server, Topology } from './topology.ts'

/** A topology as plain data, without users and passwords; servers are named by their id. */
export interface TopologyData {
  readonly version: string
  readonly dialect: Topology['dialect']
  readonly databases: Readonly<Record<string, { readonly server: string }>>
  readonly shardGroups: Readonly<Record<string, ShardGroupData>>
  /** By lower case table name. */
  readonly tables: Readonly<Record<string, TableDeclaration>>
  readonly servers: readonly ServerData[]
  /** Absent: `one-server`. */
  readonly transactions?: Topology['transactions']
  /** Absent: `refuse`. */
  readonly unshardedInTransaction?: Topology['unshardedInTransaction']
}

/** A shard group as plain data. */
export interface ShardGroupData {
  readonly databaseName: string
  readonly routing: RoutingData
  readonly servers: readonly string[]
  readonly shards: readonly { readonly name: string; readonly index: number; readonly server: string }[]
}

/** Bigints as text, pins as an object, a custom function by its name. */
export type RoutingData = Readonly<Record<string, unknown>>

/** A primary and its replicas as plain data. */
export interface ServerData {
  readonly id: string
  readonly primary: EndpointData
  readonly replicas: readonly EndpointData[]
  readonly reads: ReadOptions
}

/** An address as plain data, without user and password. */
export interface EndpointData {
  readonly id: string
  readonly role: Role
  readonly address: string
  readonly database?: string
  readonly weight?: number
  readonly options: ConnectionOptions
}

/** A topology as plain data for `--json`, logs and comparisons; no secrets. */
export function topologyToJson(topology: Topology): TopologyData {
  return { version: topology.version, ...toData(topology) }
}

/** 16 hexadecimal digits of SHA-256 over all but version and secrets; the order of names does not count. */
export function hashTopology(content: Omit<Topology, 'version'>): string {
  const data = toData(content)
  const servers = data.servers.toSorted((left, right) => (left.id < right.id ? -1 : 1))
  const text = canonicalJson({ ...data, servers })
  return createHash('sha256').update(text).digest('hex').slice(0, 16)
}

function toData(topology: Omit<Topology, 'version'>): Omit<TopologyData, 'version'> {
  const databases = [...topology.databases].map(([name, { server }]) => [name, { server: server.id }])
  const groups = [...topology.shardGroups].map(([name, group]): [string, ShardGroupData] => {
    const shards = group.shards.map(({ name: shard, index, server }) => ({
      name: shard,
      index,
      server: server.id,
    }))
    const servers = group.servers.map(({ id }) => id)
    return [
      name,
      { databaseName: group.databaseName, routing: routingToData(group.routing), servers, shards },
    ]
  })
  return {
    dialect: topology.dialect,
    databases: Object.fromEntries(databases) as TopologyData['databases'],
    shardGroups: Object.fromEntries(groups),
    tables: Object.fromEntries(topology.tables),
    servers: topology.servers.map(serverToData),
    ...optionsToData(topology),
  }
}

/** Defaults are left out, so that a config keeps its version when an option is added. */
function optionsToData({
  transactions,
  unshardedInTransaction,
}: Omit<Topology, 'version'>): Partial<TopologyData> {
  return {
    ...(transactions === 'one-server' ? {} : { transactions }),
    ...(unshardedInTransaction === 'refuse' ? {} : { unshardedInTransaction }),
  }
}

function routingToData(routing: RoutingDeclaration): RoutingData {
  switch (routing.strategy) {
    case 'hash':
    case 'ring':
    case 'modulo':
      return { ...routing }
    case 'range': {
      const ranges = routing.ranges.map(({ from, shard }) =>
        from === undefined ? { shard } : { from: String(from), shard },
      )
      return { strategy: 'range', ranges }
    }
    case 'directory':
      return { ...routing, pins: Object.fromEntries(routing.pins) }
    case 'custom':
      return { strategy: 'custom', name: routing.name }
  }
}

function serverToData(server: Server): ServerData {
  const replicas = server.replicas.map(endpointToData)
  return { id: server.id, primary: endpointToData(server.primary), replicas, reads: { ...server.reads } }
}

/** Property by property: a copy of the whole endpoint would take along what is added to it later. */
function endpointToData({ id, role, address, database, weight, options }: Endpoint): EndpointData {
  const named = database === undefined ? {} : { database }
  const weighted = weight === undefined ? {} : { weight }
  return { id, role, address, ...named, ...weighted, options: { ...options } }
}

function canonicalJson(value: unknown): string {
  return JSON.stringify(value, (_, part: unknown) => {
    if (typeof part !== 'object' || part === null || Array.isArray(part)) return part
    return Object.fromEntries(Object.entries(part).toSorted(([left], [right]) => (left < right ? -1 : 1)))
  })
}
