import { requireInteger } from './require-integer.ts'
import type { RoutingStrategy } from './strategy.ts'

/**
 * `key mod virtualShards mod shards` with floor modulo (-1 mod 1024 is 1023), as Django-Shard-Library
 * 0.0.5. Kept for those who come from there: it loads shards unevenly when `virtualShards` is no
 * multiple of `shards`, and leaves shards empty when it is less.
 */
export function moduloStrategy(group: string, shards: number, virtualShards: number): RoutingStrategy {
  const virtual = BigInt(virtualShards)
  return {
    locate: (key) => {
      const integer = requireInteger(key, group, 'modulo')
      if (typeof integer === 'bigint') return floorModulo(Number(integer % virtual), virtualShards) % shards
      return floorModulo(integer, virtualShards) % shards
    },
  }
}

function floorModulo(value: number, by: number): number {
  const rest = value % by
  // + 0 because the remainder of a negative multiple is -0.
  return rest < 0 ? rest + by : rest + 0
}
