import type { ReadPolicy, ReplicaChoice } from './read-options.ts'
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
  readonly replicas?: readonly ReplicaConfig[] | undefined
  /** How reads use the replicas. Default: `causal`. */
  readonly reads?: ReadsConfig | undefined
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
  /** How reads use the replicas, unless the server has its own. Default: `causal`. */
  readonly reads?: ReadsConfig | undefined
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
  readonly replicas?: readonly ReplicaConfig[] | undefined
  /** How reads use the replicas, option by option over those of the group. Default: those of the group. */
  readonly reads?: ReadsConfig | undefined
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

/** A replica: as any endpoint, with its share of the reads. */
export type ReplicaConfig = string | undefined | ReplicaObject

/** A URL with what belongs to a replica beside it. */
export interface ReplicaObject extends EndpointObject {
  /**
   * Reads beside the other replicas, 1 to 1,000, default 1: a replica of weight 3 gets three reads where one
   * of weight 1 gets one. Too high for a slow machine makes its reads queue.
   */
  readonly weight?: number | undefined
}

/** A policy alone, or with what else is to be said. docs/consistency.md tells what each guarantees. */
export type ReadsConfig = ReadPolicy | ReadsObject

/** How reads outside of transactions use replicas. In a transaction the primary reads, always. */
export interface ReadsObject {
  /**
   * `causal` (default): a read sees every write this process was told of; a replica that has them serves it,
   * otherwise the primary. `replica`: any replica, however old its rows. `primary`: never a replica.
   */
  readonly policy?: ReadPolicy | undefined
  /** `roundRobin` (default), `random`, or `leastBusy`, which compares this process's own statements. */
  readonly choice?: ReplicaChoice | undefined
  /**
   * Longest wait of a causal read for a replica to catch up before the primary is asked, in milliseconds, 0 to
   * 60,000. Default 0: no wait, so a process that writes all the time reads from the primary. Above the usual
   * delay of the replicas most of these reads leave the primary, and take that delay and one question more. Too
   * high makes them slow when a replica falls behind.
   */
  readonly replicaWaitMs?: number | undefined
  /**
   * A replica that leaves a read without an answer for so many milliseconds, 1 to 2,147,483,647, default
   * 2,000, is asked on a connection of its own whether it still works at it. If it is, the read goes on. If there
   * is no answer in the same time, the replica is ejected and its reads go elsewhere. Too low takes a busy server
   * for a hanging one, too high leaves callers hanging, at most twice as long.
   */
  readonly replicaTimeoutMs?: number | undefined
  /**
   * A replica further behind its primary, in milliseconds, 200 to 2,147,483,647, is not read. Default: lag is not
   * measured. Too low ejects replicas for every burst of writes; each quarter of it, between 50 ms and 1 s,
   * costs a question to each server that is read.
   */
  readonly maxLagMs?: number | undefined
  /**
   * What a read does when all replicas are down or too far behind: `primary` (default) asks the primary,
   * `refuse` fails with SHERD_REPLICAS_UNAVAILABLE, for primaries that could not carry all reads.
   */
  readonly whenReplicasFail?: 'primary' | 'refuse' | undefined
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
  /**
   * Prepared statements (`execute`) that each connection keeps on its server, 1 to 16,000, default 100; the least recently
   * used is closed. Too low prepares the same text again and again; too high reaches the server's `max_prepared_stmt_count`
   * (16,382 by default, of all connections together), and its error 1461. A text counts once for each logical shard.
   */
  readonly preparedStatementLimit?: number | undefined
  /**
   * How many parts of one statement that reads several logical shards run on a server at once, 1 to 10,000; that of the primary
   * counts. Default: half of its `connectionLimit`, at least 1. Too low makes such statements slow, too high lets one
   * of them take all connections while the others wait.
   */
  readonly fanOutLimit?: number | undefined
  /**
   * A statement is ended on its server after so many milliseconds, 1 to 2,147,483,647, the wait for a connection included,
   * and fails with SHERD_DEADLINE; that of the primary counts. Default: none, so a statement may run, and a caller
   * wait, for ever. Too low ends statements that are slow for good reasons, DDL too; too high keeps callers waiting.
   */
  readonly statementTimeoutMs?: number | undefined
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
