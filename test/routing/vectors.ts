import { readFileSync } from 'node:fs'
import { canonicalKey } from '../../src/keys/canonical-key.ts'
import type { ShardKey } from '../../src/keys/shard-key.ts'

export interface HashVectors {
  readonly shardCounts: readonly number[]
  readonly integers: readonly HashCase[]
  readonly strings: readonly HashCase[]
}

interface HashCase {
  readonly key: string
  readonly hash: string
  readonly shards: readonly number[]
}

export interface RingVectors {
  readonly nodes: readonly string[]
  readonly replica: number
  readonly ring_length: number
  readonly ring_first: readonly RingPoint[]
  readonly ring_last: readonly RingPoint[]
  readonly distribution_keys_0_19999: readonly number[]
  readonly cases: readonly IndexCase[]
}

export interface RingPoint {
  readonly hash: string
  readonly index: number
}

interface IndexCase {
  readonly key: string
  readonly index: number
}

export interface ModuloVectors {
  readonly groups: readonly {
    readonly shards: number
    readonly replica: number
    readonly distribution_keys_0_19999: readonly number[]
    readonly cases: readonly IndexCase[]
  }[]
}

/** A file of test/vectors. The caller names the type, which the file's maker fixed. */
export function readVectors<Vectors>(name: string): Vectors {
  return JSON.parse(readFileSync(new URL(`../vectors/${name}.json`, import.meta.url), 'utf8')) as Vectors
}

export function integer(key: unknown): ShardKey {
  return canonicalKey(key, 'integer', { table: 'orders', column: 'user_id' })
}

export function countKeys(
  keys: number,
  shards: number,
  locate: (key: number) => number | undefined,
): number[] {
  const counts = Array.from({ length: shards }, () => 0)
  for (let key = 0; key < keys; key++) {
    const shard = locate(key) ?? -1
    counts[shard] = (counts[shard] ?? 0) + 1
  }
  return counts
}
