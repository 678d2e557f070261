import { describe, expect, it } from 'vitest'
import { type Ring, buildRing, hashForRing, ringStrategy } from '../../src/routing/ring.ts'
import { type RingPoint, type RingVectors, countKeys, integer, readVectors } from './vectors.ts'

function pointsOf(ring: Ring, start: number, end?: number): RingPoint[] {
  const positions = Array.from(ring.high.keys()).slice(start, end)
  return positions.map((position) => ({
    hash: String((BigInt(ring.high[position] ?? 0) << 32n) | BigInt(ring.low[position] ?? 0)),
    index: ring.shard[position] ?? -1,
  }))
}

describe('hash of the ring', () => {
  it('is that of Django-Shard-Library for every vector', () => {
    const { cases } = readVectors<{ cases: { key: string; hash: string }[] }>('hash_blake2b')
    for (const { key, hash } of cases) expect(String(hashForRing(key)), key).toBe(hash)
  })
})

for (const name of ['ring_n1_r512', 'ring_n3_r512', 'ring_n8_r512', 'ring_n16_r128']) {
  describe(`ring of ${name}`, () => {
    const vectors = readVectors<RingVectors>(name)
    const shape = { names: vectors.nodes, virtualNodes: vectors.replica }
    const strategy = ringStrategy(shape)

    it('has the length, the first and the last points of Django-Shard-Library', () => {
      const ring = buildRing(shape)
      expect(ring.high.length).toBe(vectors.ring_length)
      expect(pointsOf(ring, 0, vectors.ring_first.length)).toEqual(vectors.ring_first)
      expect(pointsOf(ring, -vectors.ring_last.length)).toEqual(vectors.ring_last)
    })

    it('places every key of the vectors', () => {
      for (const { key, index } of vectors.cases) expect(strategy.locate(integer(key)), key).toBe(index)
    })

    it('spreads the keys 0 to 19,999 as the vectors say', () => {
      expect(countKeys(20_000, vectors.nodes.length, strategy.locate)).toEqual(
        vectors.distribution_keys_0_19999,
      )
    })
  })
}

describe('ring', () => {
  const names = Array.from({ length: 16 }, (_, index) => `product_${index}`)

  it('moves only the keys of the shard that is taken away', () => {
    const before = ringStrategy({ names, virtualNodes: 512 })
    const after = ringStrategy({ names: names.slice(0, 15), virtualNodes: 512 })
    let moved = 0
    for (let key = 0; key < 100_000; key++) {
      const shard = before.locate(key)
      if (shard === after.locate(key)) continue
      expect(shard).toBe(15)
      moved++
    }
    expect(moved).toBe(countKeys(100_000, 16, before.locate)[15])
  })

  it('is built at the first look-up, and only once', () => {
    let builds = 0
    const strategy = ringStrategy({ names, virtualNodes: 8 }, (shape) => {
      builds++
      return buildRing(shape)
    })
    expect(builds).toBe(0)
    strategy.locate(1)
    strategy.locate('text')
    expect(builds).toBe(1)
  })

  it('of 1,024 shards with 512 points each holds all points in order', () => {
    const many = Array.from({ length: 1024 }, (_, index) => `product_${index}`)
    const { high, low, shard } = buildRing({ names: many, virtualNodes: 512 })
    expect(high.length).toBe(524_288)
    let isAscending = true
    for (let i = 1; i < high.length; i++) {
      const order = (high[i] ?? 0) - (high[i - 1] ?? 0) || (low[i] ?? 0) - (low[i - 1] ?? 0)
      isAscending &&= order > 0
    }
    expect(isAscending).toBe(true)
    expect(new Set(shard).size).toBe(1024)
  })
})
