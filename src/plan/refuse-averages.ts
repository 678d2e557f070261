import type { Expression, Select } from '../sql/ast.ts'
import { childrenOf } from '../sql/walk.ts'
import { itemsNamed } from './item-names.ts'
import { findCall } from './scatter-roots.ts'
import { shapeError } from './shape-refusal.ts'

const comparisons: ReadonlySet<string> = new Set(['=', '<>', '<', '<=', '>', '>=', '<=>'])

/**
 * MariaDB (10.11) computes with an average of a group as it is, or rounded to its four more digits where the groups
 * were put into a table before: AVG(x) * 3 is 1.0000 or 0.9999 depending on how the statement is executed, and so is
 * its comparison with a DOUBLE. Shown alone, ordered by or compared with an exact number it is always the rounded one.
 */
export function refuseAverages(select: Select, expression: Expression): void {
  if (select.groupBy.length === 0 && !select.isDistinct) return
  visit(select, expression, true)
}

function visit(select: Select, node: Expression, isAlone: boolean): void {
  if (!isAlone && isAverage(select, node))
    throw shapeError(
      'an average inside an expression',
      node.start,
      'Write SUM(x) / COUNT(x) for AVG(x) there, or compute with the average in your code.',
    )
  if (node.kind === 'call' && isAverage(select, node)) return
  for (const child of childrenOf(node)) visit(select, child, keepsAverage(node, child, isAlone))
}

/** An average, or an alias of something with one. */
function isAverage({ items }: Select, node: Expression): boolean {
  if (node.kind === 'call') return node.name === 'avg'
  if (node.kind !== 'column' || node.table !== undefined) return false
  const named = itemsNamed(items, node.column.name).filter(({ alias }) => alias !== undefined)
  return named.some(({ expression }) => findCall(expression, ({ name }) => name === 'avg') !== undefined)
}

function keepsAverage(node: Expression, child: Expression, isAlone: boolean): boolean {
  const others = childrenOf(node).filter((one) => one !== child)
  switch (node.kind) {
    case 'binary':
      return comparisons.has(node.operator) && others.every(isExactNumber)
    case 'predicate':
      return node.operator === 'is' || (node.operator === 'between' && others.every(isExactNumber))
    case 'in':
      return others.every(isExactNumber)
    case 'call':
      // A literal with more digits would show more of the average.
      return isAlone && (node.name === 'ifnull' || node.name === 'coalesce') && others.every(isInteger)
    default:
      return false
  }
}

function isExactNumber(node: Expression): boolean {
  if (node.kind === 'unary' && node.operator === '-') return isExactNumber(node.operand)
  return node.kind === 'literal' && (node.form === 'integer' || node.form === 'decimal')
}

function isInteger(node: Expression): boolean {
  return node.kind === 'literal' && node.form === 'integer'
}
