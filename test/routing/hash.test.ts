import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { hashKey, hashStrategy } from '../../src/routing/hash.ts'
import { type HashVectors, countKeys, integer, readVectors } from './vectors.ts'

const vectors = readVectors<HashVectors>('hash')
const keys = 1_000_000

function largestDeviation(counts: readonly number[]): number {
  const even = keys / counts.length
  return Math.max(...counts.map((count) => Math.abs(count - even) / even))
}

/** Chi-square in standard deviations from what random placement gives; negative is more even than that. */
function unevenness(counts: readonly number[]): number {
  const even = keys / counts.length
  const chiSquare = counts.reduce((sum, count) => sum + (count - even) ** 2 / even, 0)
  return (chiSquare - (counts.length - 1)) / Math.sqrt(2 * (counts.length - 1))
}

describe('hash of keys', () => {
  it('is what the golden vectors say for integers', () => {
    for (const { key, hash } of vectors.integers) expect(hashKey(integer(key)), key).toBe(BigInt(hash))
  })

  it('is what the golden vectors say for strings', () => {
    for (const { key, hash } of vectors.strings) expect(hashKey(key), key).toBe(BigInt(hash))
  })

  it('places the keys of the golden vectors on the same shards for ever', () => {
    vectors.shardCounts.forEach((shards, column) => {
      const strategy = hashStrategy(shards)
      for (const { key, shards: expected } of vectors.integers) {
        expect(strategy.locate(integer(key)), `${key} of ${shards}`).toBe(expected[column])
      }
      for (const { key, shards: expected } of vectors.strings) {
        expect(strategy.locate(key), `${key} of ${shards}`).toBe(expected[column])
      }
    })
  })

  it('is reduced to shards without rounding, whatever their number', () => {
    const count = fc.integer({ min: 1, max: 2_000_000 })
    const key = fc.oneof(fc.bigInt({ min: -(2n ** 63n), max: 2n ** 64n - 1n }).map(integer), fc.string())
    fc.assert(
      fc.property(count, key, (shards, value) => {
        expect(hashStrategy(shards).locate(value)).toBe(Number(hashKey(value) % BigInt(shards)))
      }),
    )
  })

  it('splits each shard in two when the number of shards doubles', () => {
    const before = hashStrategy(480)
    const after = hashStrategy(960)
    fc.assert(
      fc.property(fc.maxSafeInteger(), (key) => {
        expect(Number(after.locate(key)) % 480).toBe(before.locate(key))
      }),
    )
  })

  it('does not keep anything of an earlier string key', () => {
    const strategy = hashStrategy(1024)
    const first = strategy.locate('short')
    strategy.locate('a much longer key that fills more of the buffer')
    expect(strategy.locate('short')).toBe(first)
  })
})

describe('load of the hash', () => {
  for (const shards of [8, 480, 1024]) {
    it(`stays within 5 % of even for 1,000,000 keys in sequence on ${shards} shards`, () => {
      const { locate } = hashStrategy(shards)
      for (const start of [0, 1, 123_456_789, 2 ** 40 + 777]) {
        expect(largestDeviation(countKeys(keys, shards, (key) => locate(start + key)))).toBeLessThan(0.05)
      }
      expect(largestDeviation(countKeys(keys, shards, (key) => locate(-key)))).toBeLessThan(0.05)
    })
  }

  for (const shards of [8, 480, 1024]) {
    it(`is no more uneven than chance for strides, snowflakes and random keys on ${shards} shards`, () => {
      const { locate } = hashStrategy(shards)
      for (const stride of [2, 8, 10, 100, 480, 1000, 1024, 4096, 2 ** 20, 2 ** 32]) {
        expect(
          unevenness(countKeys(keys, shards, (key) => locate(key * stride))),
          `stride ${stride}`,
        ).toBeLessThan(5)
      }
      const snowflake = (key: number): bigint => (1_700_000_000_000n + BigInt(key)) << 22n
      expect(unevenness(countKeys(keys, shards, (key) => locate(snowflake(key))))).toBeLessThan(5)
      const scattered = (key: number): number => Number(hashKey(`${key}`) >> 11n)
      expect(unevenness(countKeys(keys, shards, (key) => locate(scattered(key))))).toBeLessThan(5)
      expect(unevenness(countKeys(keys, shards, (key) => locate(`customer-${key}`)))).toBeLessThan(5)
    })
  }
})
