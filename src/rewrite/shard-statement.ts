import type { SqlText } from '../drivers/driver.ts'
import type { LogicalShard } from '../topology/topology.ts'

/** One statement for one shard. */
export interface ShardStatement {
  readonly shard: LogicalShard
  readonly text: SqlText
  /** The values of the markers that are left, in their order. */
  readonly values: readonly unknown[]
  /** As in the plan: the reference tables whose copies on the shard are read. */
  readonly copies?: readonly string[] | undefined
  /** The rows or items of a split that are in it, in their order; absent when it is the whole statement. */
  readonly kept?: readonly number[]
}
