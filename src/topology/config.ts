import type { CustomLocate } from './routing-declaration.ts'
import type { TableKinds } from './table-kinds.ts'
import type { TransactionMode, UnshardedInTransaction } from './topology.ts'

/** What `defineConfig` takes. At least one database or shard group. */
export interface SherdConfig {
  /**
   * Unsharded databases by name, each with its primary and replicas. Tables that are not declared go to the
   * one called `default`. Default: none.
   */
  readonly databases?: Readonly<Record<string, DatabaseConfig>> | undefined
  /** Shard groups by name: sets of logical shards that share servers, options and routing. Default: none. */
  readonly shardGroups?: Readonly<Record<string, ShardGroupConfig>> | undefined
  /**
   * Kinds by table name, in one object or several, such as one from each model file. A table declared twice
   * must be declared alike; names are compared without regard to case. Default: none, so every
   * table is an unsharded one.
   */
  readonly tables?: TableKinds | readonly TableKinds[] | undefined
  /**
   * What happens when a transaction, or one statement that writes rows of several logical shards, reaches a second
   * server. `one-server` (default): it is refused. `xa`: two-phase commit, all servers or none; writes on several servers cost
   * about twice the time, and `sherd.createDatabases()` must have made its tables. `best-effort`: each server commits by itself,
   * one after the other, and a failure in between is reported as SHERD_PARTIAL_COMMIT. Not `xa` on SQLite.
   */
  readonly transactions?: TransactionMode | undefined
  /**
   * What happens with statements of unsharded databases inside a transaction that runs on another server. `refuse` (default),
   * or `separate`: they run outside of the transaction, each by itself, so a ROLLBACK does not take them back.
   * Counts for `transactions: 'one-server'` only; otherwise their server takes part.
   */
  readonly unshardedInTransaction?: UnshardedInTransaction | undefined
}

/** An unsharded database. */
export interface DatabaseConfig {
  /** Where writes go. The URL names the database: `mysql://user:password@host/metadata`, `sqlite:./main.db`. */
  readonly primary: EndpointConfig
  /** Where reads go that need not be fresh. Default: none, so reads go to the primary. SQLite: none. */
  readonly replicas?: readonly EndpointConfig[] | undefined
  /** Options of primary and replicas, unless these have their own. Default: those of each option. */
  readonly options?: ConnectionOptionsConfig | undefined
}

/** Logical shards `<databaseName>_0` … and the servers that hold them. */
export interface ShardGroupConfig {
  /**
   * First part of the logical shards' database names: `product` gives `product_0`, `product_1` …
   * A letter, then letters, digits and underscores; the longest name must fit into 64 characters.
   * With ring routing a change of the name changes where keys belong.
   */
  readonly databaseName: string
  /**
   * Number of logical shards, 1 to 65,536. Too low limits the number of servers the group can grow to; too
   * high costs time in migrations and scattered reads. Changing it moves keys, so it is chosen once.
   */
  readonly logicalShards: number
  /** How keys find their logical shard. Default `hash`. */
  readonly routing?: RoutingConfig | undefined
  /** Options of every server of the group, unless server, primary, replica or URL has its own. */
  readonly options?: ConnectionOptionsConfig | undefined
  /**
   * The servers, at least one and at most as many as logical shards. Logical shards are dealt in contiguous ranges,
   * evenly, the first servers taking one more where it does not come out even: 10 on 3 is 4, 3, 3.
   */
  readonly servers: readonly ServerConfig[]
}

/** One server of a shard group. */
export interface ServerConfig {
  /**
   * Where writes go. The URL names no database: `mysql://user:password@host:3306/`. For SQLite a folder with
   * one file per logical shard, `sqlite:./data`, or `sqlite::memory:`.
   */
  readonly primary: EndpointConfig
  /** Where reads go that need not be fresh. Default: none, so reads go to the primary. SQLite: none. */
  readonly replicas?: readonly EndpointConfig[] | undefined
  /** Options of primary and replicas, unless these have their own. Default: those of the group. */
  readonly options?: ConnectionOptionsConfig | undefined
  /**
   * Indexes of the logical shards on this server, when they are placed by hand. Given for all servers of a
   * group or for none; each index stands once. `[]` keeps a server free for moves. Default: dealt evenly,
   * which changes the place of shards when a server is added.
   */
  readonly logicalShards?: readonly number[] | undefined
}

/**
 * A URL, alone or with options: `mysql://user:password@host:port/database?option=value`, also `mariadb://`.
 * Port default 3306. In user, password and database the characters `@ : / ? # %` are written as `%40 %3A %2F %3F %23 %25`;
 * a `+` stays a plus. Options of a URL are those of `ConnectionOptionsConfig`, also in snake case
 * (`sql_mode`), and `ssl=true` for `tls=verify`. `undefined` is allowed by the type so that `process.env.NAME` can
 * be written; when it is undefined, that is a mistake.
 */
export type EndpointConfig = string | undefined | EndpointObject

/** A URL with options beside it; an option in the URL wins. */
export interface EndpointObject {
  readonly url: string | undefined
  readonly options?: ConnectionOptionsConfig | undefined
}

/**
 * Options of connections. They are inherited group → server → primary or replica → URL, and the nearest wins,
 * option by option. SQLite uses `acquireTimeoutMs` only, ignores the others, and always has one connection.
 */
export interface ConnectionOptionsConfig {
  /** Character set of the connection. Only `utf8mb4`, its default: text is routed as full Unicode. */
  readonly charset?: string | undefined
  /**
   * `sql_mode` for each new connection, modes separated by commas. Default: the server's own. Without
   * `STRICT_TRANS_TABLES` a server may change a key that does not fit into its column; such writes are refused.
   */
  readonly sqlMode?: string | undefined
  /**
   * How dates are read and written: `local`, `Z`, or an offset `+09:00`. Default `local`, as mysql2.
   * Processes in different zones must agree.
   */
  readonly timezone?: string | undefined
  /**
   * `off`, `required` (encrypted, any certificate), `verify` (certificate and host name checked). Default
   * `off`: passwords and rows can be read on the way.
   */
  readonly tls?: 'off' | 'required' | 'verify' | undefined
  /**
   * Connections per endpoint and process, 1 to 10,000, default 10. Too low makes statements wait, too high
   * uses up the server's `max_connections` when there are many processes.
   */
  readonly connectionLimit?: number | undefined
  /**
   * Longest wait for TCP connection and hand-shake, in milliseconds, 1 to 2,147,483,647. Default 10,000.
   * Too low fails on busy servers, too high keeps callers waiting for dead ones.
   */
  readonly connectTimeoutMs?: number | undefined
  /**
   * Longest wait for a free connection, in milliseconds, 1 to 2,147,483,647. Default 10,000. Too low fails
   * in peaks, too high lets requests pile up.
   */
  readonly acquireTimeoutMs?: number | undefined
  /**
   * An idle connection is closed after so many milliseconds, 1 to 2,147,483,647. Default 60,000. Too low
   * reconnects often, higher than the server's `wait_timeout` finds dead connections.
   */
  readonly idleTimeoutMs?: number | undefined
}

/** How keys find their logical shard; a name alone takes the strategy's defaults. */
export type RoutingConfig =
  | 'hash'
  | 'ring'
  | 'modulo'
  | { readonly strategy: 'hash' }
  | RingConfig
  | ModuloConfig
  | RangeConfig
  | DirectoryConfig
  | CustomConfig

/** The consistent hash of Django-Shard-Library 0.1.3. */
export interface RingConfig {
  readonly strategy: 'ring'
  /**
   * Points on the ring per logical shard, 1 to 65,536, default 512. Fewer spread keys less evenly. A change
   * moves keys.
   */
  readonly virtualNodes?: number | undefined
}

/** `key mod virtualShards mod logicalShards`, as Django-Shard-Library 0.0.5. Integer keys only. */
export interface ModuloConfig {
  readonly strategy: 'modulo'
  /**
   * From the number of logical shards to 2,147,483,647, default 1,024. Not a multiple of the logical
   * shards: some get more keys. A change moves keys.
   */
  readonly virtualShards?: number | undefined
}

/** Ranges of integer keys. */
export interface RangeConfig {
  readonly strategy: 'range'
  /**
   * In ascending order. The first has no `from` and so no lower end; each reaches up to the next one's
   * `from`.
   */
  readonly ranges: readonly {
    /** Lowest key of the range. Numbers beyond 2^53 - 1 are given as bigint. */
    readonly from?: bigint | number | undefined
    /** Index of the logical shard. */
    readonly shard: number
  }[]
}

/** A list of key → logical shard, here or in a table. */
export interface DirectoryConfig {
  readonly strategy: 'directory'
  /** Key → index of the logical shard. Pins win over the table. Default: none. */
  readonly pins?: Readonly<Record<string, number>> | ReadonlyMap<string | number | bigint, number> | undefined
  /** A table of an unsharded database that holds the rest. Default: none. */
  readonly table?: DirectoryTableConfig | undefined
  /** A key that stands nowhere: `refuse` its statements or `hash` it. Default `refuse`. */
  readonly unknownKeys?: 'refuse' | 'hash' | undefined
}

/** Where a directory is kept. */
export interface DirectoryTableConfig {
  /** One of `databases`. */
  readonly database: string
  readonly name: string
  readonly keyColumn: string
  /** Holds the index of the logical shard. */
  readonly shardColumn: string
  /**
   * Keys remembered in this process, 1 to 10,000,000, default 10,000. Too low asks the table often, too
   * high takes memory, about 100 bytes a key.
   */
  readonly cacheSize?: number | undefined
  /**
   * A remembered key is asked again after so many milliseconds, 1 to 2,147,483,647, default 60,000. Too
   * high keeps sending a moved key to its old shard.
   */
  readonly cacheTtlMs?: number | undefined
}

/** A function of yours. */
export interface CustomConfig {
  readonly strategy: 'custom'
  /** Stands for the function in the version of the topology: change it when the function changes. */
  readonly name: string
  readonly locate: CustomLocate
}
