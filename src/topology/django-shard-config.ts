/**
 * The arguments of Django-Shard-Library's `ConfigHelper.database_configs` (0.0.x) and
 * `generate_database_configs` (0.1.x), as an object. Both ways of writing a group and an endpoint are taken,
 * because releases between the two mixed them.
 */
export interface DjangoShardConfig {
  readonly unshard?: Readonly<Record<string, DjangoDatabase>> | undefined
  readonly shard?: Readonly<Record<string, DjangoShardGroup>> | undefined
}

/** A master with its slaves. As an entry of `shards` its URLs end with the host and a slash. */
export interface DjangoDatabase extends DjangoLevel {
  readonly master: DjangoEndpoint
  readonly slaves?: readonly DjangoEndpoint[] | undefined
}

/** A URL, or since 0.1.1 an object. */
export type DjangoEndpoint = string | undefined | DjangoEndpointObject

/** A URL with options and connection age of its own. */
export interface DjangoEndpointObject extends DjangoLevel {
  readonly url: string | undefined
}

/** 0.0.x has `shard_options` and `db_options`; 0.1.x has their parts in the group itself, and `options`. */
export interface DjangoShardGroup extends DjangoLevel {
  readonly shard_options?: DjangoShardOptions | undefined
  readonly db_options?: DjangoOptions | undefined
  readonly database_name?: string | undefined
  readonly logical_count?: number | undefined
  readonly shards: readonly DjangoDatabase[]
}

/** Name and number of a group's logical shards, as 0.0.x has them. */
export interface DjangoShardOptions {
  readonly database_name: string
  readonly logical_count: number
  readonly conn_max_age?: number | null | undefined
}

/** What each level may set; the nearest wins. */
export interface DjangoLevel {
  readonly options?: DjangoOptions | undefined
  /**
   * Seconds a connection is kept. Becomes `idleTimeoutMs`; 0 (close after each request) and null (never close)
   * have no counterpart in a pool and become its default.
   */
  readonly conn_max_age?: number | null | undefined
  readonly CONN_MAX_AGE?: number | null | undefined
}

/** Options of mysqlclient. */
export interface DjangoOptions {
  /** `utf8` and `utf8mb3` become `utf8mb4`, which holds the same text. */
  readonly charset?: string | undefined
  /** `STRICT_TRANS_TABLE`, as the library's README writes, becomes `STRICT_TRANS_TABLES`. */
  readonly sql_mode?: string | undefined
  /** Seconds. */
  readonly connect_timeout?: number | undefined
}
