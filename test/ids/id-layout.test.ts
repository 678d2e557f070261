import fc from 'fast-check'
import { describe, expect, test } from 'vitest'

import {
  idEndMs,
  idEpochMs,
  type IdLayout,
  packId,
  readId,
  safeIdLayout,
  timeIdLayout,
} from '../../src/ids/id-layout.ts'

const layouts: readonly (readonly [string, IdLayout])[] = [
  ['time', timeIdLayout],
  ['safe', safeIdLayout],
]

function partsOf({ timeBits, shardBits, workerBits, sequenceBits }: IdLayout) {
  const below = (bits: number) => fc.nat({ max: 2 ** bits - 1 })
  return fc.record({
    // fc.nat ends at 2^31 - 1.
    unit: fc.maxSafeNat().map((value) => value % 2 ** timeBits),
    shard: below(shardBits),
    worker: below(workerBits),
    sequence: below(sequenceBits),
  })
}

describe.each(layouts)('the layout %s', (_, layout) => {
  test('gives back the parts of every id', () => {
    fc.assert(
      fc.property(partsOf(layout), (parts) => {
        expect(readId(layout, packId(layout, parts))).toEqual(parts)
      }),
    )
  })

  test('sorts by moment, then logical shard, worker and sequence', () => {
    fc.assert(
      fc.property(partsOf(layout), partsOf(layout), (a, b) => {
        const order = [a.unit - b.unit, a.shard - b.shard, a.worker - b.worker, a.sequence - b.sequence]
        const [expected = 0] = order.filter((one) => one !== 0)
        const [left, right] = [packId(layout, a), packId(layout, b)]
        expect(Math.sign(Number(left - right))).toBe(Math.sign(expected))
      }),
    )
  })

  test('refuses a part that does not fit', () => {
    const parts = { unit: 0, shard: 0, worker: 0, sequence: 0 }
    for (const name of ['unit', 'shard', 'worker', 'sequence'] as const)
      for (const value of [-1, 0.5, 2 ** 42])
        expect(() => packId(layout, { ...parts, [name]: value })).toThrow(
          expect.objectContaining({ code: 'SHERD_ID_RANGE' }),
        )
  })
})

test('an id of the largest parts is the largest number its column holds', () => {
  const largest = (layout: IdLayout) =>
    packId(layout, {
      unit: 2 ** layout.timeBits - 1,
      shard: 2 ** layout.shardBits - 1,
      worker: 2 ** layout.workerBits - 1,
      sequence: 2 ** layout.sequenceBits - 1,
    })
  expect(largest(timeIdLayout)).toBe(2n ** 63n - 1n)
  expect(largest(safeIdLayout)).toBe(BigInt(Number.MAX_SAFE_INTEGER))
})

test('a number that no layout makes is not taken apart', () => {
  expect(readId(timeIdLayout, 2n ** 63n)).toBeUndefined()
  expect(readId(timeIdLayout, -1n)).toBeUndefined()
  expect(readId(safeIdLayout, 2n ** 53n)).toBeUndefined()
})

test('the layouts end when their documentation says', () => {
  const day = (layout: IdLayout) => new Date(idEndMs(layout)).toISOString().slice(0, 10)
  expect(new Date(idEpochMs).toISOString()).toBe('2025-01-01T00:00:00.000Z')
  expect(day(timeIdLayout)).toBe('2094-09-07')
  expect(day(safeIdLayout)).toBe('2093-01-19')
})
