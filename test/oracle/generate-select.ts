import { aType, makeBlock } from './generate-block.ts'
import { withCtes } from './generate-ctes.ts'
import { makeSetOperation } from './generate-set-operations.ts'
import type { Made, Maker, Wish } from './generate-values.ts'

/** A query of any kind. */
export function makeSelect(maker: Maker, wish: Wish): Made {
  const { random } = maker
  const want = wish.want ?? (random.chance(0.35) ? random.several(1, 3, () => aType(maker)) : undefined)
  const asked = want === undefined ? wish : { ...wish, want }
  const unionChance = wish.depth === 0 ? 0.15 : 0.2
  if (want !== undefined && wish.isSingle !== true && wish.depth < 3 && random.chance(unionChance))
    return makeSetOperation(maker, { ...wish, want })
  if (wish.depth < 2 && wish.isPart !== true && random.chance(wish.depth === 0 ? 0.13 : 0.03))
    return withCtes(maker, asked)
  return makeBlock(maker, asked)
}
