/** How keys find their logical shard, as data. The strategies themselves are in routing/. */
export type RoutingDeclaration =
  | { readonly strategy: 'hash' }
  /** The consistent hash of Django-Shard-Library 0.1.3. `virtualNodes` per logical shard, default 512. */
  | { readonly strategy: 'ring'; readonly virtualNodes: number }
  /** `key mod virtualShards mod shards`, floor modulo, as Django-Shard-Library 0.0.5. `virtualShards` default 1,024. */
  | { readonly strategy: 'modulo'; readonly virtualShards: number }
  /** Each range holds the keys from `from` (inclusive) up to the next one's `from`. Keys as canonical text. */
  | { readonly strategy: 'range'; readonly ranges: readonly KeyRange[] }
  | DirectoryDeclaration
  | { readonly strategy: 'custom'; readonly name: string; readonly locate: CustomLocate }

export interface KeyRange {
  /** Lowest key of the range; absent in the first range: no lower end. */
  readonly from?: bigint
  /** Index of the logical shard. */
  readonly shard: number
}

/** A list of key → logical shard, given here or kept in a table. */
export interface DirectoryDeclaration {
  readonly strategy: 'directory'
  /** Keys (canonical text) to the index of their shard. Pins win over the table. */
  readonly pins: ReadonlyMap<string, number>
  /** A table of an unsharded database that holds the rest; absent: the pins are all. */
  readonly table?: {
    readonly database: string
    readonly name: string
    readonly keyColumn: string
    /** Holds the index of the logical shard. */
    readonly shardColumn: string
    /** Keys remembered in this process, least recently used go first. Default 10,000. */
    readonly cacheSize: number
    /** A remembered key is asked again after so many milliseconds. Default 60,000. */
    readonly cacheTtlMs: number
  }
  /** What to do with a key that stands nowhere: refuse, or hash it. Default `refuse`. */
  readonly unknownKeys: 'refuse' | 'hash'
}

/** Gets a canonical key and the number of logical shards; gives an index from 0 to shards - 1, the same for the same key for ever. */
export type CustomLocate = (key: bigint | string, shards: number) => number
