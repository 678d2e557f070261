import type { ShardKey } from '../keys/shard-key.ts'
import { highBits, lowBits } from './key-bits.ts'
import { murmur3, murmurMix, utf8 } from './murmur3.ts'
import type { RoutingStrategy } from './strategy.ts'

/**
 * The default strategy: a 64-bit hash of the key modulo the number of logical shards. Doubling the
 * shards splits each shard `s` into `s` and `s + shards`; no other key moves.
 *
 * The definition never changes (test/vectors/hash.json holds it) and needs 32-bit unsigned arithmetic
 * only; `*` wraps, `mix` is the finaliser of MurmurHash3_x86_32 (Austin Appleby, public domain,
 * https://github.com/aappleby/smhasher):
 *
 *     mix(h): h ^= h >> 16; h *= 0x85ebca6b; h ^= h >> 13; h *= 0xc2b2ae35; h ^= h >> 16
 *
 * An integer key is taken as 64-bit two's complement, `hi` and `lo`. The 4,096 keys that share all
 * but their lowest 12 bits are a block:
 *
 *     a = mix(((lo >> 12) * 0x9e3779b1) ^ mix(hi ^ 0x2545f491))
 *     b = mix(a ^ hi ^ 0x7feb352d)
 *     x = (lo + a)                                      & 4095
 *     x = ((x ^ x >> 6) * (a >> 11 | 1))                & 4095
 *     x = ((x ^ x >> 5) * (b | 1) + (b >> 12))          & 4095
 *     x = ((x ^ x >> 7) * 0x6d5   + (a >> 22))          & 4095
 *     x =   x ^ x >> 6
 *     hash = b * 2^32 + (a & 0xfffff000 | x)
 *
 * So `a` and `b` scatter the blocks and `x` is a permutation inside each block. The hashes of a block
 * are 4,096 consecutive numbers, which spread over any number of shards with a difference of at most
 * one: keys in sequence (AUTO_INCREMENT) load all shards more evenly than chance would, and keys with
 * a stride or at random as evenly as chance.
 *
 * A string key (also a UUID or binary key, which are hexadecimal text) is taken as UTF-8:
 *
 *     hash = MurmurHash3_x86_32(seed 0x9e3779b1) * 2^32 + MurmurHash3_x86_32(seed 0)
 */
export function hashStrategy(shards: number): RoutingStrategy {
  const wrap = twoTo32 % shards
  return {
    locate: (key) => {
      if (typeof key === 'string') {
        const bytes = utf8(key)
        return remainder(murmur3(bytes, highSeed), murmur3(bytes, lowSeed), shards, wrap)
      }
      const high = highBits(key)
      const low = lowBits(key)
      const a = blockLow(high, low)
      const b = blockHigh(high, a)
      return remainder(b, (a & blockMask) | placeInBlock(low, a, b), shards, wrap)
    },
  }
}

/** The 64-bit hash itself, to compare another implementation with. */
export function hashKey(key: ShardKey): bigint {
  if (typeof key === 'string') {
    const bytes = utf8(key)
    return join(murmur3(bytes, highSeed), murmur3(bytes, lowSeed))
  }
  const high = highBits(key)
  const low = lowBits(key)
  const a = blockLow(high, low)
  const b = blockHigh(high, a)
  return join(b, (a & blockMask) | placeInBlock(low, a, b))
}

const twoTo32 = 4_294_967_296
const blockMask = 0xfffff000
const highSeed = 0x9e3779b1
const lowSeed = 0

function blockLow(high: number, low: number): number {
  return murmurMix(Math.imul(low >>> 12, 0x9e3779b1) ^ murmurMix(high ^ 0x2545f491))
}

function blockHigh(high: number, a: number): number {
  return murmurMix(a ^ high ^ 0x7feb352d)
}

function placeInBlock(low: number, a: number, b: number): number {
  let x = (low + a) & 4095
  x = Math.imul(x ^ (x >>> 6), (a >>> 11) | 1) & 4095
  x = (Math.imul(x ^ (x >>> 5), b | 1) + (b >>> 12)) & 4095
  x = (Math.imul(x ^ (x >>> 7), 0x6d5) + (a >>> 22)) & 4095
  return x ^ (x >>> 6)
}

/**
 * `(high * 2^32 + low) mod shards`, exact; `wrap` is 2^32 mod shards. Up to 65,536 shards nothing
 * passes 2^32, and integer instead of floating-point remainders take half the time.
 */
function remainder(high: number, low: number, shards: number, wrap: number): number {
  const highRest = (high >>> 0) % (shards >>> 0)
  const lowRest = (low >>> 0) % (shards >>> 0)
  if (shards > 65_536) return (highRest * wrap + lowRest) % shards
  return ((Math.imul(highRest, wrap) + lowRest) >>> 0) % (shards >>> 0)
}

function join(high: number, low: number): bigint {
  return (BigInt(high >>> 0) << 32n) | BigInt(low >>> 0)
}
