import { hash } from 'node:crypto'
import type { RoutingStrategy } from './strategy.ts'

/** The points of a ring in ascending order: point i is `high[i] * 2^32 + low[i]` and belongs to shard `shard[i]`. */
export interface Ring {
  readonly high: Uint32Array
  readonly low: Uint32Array
  readonly shard: Uint32Array
}

/** What a ring is made of: moving any of it moves keys, also the names of the databases. */
export interface RingShape {
  /** Names of the logical shards' databases, in order of their index. */
  readonly names: readonly string[]
  readonly virtualNodes: number
}

/**
 * The consistent hash of Django-Shard-Library 0.1.3, byte for byte (shard/utils/consistent_hash): the
 * key belongs to the first point at or after its hash. The ring is built at the first look-up.
 *
 * Look-ups are not cached: one takes 1 µs with `crypto.hash` and text output (bench/routing.ts), little
 * beside a statement, and a cache would have to be bounded and shared.
 */
export function ringStrategy(
  shape: RingShape,
  build: (shape: RingShape) => Ring = buildRing,
): RoutingStrategy {
  let ring: Ring | undefined
  return {
    locate: (key) => {
      ring ??= build(shape)
      const digest = blake2b(String(key))
      return ring.shard[findPoint(ring, word(digest, highWord), word(digest, lowWord))]
    },
  }
}

/**
 * Point k of shard i is the hash of `name:i:k:k * (2^31 - 1)`.
 *
 * Where two points are the same the seed takes a further one for the later shard; here the earlier
 * point hides the later. With 1,024 × 512 points the chance that a ring has such a pair is 10^-8.
 */
export function buildRing({ names, virtualNodes }: RingShape): Ring {
  const points = names.length * virtualNodes
  const high = new Uint32Array(points)
  const low = new Uint32Array(points)
  names.forEach((name, shard) => {
    for (let k = 0; k < virtualNodes; k++) {
      const digest = blake2b(`${name}:${shard}:${k}:${k * maxInt32}`)
      high[shard * virtualNodes + k] = word(digest, highWord)
      low[shard * virtualNodes + k] = word(digest, lowWord)
    }
  })
  const order = Uint32Array.from({ length: points }, (_, position) => position)
  order.sort((a, b) => at(high, a) - at(high, b) || at(low, a) - at(low, b))
  return {
    high: order.map((position) => at(high, position)),
    low: order.map((position) => at(low, position)),
    shard: order.map((position) => Math.floor(position / virtualNodes)),
  }
}

/** The seed's hash: the last 8 bytes of BLAKE2b-512 over the UTF-8 text, big endian. */
export function hashForRing(text: string): bigint {
  const digest = blake2b(text)
  return (BigInt(word(digest, highWord)) << 32n) | BigInt(word(digest, lowWord))
}

const maxInt32 = 2_147_483_647
const highWord = 56
const lowWord = 60

/** One byte in each character: a string costs 0.5 µs, a Buffer 1.7 and createHash 2.0 (Node 20.20). */
function blake2b(text: string): string {
  return hash('blake2b512', text, 'binary')
}

function word(digest: string, start: number): number {
  const bits =
    (digest.charCodeAt(start) << 24) |
    (digest.charCodeAt(start + 1) << 16) |
    (digest.charCodeAt(start + 2) << 8) |
    digest.charCodeAt(start + 3)
  return bits >>> 0
}

function findPoint(ring: Ring, high: number, low: number): number {
  const points = ring.high.length
  let first = 0
  let end = points
  while (first < end) {
    const middle = (first + end) >>> 1
    const order = at(ring.high, middle) - high || at(ring.low, middle) - low
    if (order < 0) first = middle + 1
    else end = middle
  }
  return first === points ? 0 : first
}

function at(values: Uint32Array, position: number): number {
  return values[position] ?? 0
}
