import { describe, expect, it } from 'vitest'
import { customStrategy } from '../../src/routing/custom.ts'

describe('custom routing function', () => {
  it('gets every integer key as bigint, strings as strings, and the number of shards', () => {
    const seen: unknown[] = []
    const locate = (key: bigint | string, shards: number): number => {
      seen.push([key, shards])
      return 1
    }
    const strategy = customStrategy('product', 4, { name: 'mine', locate })
    for (const key of [5, 2n ** 60n, 'five']) expect(strategy.locate(key)).toBe(1)
    expect(seen).toEqual([
      [5n, 4],
      [2n ** 60n, 4],
      ['five', 4],
    ])
  })

  const wrongAnswers: [string, unknown][] = [
    ['a negative index', -1],
    ['an index as high as the number of shards', 4],
    ['a fraction', 1.5],
    ['NaN', Number.NaN],
    ['a string', '1'],
    ['undefined', undefined],
    ['null', null],
    ['a bigint', 1n],
    ['a promise', Promise.resolve(1)],
    ['the key itself', 77_123],
  ]
  for (const [name, answer] of wrongAnswers) {
    it(`is refused when it gives ${name}`, () => {
      // A user without types can give anything.
      const strategy = customStrategy('product', 4, { name: 'mine', locate: () => answer as number })
      expect(() => strategy.locate(77_123)).toThrow(
        expect.objectContaining({
          code: 'SHERD_ROUTING_FUNCTION',
          message: expect.not.stringContaining('77123'),
          details: { shardGroup: 'product' },
        }),
      )
    })
  }

  it('has its own exception as the cause', () => {
    const cause = new Error('broken')
    const locate = (): number => {
      throw cause
    }
    const strategy = customStrategy('product', 4, { name: 'mine', locate })
    expect(() => strategy.locate(1)).toThrow(
      expect.objectContaining({ code: 'SHERD_ROUTING_FUNCTION', cause }),
    )
  })
})
