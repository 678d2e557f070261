import fc from 'fast-check'
import { expect, test } from 'vitest'
import { dealShards } from '../../src/topology/deal-shards.ts'

test('dealing loses no logical shard, is even and keeps them in contiguous ranges', () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 200 }), fc.integer({ min: 0, max: 2000 }), (servers, more) => {
      const logicalShards = servers + more
      const places = dealShards(logicalShards, servers)
      expect(places).toHaveLength(logicalShards)
      expect(places).toEqual(places.toSorted((left, right) => left - right))
      const counts = Array.from({ length: servers }, () => 0)
      for (const place of places) counts[place] = (counts[place] ?? 0) + 1
      expect(Math.max(...counts) - Math.min(...counts)).toBeLessThanOrEqual(1)
      expect(counts).toEqual(counts.toSorted((left, right) => right - left))
      expect(counts).toHaveLength(servers)
    }),
  )
})
