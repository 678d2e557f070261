import type { Expression } from '../sql/ast.ts'
import type { Analysis } from './analysis.ts'
import type { FromTable } from './from-tables.ts'
import { aggregateFunctions, chanceFunctions, rowFunctions } from './function-lists.ts'
import type { DirectPlan, KeyConstraint, SubsetPlan } from './plan.ts'
import { findListSplit } from './list-split.ts'
import { isLocal } from './tables-together.ts'

/** A statement that may be split, as far as its kind tells. */
export interface Splittable {
  readonly where: Expression | undefined
  /** Of its FROM; absent when more than tables and joins stands there. */
  readonly tables: readonly FromTable[] | undefined
  /** What keeps it whole, such as `its ORDER BY`. */
  readonly obstacle: string | undefined
}

/**
 * The plan of a statement that lists keys: for some shards, when each row it reads or writes belongs to one
 * key of the list and the shards' results simply add up; otherwise for one, with the reason.
 */
export function splitByKeys(
  analysis: Analysis,
  direct: DirectPlan,
  { where, tables, obstacle }: Splittable,
): DirectPlan | SubsetPlan {
  if (!direct.keys.some(({ constraints }) => constraints.some(listsKeys))) return direct
  const unsplit = obstacle ?? findObstacle(analysis, direct, tables)
  if (unsplit !== undefined) return Object.freeze({ ...direct, unsplit })
  const constraint = direct.keys[0]?.constraints[0]
  const split = constraint && findListSplit(analysis, where, constraint)
  if (split === undefined) return Object.freeze({ ...direct, unsplit: 'the form of its list' })
  return Object.freeze({ ...direct, kind: 'subset', split })
}

function listsKeys({ sources }: KeyConstraint): boolean {
  return sources.length > 1
}

function findObstacle(
  { occurrences, statement }: Analysis,
  { keys, isRead }: DirectPlan,
  tables: readonly FromTable[] | undefined,
): string | undefined {
  const [only, second] = keys
  if (second !== undefined || only === undefined)
    return 'its tables whose keys are not compared with each other'
  if (only.constraints.length > 1) return 'its several conditions on the key'
  if (tables === undefined) return 'its derived table'
  const inside = occurrences.find(
    (one) => isLocal(one) && (one.reference === undefined || !tables.includes(one.reference)),
  )
  if (inside !== undefined) return `its subquery over ${inside.name.table.name}`
  const isolated = occurrences.find(({ declaration }) => declaration?.kind === 'isolated')
  if (isolated !== undefined) return `the isolated table ${isolated.name.table.name}`
  if (statement.variables.length > 0) return 'its variable'
  const call = statement.calls.find(
    (name) => !rowFunctions.has(name) || (!isRead && chanceFunctions.has(name)),
  )
  if (call === undefined) return undefined
  return aggregateFunctions.has(call) || rowFunctions.has(call)
    ? `its ${call.toUpperCase()}()`
    : 'a function that sherd does not know'
}
