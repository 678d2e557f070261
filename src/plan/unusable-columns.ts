import type { ColumnName, Expression, Predicate } from '../sql/ast.ts'
import { childrenOf } from '../sql/walk.ts'
import { describe, readKeyValue } from './key-source.ts'

/** The columns of a condition that proves nothing, each with the end of the sentence "user_id …". */
export function unusableColumns(condition: Expression): readonly { column: ColumnName; reason: string }[] {
  const direct = directReason(condition)
  return childrenOf(condition).flatMap((part) => {
    if (part.kind === 'column') return [{ column: part, reason: direct }]
    return deepColumns(part).map((column) => ({ column, reason: deepReason(condition, part) }))
  })
}

function directReason(condition: Expression): string {
  switch (condition.kind) {
    case 'binary': {
      if (condition.operator !== '=') return `is compared by ${condition.operator.toUpperCase()}`
      const other = condition.left.kind === 'column' ? condition.right : condition.left
      return `is compared with ${describe(other)}`
    }
    case 'in':
      if (condition.isNegated) return 'is compared by NOT IN'
      return `is compared with ${describe(condition.values.find((value) => !isPlain(value)) ?? condition)}`
    case 'inQuery':
      return condition.isNegated ? 'is compared by NOT IN' : 'is compared with a subquery'
    case 'predicate':
      return `is compared by ${nameOf(condition)}`
    default:
      return `stands inside ${describe(condition)}`
  }
}

/** `NOT LIKE`, but `IS NOT`. */
function nameOf({ operator, isNegated }: Predicate): string {
  if (!isNegated) return operator.toUpperCase()
  return operator === 'is' ? 'IS NOT' : `NOT ${operator.toUpperCase()}`
}

function isPlain(value: Expression): boolean {
  return readKeyValue(value, 'integer').source !== undefined
}

function deepReason(condition: Expression, part: Expression): string {
  if (condition.kind === 'or') return 'is not fixed in every branch of the OR'
  if (condition.kind === 'unary') return `stands under ${condition.operator.toUpperCase()}`
  if (part.kind === 'row') return directReason(condition)
  return `stands inside ${describe(part)}`
}

function deepColumns(expression: Expression): readonly ColumnName[] {
  if (expression.kind === 'column') return [expression]
  return childrenOf(expression).flatMap(deepColumns)
}
