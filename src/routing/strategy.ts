import type { ShardKey } from '../keys/shard-key.ts'

/** Key → index of the logical shard. Pure: the same key gives the same index, always. */
export interface RoutingStrategy {
  /** `undefined` when only `lookup` can tell: a directory kept in a table has not seen the key yet. */
  readonly locate: (key: ShardKey) => number | undefined
  /** Asks the directory's table and remembers the answer. Fails with SHERD_UNKNOWN_KEY when the key stands nowhere. */
  readonly lookup?: (key: ShardKey) => Promise<number>
}

/** How a directory reads its table; the engine gives it, so that routing needs no connection of its own. */
export type ReadDirectory = (key: ShardKey) => Promise<number | undefined>
