import type { Expression, Span } from '../sql/ast.ts'
import { childrenOf } from '../sql/walk.ts'
import { spanOf } from './hidden-columns.ts'
import type { TextPart } from './scatter-plan.ts'

/** A part of a text and what comes in its place. */
export interface Replaced extends Span {
  readonly by: readonly TextPart[]
}

/** A part of a text with parts of it replaced, which must be in its order. */
export function replaceParts(whole: Span, parts: readonly Replaced[]): readonly TextPart[] {
  const result: TextPart[] = []
  let at = whole.start
  for (const { start, end, by } of parts) {
    if (start > at) result.push(spanOf({ start: at, end: start }))
    result.push(...by)
    at = end
  }
  if (whole.end > at) result.push(spanOf({ start: at, end: whole.end }))
  return result
}

/** The text of an expression in which `replace` gives another text for some of the nodes, from the outermost in. */
export function replaceNodes(
  expression: Expression,
  replace: (node: Expression) => readonly TextPart[] | undefined,
): readonly TextPart[] {
  const found: Replaced[] = []
  const visit = (node: Expression): void => {
    const by = replace(node)
    if (by !== undefined) found.push({ start: node.start, end: node.end, by })
    else childrenOf(node).forEach(visit)
  }
  visit(expression)
  return replaceParts(
    expression,
    found.toSorted((a, b) => a.start - b.start),
  )
}
