import {
  type TableDeclaration,
  type TableKind,
  isolated,
  pinned,
  reference,
  sharded,
} from '../../src/topology/table-kinds.ts'
import { defaultReads } from '../../src/topology/read-options.ts'
import type {
  ConnectionOptions,
  Endpoint,
  LogicalShard,
  Server,
  ShardGroup,
  Topology,
} from '../../src/topology/topology.ts'

const options: ConnectionOptions = {
  charset: 'utf8mb4',
  timezone: 'local',
  tls: 'off',
  connectionLimit: 10,
  connectTimeoutMs: 10_000,
  acquireTimeoutMs: 10_000,
  idleTimeoutMs: 60_000,
}

function makeServer(id: string, database?: string): Server {
  const primary: Endpoint = {
    id: `${id}/primary`,
    role: 'primary',
    address: 'db.test:3306',
    host: 'db.test',
    port: 3306,
    options,
    ...(database === undefined ? {} : { database }),
    user: () => '',
    password: () => '',
  }
  return { id, primary, replicas: [], reads: defaultReads }
}

function makeGroup(name: string, size: number): ShardGroup {
  const server = makeServer(`${name}/0`)
  const shards = Array.from({ length: size }, (_, index): LogicalShard => ({
    name: `${name}_${index}`,
    group: name,
    index,
    server,
  }))
  return { name, databaseName: name, routing: { strategy: 'hash' }, shards, servers: [server] }
}

const kinds: Readonly<Record<string, TableKind>> = {
  orders: sharded('product', 'user_id'),
  order_items: sharded('product', 'user_id'),
  users: sharded('product', 'id'),
  // Their own column points to an order, and to an order of a shop.
  shipments: sharded('product', 'customer', {
    foreignKeys: [
      { columns: ['order_id'], references: 'orders', referencedColumns: ['id'] },
      { columns: ['parcel_number'], references: 'parcels', referencedColumns: ['parcel_number'] },
    ],
  }),
  payments: sharded('product', 'payer', {
    foreignKeys: [{ columns: ['shop', 'number'], references: 'orders', referencedColumns: ['shop', 'nr'] }],
  }),
  parcels: sharded('product', 'sender'),
  files: sharded('product', 'hash', { keyType: 'binary' }),
  accounts: sharded('product', 'id', { keyType: 'uuid' }),
  documents: sharded('product', 'owner', { keyType: 'string' }),
  events: sharded('archive', 'user_id'),
  memberships: sharded('product', 'user_id', { columns: ['id', 'user_id'] }),
  invoices: sharded('product', 'user_id', { columns: ['id', 'user_id', 'amount'] }),
  // Ids that carry the logical shard.
  threads: sharded('product', 'owner', { ids: { id: 'time' } }),
  messages: sharded('product', 'user_id', { ids: { id: 'time', thread_id: 'time' } }),
  currencies: reference('product'),
  countries: reference('all', { source: 'meta' }),
  regions: reference('archive'),
  colours: reference('product', { copies: 'unmanaged' }),
  counters: isolated('product'),
  audit: pinned('meta'),
}

const groups = [makeGroup('product', 4), makeGroup('archive', 2)]
const databases = ['default', 'meta'].map((name) => ({
  name,
  server: makeServer(name, name === 'default' ? 'main' : name),
}))

/** Two groups and two databases; the tables are the caller's. */
export function makeTopology(
  tables: Readonly<Record<string, TableKind>>,
  dialect: Topology['dialect'] = 'mysql',
): Topology {
  return {
    version: 'golden',
    dialect,
    databases: new Map(databases.map((database) => [database.name, database])),
    shardGroups: new Map(groups.map((group) => [group.name, group])),
    tables: new Map(
      Object.entries(tables).map(([table, kind]): [string, TableDeclaration] => [
        table.toLowerCase(),
        { ...kind, table },
      ]),
    ),
    transactions: 'one-server',
    unshardedInTransaction: 'refuse',
    servers: [...databases, ...groups.flatMap((group) => group.servers)].map((one) =>
      'server' in one ? one.server : one,
    ),
  }
}

/** Two groups and a table of every kind, for the golden plans. */
export const topology: Topology = makeTopology(kinds)

/** The same on SQLite. */
export const sqliteTopology: Topology = { ...topology, dialect: 'sqlite' }

/** A logical shard by its index in the group `product`. */
export function productShard(index: number): LogicalShard {
  const shard = topology.shardGroups.get('product')?.shards[index]
  if (shard === undefined) throw new RangeError(`no shard ${index}`)
  return shard
}
