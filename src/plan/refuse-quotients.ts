import type { Call, Expression, Opaque, Select } from '../sql/ast.ts'
import { walkExpression, walkQuery, walkTable, walkWith } from '../sql/walk.ts'
import { shapeError } from './shape-refusal.ts'

/** Their results have the digits of their type and no others. */
const roundingFunctions: ReadonlySet<string> = new Set([
  'cast',
  'ceil',
  'ceiling',
  'convert',
  'floor',
  'format',
  'round',
  'truncate',
])

/**
 * MariaDB (10.11) computes on with more digits of a quotient than its type has, until the value is put into a table:
 * a sum of quotients is not the sum of the sums that the shards give.
 */
export function refuseQuotients(expression: Expression): void {
  walkExpression(expression, { expression: refuseQuotient })
}

/** The same for the derived tables and CTEs of a SELECT, which a server may merge into it. */
export function refuseQuotientsBelow(select: Select): void {
  const below = { expression: refuseQuotientBelow }
  if (select.from !== undefined) walkTable(select.from, { query: (query) => walkQuery(query, below) })
  walkWith(select.with, below)
}

function refuseQuotient(node: Expression): boolean {
  if (node.kind === 'binary' && node.operator === '/') throw quotientError(node)
  return !isRounded(node)
}

/** An average is a quotient as well; but where it is not a subquery's, its rows are put into a table first. */
function refuseQuotientBelow(node: Expression): boolean {
  if (node.kind === 'subquery') walkQuery(node.query, { expression: refuseAverage })
  return refuseQuotient(node)
}

function refuseAverage(node: Expression): boolean {
  if (node.kind === 'call' && node.name === 'avg') throw quotientError(node)
  return !isRounded(node)
}

function isRounded(node: Expression): boolean {
  return (
    (node.kind === 'call' || node.kind === 'opaque') &&
    roundingFunctions.has(node.name) &&
    hasFixedDigits(node)
  )
}

function hasFixedDigits(node: Call | Opaque): boolean {
  const digits = node.kind === 'call' ? node.arguments[1] : undefined
  return digits === undefined || digits.kind === 'literal'
}

function quotientError({ start }: Expression): Error {
  return shapeError(
    'a division that is grouped or inside an aggregate',
    start,
    'Round the quotient there with ROUND(…, digits), or divide the aggregates.',
  )
}
