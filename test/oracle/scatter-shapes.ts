import { makeGrouped, makePlainGrouped } from './scatter-group-shapes.ts'
import type { ScatterMaker } from './scatter-parts.ts'
import { makeDerived, makeExists, makeUnion } from './scatter-query-shapes.ts'
import { makeDistinct, makeRowsShape } from './scatter-row-shapes.ts'
import type { ScatterStatement } from './scatter-statement.ts'

/** A statement of the closed list of shapes. */
export function makeListed(maker: ScatterMaker): ScatterStatement {
  const { random } = maker
  return random.weigh<ScatterStatement>([
    [8, () => makeRowsShape(maker)],
    [3, () => makeDistinct(maker)],
    [4, () => makeGrouped(maker, false)],
    [8, () => makeGrouped(maker, true)],
    [4, () => makePlainGrouped(maker)],
    [4, () => makeUnion(maker)],
    [1, () => makeExists(maker)],
    [3, () => makeDerived(maker)],
  ])
}
