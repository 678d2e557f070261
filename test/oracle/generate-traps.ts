import type { Maker } from './generate-values.ts'
import type { Part } from './statement-tree.ts'
import { type Trap, makeBait } from './trap-bait.ts'
import * as conditions from './traps-in-conditions.ts'
import * as queries from './traps-in-queries.ts'

/**
 * Reads that one false step of the planner would send to one shard, and that have other rows there: the key is
 * said, but of another table, of some of the rows, or where it does not count. Random conditions in addition
 * would only make it likelier that something else is refused. docs/decisions/009-oracle-strength.md has the list.
 */
export function makeTrap(maker: Maker): Part {
  const bait = makeBait(maker)
  return maker.random.weigh<Part>(traps.map(([weight, trap]) => [weight, () => trap(bait)]))
}

/** With those more often that show less often. */
const traps: readonly (readonly [number, Trap])[] = [
  [1, queries.grouped],
  [1, queries.counted],
  [2, queries.joinedKeys],
  [2, queries.listedKeys],
  [1, queries.windowed],
  [1, queries.recursive],
  [1.5, conditions.crossedLists],
  [2, conditions.outerJoined],
  [1, conditions.correlated],
  [1.5, conditions.alternatives],
  [1, conditions.rowConstructors],
  [2, conditions.rowsOfQuery],
  [1, queries.limited],
  [1.5, queries.commonTwice],
  [2.5, conditions.notInNulls],
  [1, conditions.notIn],
  [1, conditions.nullSafe],
  [1, conditions.scalar],
  [2, conditions.foreign],
  [2, conditions.overList],
]
