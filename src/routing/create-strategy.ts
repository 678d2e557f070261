import type { ShardGroup } from '../topology/topology.ts'
import { customStrategy } from './custom.ts'
import { directoryStrategy } from './directory.ts'
import { hashStrategy } from './hash.ts'
import { moduloStrategy } from './modulo.ts'
import { rangeStrategy } from './range.ts'
import { ringStrategy } from './ring.ts'
import type { ReadDirectory, RoutingStrategy } from './strategy.ts'

/** What only a directory kept in a table needs. */
export interface StrategyOptions {
  /** Reads the directory's table. Absent: the strategy has no `lookup`. */
  readonly readDirectory?: ReadDirectory
  /** Milliseconds from any fixed moment, for the age of remembered keys. Default `performance.now`. */
  readonly now?: () => number
}

/**
 * The strategy of a shard group. A ring is made once for a group, whoever asks, and built when it is
 * first used; a directory with a table is made anew at each call, because it remembers keys.
 */
export function createStrategy(group: ShardGroup, options: StrategyOptions = {}): RoutingStrategy {
  if (group.routing.strategy === 'directory') return make(group, options)
  const earlier = made.get(group)
  if (earlier !== undefined) return earlier
  const strategy = make(group, options)
  made.set(group, strategy)
  return strategy
}

const made = new WeakMap<ShardGroup, RoutingStrategy>()

function make(group: ShardGroup, options: StrategyOptions): RoutingStrategy {
  const { name, routing } = group
  const shards = group.shards.length
  switch (routing.strategy) {
    case 'hash':
      return hashStrategy(shards)
    case 'ring':
      return ringStrategy({
        names: group.shards.map((shard) => `${group.databaseName}_${shard.index}`),
        virtualNodes: routing.virtualNodes,
      })
    case 'modulo':
      return moduloStrategy(name, shards, routing.virtualShards)
    case 'range':
      return rangeStrategy(name, routing.ranges)
    case 'directory':
      return directoryStrategy(name, shards, routing, { now: () => performance.now(), ...options })
    case 'custom':
      return customStrategy(name, shards, routing)
  }
}
