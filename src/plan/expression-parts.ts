import type { Expression, Window } from '../sql/ast.ts'
import { splitConjuncts, walkExpression } from '../sql/walk.ts'

/** The terms of an AND list; one when there is no AND, none when there is no condition. */
export function conjunctsOf(expression: Expression | undefined): readonly Expression[] {
  return expression === undefined ? [] : splitConjuncts(expression)
}

/** Visits an expression and all inside it, subqueries excepted. */
export function visitOutsideQueries(expression: Expression, visitor: (part: Expression) => void): void {
  walkExpression(expression, { expression: visitor, query: () => false })
}

/** The expressions of a window of a SELECT. */
export function windowParts(window: Window): readonly Expression[] {
  return [...window.partitionBy, ...window.orderBy.map((item) => item.expression)]
}
