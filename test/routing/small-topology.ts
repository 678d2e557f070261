import { defaultReads } from '../../src/topology/read-options.ts'
import type { RoutingDeclaration } from '../../src/topology/routing-declaration.ts'
import type { TableDeclaration } from '../../src/topology/table-kinds.ts'
import type { ConnectionOptions, Server, ShardGroup, Topology } from '../../src/topology/topology.ts'

const options: ConnectionOptions = {
  charset: 'utf8mb4',
  timezone: 'local',
  tls: 'off',
  connectionLimit: 1,
  connectTimeoutMs: 1,
  acquireTimeoutMs: 1,
  idleTimeoutMs: 1,
}

const server: Server = {
  id: 'product/0',
  primary: {
    id: 'product/0/primary',
    role: 'primary',
    address: 'nowhere.invalid:1',
    host: 'nowhere.invalid',
    port: 1,
    options,
    user: () => 'nobody',
    password: () => '',
  },
  replicas: [],
  reads: defaultReads,
}

export function smallGroup(routing: RoutingDeclaration, shards = 8): ShardGroup {
  const name = 'product'
  return {
    name,
    databaseName: name,
    routing,
    shards: Array.from({ length: shards }, (_, index) => ({
      name: `${name}_${index}`,
      group: name,
      index,
      server,
    })),
    servers: [server],
  }
}

export function smallTopology(group: ShardGroup, tables: readonly TableDeclaration[] = []): Topology {
  return {
    version: '1',
    dialect: 'mysql',
    databases: new Map(),
    shardGroups: new Map([[group.name, group]]),
    tables: new Map(tables.map((table) => [table.table, table])),
    transactions: 'one-server',
    unshardedInTransaction: 'refuse',
    servers: [server],
  }
}
