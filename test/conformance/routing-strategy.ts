import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { canonicalKey } from '../../src/keys/canonical-key.ts'
import type { ShardKey } from '../../src/keys/shard-key.ts'
import type { RoutingStrategy } from '../../src/routing/strategy.ts'

export interface RoutingStrategyMaker {
  readonly name: string
  readonly shards: number
  /** A new strategy at each call. */
  readonly make: () => RoutingStrategy
  /** Default true. Strategies that calculate with keys know integers only. */
  readonly takesStrings?: boolean
}

const where = { table: 'orders', column: 'user_id' }
const integers = fc.oneof(
  fc.bigInt({ min: -(2n ** 63n), max: 2n ** 64n - 1n }),
  fc.bigInt({ min: -1000n, max: 5000n }),
  fc.constantFrom(0n, -1n, 2n ** 31n, 2n ** 53n - 1n, 2n ** 53n, 2n ** 63n, 2n ** 64n - 1n, -(2n ** 63n)),
)

/** What every routing strategy promises. */
export function describeRoutingStrategy(maker: RoutingStrategyMaker): void {
  const { name, shards, make } = maker
  const keys = integers.map((value) => canonicalKey(value, 'integer', where))
  const strings = fc.string({ unit: 'binary' }).map((value) => canonicalKey(value, 'string', where))
  const accepted: fc.Arbitrary<ShardKey> = maker.takesStrings === false ? keys : fc.oneof(keys, strings)

  describe(`routing strategy ${name}`, () => {
    it('answers with the index of a logical shard', () => {
      const strategy = make()
      fc.assert(
        fc.property(accepted, (key) => {
          const index = strategy.locate(key)
          expect(Number.isInteger(index) && Number(index) >= 0 && Number(index) < shards).toBe(true)
          expect(Object.is(index, -0)).toBe(false)
        }),
      )
    })

    it('gives the same shard in two instances and at every call', () => {
      const one = make()
      const other = make()
      fc.assert(
        fc.property(accepted, (key) => {
          const index = one.locate(key)
          expect(other.locate(key)).toBe(index)
          expect(one.locate(key)).toBe(index)
        }),
      )
    })

    it('gives an integer key the same shard however it is written', () => {
      const strategy = make()
      fc.assert(
        fc.property(integers, (value) => {
          const index = strategy.locate(canonicalKey(value, 'integer', where))
          expect(strategy.locate(canonicalKey(String(value), 'integer', where))).toBe(index)
          if (Number.isSafeInteger(Number(value))) {
            expect(strategy.locate(canonicalKey(Number(value), 'integer', where))).toBe(index)
          }
        }),
      )
    })
  })
}
