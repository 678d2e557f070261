import type { Query, Select, SetOperation, Span } from '../sql/ast.ts'
import type { Analysis } from './analysis.ts'
import { spanOf } from './hidden-columns.ts'
import type { KeyNode } from './key-graph.ts'
import { checkRowByRow } from './plan-scatter-rows.ts'
import { shapeError } from './shape-refusal.ts'
import { spansWithParentheses } from './spans-with-parentheses.ts'

/** A set operation from its first SELECT to its last, with their parentheses and without what follows. */
export function unionBody({ statement, modes }: Analysis, { left, right }: SetOperation): Span {
  const [first, last] = spansWithParentheses(statement.sql, modes, [left, right])
  return spanOf({ start: first?.start ?? left.start, end: last?.end ?? right.end })
}

/** The SELECTs of a UNION. Those under a UNION ALL must be of UNION ALLs too: what is made distinct in between is not. */
export function branchesOf(analysis: Analysis, query: Query): readonly Select[] {
  if (query.kind === 'select') return [query]
  if (query.kind !== 'setOperation') throw shapeError('its VALUES or TABLE', query.start)
  const { left, right, operator } = query
  if (operator !== 'union') throw shapeError(`its ${operator.toUpperCase()}`, query.start)
  for (const side of [left, right]) {
    if (side.kind !== 'setOperation') continue
    if (query.isAll && !side.isAll) throw shapeError('a UNION inside a UNION ALL', side.start)
    if (side.orderBy.length > 0 || side.limit !== undefined || side.with !== undefined)
      throw shapeError('a WITH, ORDER BY or LIMIT inside its UNION', side.start)
  }
  return [...branchesOf(analysis, left), ...branchesOf(analysis, right)]
}

/** A SELECT of a UNION may not order or limit its rows: the shards would each keep others. */
export function checkBranch(analysis: Analysis, select: Select, roots: readonly KeyNode[]): void {
  checkRowByRow(analysis, select, roots)
  if (select.limit !== undefined) throw shapeError('a LIMIT inside its UNION', select.limit.start)
  if (select.orderBy.length > 0) throw shapeError('an ORDER BY inside its UNION', select.start)
  if (select.with !== undefined) throw shapeError('a WITH inside its UNION', select.with.start)
}
