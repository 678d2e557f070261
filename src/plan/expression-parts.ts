import type { Expression, Window } from '../sql/ast.ts'
import { splitConjuncts } from '../sql/walk.ts'

/** The terms of an AND list; one when there is no AND, none when there is no condition. */
export function conjunctsOf(expression: Expression | undefined): readonly Expression[] {
  return expression === undefined ? [] : splitConjuncts(expression)
}

/** The expressions of a window of a SELECT. */
export function windowParts(window: Window): readonly Expression[] {
  return [...window.partitionBy, ...window.orderBy.map((item) => item.expression)]
}
