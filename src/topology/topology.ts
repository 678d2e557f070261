import type { ReadOptions } from './read-options.ts'
import type { RoutingDeclaration } from './routing-declaration.ts'
import type { TableDeclaration } from './table-kinds.ts'

/**
 * What exists: servers, logical shards, tables. Made once from a config, frozen, and the same
 * for the same config (`version`), so that plans can be cached by it.
 */
export interface Topology {
  /** Hash of everything below but secrets; equal configs have equal versions. */
  readonly version: string
  readonly dialect: 'mysql' | 'sqlite'
  readonly databases: ReadonlyMap<string, UnshardedDatabase>
  readonly shardGroups: ReadonlyMap<string, ShardGroup>
  /** By lower case table name. */
  readonly tables: ReadonlyMap<string, TableDeclaration>
  /** Every server once, whatever the number of groups and databases on it. */
  readonly servers: readonly Server[]
  readonly transactions: TransactionMode
  readonly unshardedInTransaction: UnshardedInTransaction
}

/** How a transaction meets a second server. */
export type TransactionMode = 'one-server' | 'xa' | 'best-effort'

/** What a transaction does with unsharded tables of another server. */
export type UnshardedInTransaction = 'refuse' | 'separate'

export interface UnshardedDatabase {
  readonly name: string
  readonly server: Server
}

export interface ShardGroup {
  readonly name: string
  readonly databaseName: string
  readonly routing: RoutingDeclaration
  /** In order of their index, none missing. */
  readonly shards: readonly LogicalShard[]
  readonly servers: readonly Server[]
}

export interface LogicalShard {
  /** `product_3`: the database on the server, and the name used in hints, logs and commands. */
  readonly name: string
  readonly group: string
  /** 0 … number of logical shards - 1. */
  readonly index: number
  readonly server: Server
}

/** A primary and its replicas. One connection pool for each endpoint and profile. */
export interface Server {
  /** `product/0` for the first server of a group, `default` for the database of that name. */
  readonly id: string
  readonly primary: Endpoint
  readonly replicas: readonly Endpoint[]
  readonly reads: ReadOptions
}

export type Role = 'primary' | 'replica'

/** One address to connect to. */
export interface Endpoint {
  /** `product/0/primary`, `product/0/replica/1`. */
  readonly id: string
  readonly role: Role
  /** `host:port`, or the folder or file of an SQLite server; `:memory:` for SQLite in memory. */
  readonly address: string
  readonly host: string
  /** 0 for SQLite. */
  readonly port: number
  /** The default database of the connection; absent for servers of a shard group. */
  readonly database?: string
  /** Of a replica: its share of reads beside the others. Absent: 1. */
  readonly weight?: number
  readonly options: ConnectionOptions
  /** Functions, so that no printer, logger or serializer of the endpoint can show them. */
  readonly user: () => string
  readonly password: () => string
}

/** Options of a connection after inheritance: group → server → replica → URL, the nearest wins. */
export interface ConnectionOptions {
  /** Character set of the connection. Default `utf8mb4`; others are refused because the lexer reads UTF-16 of full Unicode. */
  readonly charset: string
  /** `sql_mode` set on each new connection; absent: the server's own. */
  readonly sqlMode?: string
  /** How dates are read and written: `local`, `Z` or `+09:00`. Default `local`, as mysql2. */
  readonly timezone: string
  /** TLS: `off`, `required` (any certificate), `verify`. Default `off`. */
  readonly tls: 'off' | 'required' | 'verify'
  /** Connections per endpoint and process. 1 to 10,000, default 10. SQLite: always 1. */
  readonly connectionLimit: number
  /** Longest wait for a TCP connection and hand-shake, in milliseconds. Default 10,000. */
  readonly connectTimeoutMs: number
  /** Longest wait for a free connection, in milliseconds. Default 10,000. */
  readonly acquireTimeoutMs: number
  /** An idle connection is closed after so many milliseconds. Default 60,000. */
  readonly idleTimeoutMs: number
  /** Prepared statements a connection keeps on its server. 1 to 16,000. Absent: 100. */
  readonly preparedStatementLimit?: number
  /** Parts of one statement that run on a server at once; that of the primary counts. Absent: half of connectionLimit. */
  readonly fanOutLimit?: number
  /** A statement is ended after so many milliseconds; that of the primary counts. Absent: never. */
  readonly statementTimeoutMs?: number
}
