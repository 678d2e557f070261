import type { ColumnName, Expression, Query, Select } from '../sql/ast.ts'
import { childrenOf, walkExpression } from '../sql/walk.ts'
import type { Analysis } from './analysis.ts'
import { expressionsOf, findCall, isAggregate } from './scatter-roots.ts'
import { shapeError } from './shape-refusal.ts'

/**
 * An aggregate in a subquery whose argument is a column of the SELECT around it is an aggregate of that SELECT,
 * which is then one row. Only a column with its table tells that it is not.
 */
export function refuseOuterAggregates(analysis: Analysis): void {
  for (const query of analysis.outputs.keys()) if (query.kind === 'select') checkSubqueries(analysis, query)
}

function checkSubqueries(analysis: Analysis, select: Select): void {
  const check = (query: Query): void => {
    if (query.kind !== 'select') return
    const own = new Set((analysis.scopes.get(query)?.sources ?? []).flatMap(({ name }) => name ?? []))
    for (const expression of expressionsOf(query)) {
      const call = findCall(
        expression,
        (one) => isAggregate(one) && columnsIn(one).some((column) => !own.has(column.table?.name ?? '')),
      )
      if (call !== undefined)
        throw shapeError(
          'an aggregate in a subquery that may be one of the query around it',
          call.start,
          'Write the table before the column in the aggregate.',
        )
    }
  }
  for (const expression of expressionsOf(select)) walkExpression(expression, { query: check })
}

function columnsIn(expression: Expression): readonly ColumnName[] {
  return expression.kind === 'column' ? [expression] : childrenOf(expression).flatMap(columnsIn)
}
