import type { ColumnName, Limit, Query, Select, SetOperation, Span } from '../sql/ast.ts'
import { childrenOf, walkExpression } from '../sql/walk.ts'
import type { Analysis } from './analysis.ts'
import { type HiddenTerm, hideTerms, mayBeText, spanOf } from './hidden-columns.ts'
import { itemAtPosition } from './item-names.ts'
import type { KeySource } from './plan.ts'
import { type Replaced, replaceParts } from './replace-parts.ts'
import type { LimitSources, RowsMerge, TextPart } from './scatter-plan.ts'
import { findAggregate, findCall, includesKey, isAggregate } from './scatter-roots.ts'
import type { KeyNode } from './key-graph.ts'
import { shapeError } from './shape-refusal.ts'
import { readSortTerms } from './sort-terms.ts'
import { spansWithParentheses } from './spans-with-parentheses.ts'

/** A SELECT whose rows are those of the shards: hidden columns carry what its ORDER BY compares. */
export function planRows(analysis: Analysis, select: Select, roots: readonly KeyNode[]): RowsMerge {
  checkRowByRow(analysis, select, roots)
  const { sql } = analysis.statement
  const { dialect } = analysis.modes
  const terms = readSortTerms(analysis, select).map(({ term, expression }): HiddenTerm => ({
    term,
    text: [spanOf(expression)],
    mayBeText: mayBeText(expression, dialect),
  }))
  const { items, orderBy, sortKeys, count } = hideTerms(terms, dialect)
  const end = select.items.at(-1)?.end ?? select.start
  const [first, last] = [select.orderBy[0], select.orderBy.at(-1)]
  const tail: readonly Replaced[] = [
    { start: end, end, by: items },
    ...(first && last ? [{ start: first.start, end: last.end, by: [count === 0 ? 'NULL' : orderBy] }] : []),
    ...limitReplaced(select.limit),
  ]
  const limit = readLimit(select.limit)
  return Object.freeze({
    kind: 'rows',
    shardText: Object.freeze(replaceParts({ start: 0, end: sql.length }, tail)),
    hiddenCount: count,
    sortKeys: Object.freeze(sortKeys),
    ...(limit ? { limit } : {}),
  })
}

/** UNION ALL of such SELECTs. Its ORDER BY sees the columns of the result only, so it goes around. */
export function planUnionRows(analysis: Analysis, query: SetOperation, roots: readonly KeyNode[]): RowsMerge {
  const selects = branchesOf(analysis, query)
  for (const select of selects) checkBranch(analysis, select, roots)
  const { sql } = analysis.statement
  const limit = readLimit(query.limit)
  const own = limit ? { limit } : {}
  if (query.orderBy.length === 0)
    return Object.freeze({
      kind: 'rows',
      shardText: Object.freeze(replaceParts({ start: 0, end: sql.length }, limitReplaced(query.limit))),
      hiddenCount: 0,
      sortKeys: [],
      ...own,
    })
  if (query.with !== undefined) throw shapeError('its WITH beside UNION and ORDER BY', query.with.start)
  const terms = query.orderBy.map((term): HiddenTerm => {
    const name = nameOfTerm(sql, selects[0], term.expression)
    return { term, text: ['sherd_rows.', name], mayBeText: true }
  })
  const { items, orderBy, sortKeys, count } = hideTerms(terms, analysis.modes.dialect)
  const body = unionBody(analysis, query)
  return Object.freeze({
    kind: 'rows',
    shardText: Object.freeze([
      'SELECT sherd_rows.*',
      ...items,
      ' FROM (',
      body,
      `) AS sherd_rows ORDER BY ${orderBy}`,
      ...(query.limit ? [' ', limitPart] : []),
    ]),
    hiddenCount: count,
    sortKeys: Object.freeze(sortKeys),
    ...own,
  })
}

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

/** The column of a UNION that an ORDER BY term names, as a text for a table around it. */
function nameOfTerm(
  sql: string,
  first: Select | undefined,
  term: Query['orderBy'][number]['expression'],
): Span {
  const items = first?.items ?? []
  const item = itemAtPosition(sql, items, term)
  const name =
    item && (item.alias ?? (item.expression.kind === 'column' ? item.expression.column : undefined))
  const column = term.kind === 'column' && term.table === undefined ? term.column : name
  if (column === undefined)
    throw shapeError(
      'an expression in the ORDER BY of its UNION',
      term.start,
      'Order by a column of the result.',
    )
  return spanOf(column)
}

/** Each row of the result must be made of one row of the root: nothing in the SELECT may look at several. */
function checkRowByRow(analysis: Analysis, select: Select, roots: readonly KeyNode[]): void {
  const { windows, having } = select
  if (select.isDistinct) throw shapeError('a DISTINCT', select.start)
  if (select.groupBy.length > 0) throw shapeError('a GROUP BY', select.groupBy[0]?.start ?? select.start)
  if (having !== undefined)
    throw shapeError('a HAVING without GROUP BY', having.start, 'Write the condition into WHERE.')
  if (windows[0] !== undefined) throw shapeError('its WINDOW', windows[0].start)
  const aggregate = findAggregate(select)
  if (aggregate !== undefined) throw shapeError(`an aggregate`, aggregate.start)
  checkWindows(analysis, select, roots)
  checkOuterAggregates(analysis, select)
}

/** A window must not see rows of two shards: it is partitioned by the key. */
function checkWindows(analysis: Analysis, select: Select, roots: readonly KeyNode[]): void {
  const scope = analysis.scopes.get(select)
  const isTorn = (over: NonNullable<Parameters<Parameters<typeof findCall>[1]>[0]['over']>): boolean =>
    over.base !== undefined || scope === undefined || !includesKey(analysis, over.partitionBy, scope, roots)
  for (const { expression } of [...select.items, ...select.orderBy]) {
    const call = findCall(expression, ({ over }) => over !== undefined && isTorn(over))
    if (call !== undefined)
      throw shapeError(
        'a window function over the rows of several shards',
        call.start,
        'Partition the window by the shard key.',
      )
  }
}

/**
 * An aggregate in a subquery whose argument is a column of the SELECT around it is an aggregate of that SELECT,
 * which is then one row. Only a column with its table tells that it is not.
 */
function checkOuterAggregates(analysis: Analysis, select: Select): void {
  const check = (query: Query): void => {
    if (query.kind !== 'select') return
    const own = new Set((analysis.scopes.get(query)?.sources ?? []).flatMap(({ name }) => name ?? []))
    for (const { expression } of [...query.items, ...query.orderBy]) {
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
  for (const { expression } of [...select.items, ...select.orderBy])
    walkExpression(expression, { query: check })
}

function columnsIn(expression: Parameters<typeof childrenOf>[0]): readonly ColumnName[] {
  return expression.kind === 'column' ? [expression] : childrenOf(expression).flatMap(columnsIn)
}

const limitPart: TextPart = Object.freeze({ kind: 'limit' })

function limitReplaced(limit: Limit | undefined): readonly Replaced[] {
  return limit === undefined ? [] : [{ start: limit.start, end: limit.end, by: [limitPart] }]
}

/** A LIMIT by whole numbers or markers. */
function readLimit(limit: Limit | undefined): LimitSources | undefined {
  if (limit === undefined) return undefined
  const count = limit.count && numberSource(limit.count)
  const offset = limit.offset && numberSource(limit.offset)
  if (count === undefined || (limit.offset !== undefined && offset === undefined))
    throw shapeError('a LIMIT that is no plain number', limit.start, 'Give LIMIT a whole number or a marker.')
  return Object.freeze({ count, ...(offset ? { offset } : {}) })
}

function numberSource(value: NonNullable<Limit['count']>): KeySource | undefined {
  if (value.kind === 'marker') return { kind: 'marker', index: value.index }
  if (value.kind !== 'literal' || value.form !== 'integer') return undefined
  return { kind: 'literal', start: value.start, end: value.end }
}
