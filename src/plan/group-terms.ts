import type { Expression, Select, TableExpression } from '../sql/ast.ts'
import type { Analysis } from './analysis.ts'
import { hasMergedColumns, itemAtPosition, itemsNamed, readsColumn } from './item-names.ts'
import { findCall, isAggregate } from './scatter-roots.ts'
import { isSameExpression } from './same-expression.ts'
import { shapeError } from './shape-refusal.ts'
import { checkNames } from './sort-terms.ts'

/** What a SELECT is grouped by. */
export interface GroupTerms {
  readonly expressions: readonly Expression[]
  /** Names taken for aliases, which holds only while no table has such a column. */
  readonly aliases: readonly string[]
}

/** The terms of GROUP BY, their aliases and positions resolved as servers do: a name means a column of the tables before an alias. */
export function readGroupTerms(analysis: Analysis, select: Select): GroupTerms {
  const { sql } = analysis.statement
  if (select.hasRollup) throw shapeError('its WITH ROLLUP', select.groupBy[0]?.start ?? select.start)
  const aliases: string[] = []
  const expressions = select.groupBy.map(({ expression, isDescending, start }) => {
    if (isDescending) throw shapeError('a DESC in its GROUP BY', start, 'Order by the column in ORDER BY.')
    const item = itemAtPosition(sql, select.items, expression)
    const meant = item?.expression ?? readName(analysis, select, expression, aliases)
    const aggregate = findCall(meant, isAggregate)
    if (aggregate !== undefined) throw shapeError('a GROUP BY of an aggregate', aggregate.start)
    return meant
  })
  return { expressions, aliases }
}

function readName(analysis: Analysis, select: Select, term: Expression, aliases: string[]): Expression {
  if (term.kind !== 'column' || term.table !== undefined) {
    checkNames(analysis, select, term)
    return term
  }
  const { name } = term.column
  const [first, ...others] = itemsNamed(select.items, name)
  if (first === undefined) return term
  const isMerged = hasMergedColumns(select.from)
  const isSame = (one: Expression): boolean =>
    isSameExpression(analysis.statement.sql, analysis.modes, one, first.expression, isMerged)
  if (others.some(({ expression }) => !isSame(expression)))
    throw shapeError(`${name}, which names several columns of the result`, term.start)
  if (isSame(term)) return first.expression
  if (hasColumn(select, name)) return term
  if (!aliases.includes(name)) aliases.push(name)
  return first.expression
}

/** Does a table have the column for certain, because the statement reads it where no alias can be meant? */
function hasColumn({ items, where, from }: Select, name: string): boolean {
  const read = [
    ...items.map(({ expression }) => expression),
    ...(where ? [where] : []),
    ...conditionsOf(from),
  ]
  return read.some((expression) => readsColumn(expression, name))
}

function conditionsOf(from: TableExpression | undefined): readonly Expression[] {
  if (from?.kind !== 'join') return []
  return [...conditionsOf(from.left), ...conditionsOf(from.right), ...(from.on ? [from.on] : [])]
}
