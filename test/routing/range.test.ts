import { describe, expect, it } from 'vitest'
import { rangeStrategy } from '../../src/routing/range.ts'

describe('range', () => {
  const ranges = [
    { from: 2n ** 60n, shard: 3 },
    { shard: 2 },
    { from: 0n, shard: 0 },
    { from: 100n, shard: 1 },
  ]

  it('holds the keys from its start up to the next start, in whatever order the ranges are given', () => {
    const { locate } = rangeStrategy('product', ranges)
    const expected: [number | bigint, number][] = [
      [-1, 2],
      [-(2n ** 63n), 2],
      [0, 0],
      [99, 0],
      [100, 1],
      [2n ** 60n - 1n, 1],
      [2n ** 60n, 3],
      [2n ** 64n - 1n, 3],
    ]
    for (const [key, shard] of expected) expect(locate(key), String(key)).toBe(shard)
  })

  it('refuses a key below the first range and says how to hold it, without showing the key', () => {
    const { locate } = rangeStrategy('product', [{ from: 1000n, shard: 0 }])
    expect(locate(1000)).toBe(0)
    expect(() => locate(987)).toThrow(
      expect.objectContaining({ code: 'SHERD_UNKNOWN_KEY', message: expect.not.stringContaining('987') }),
    )
  })

  it('refuses string keys', () => {
    const { locate } = rangeStrategy('product', ranges)
    expect(() => locate('7')).toThrow(expect.objectContaining({ code: 'SHERD_KEY_FORM' }))
  })
})
