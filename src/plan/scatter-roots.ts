import type { Call, Expression, Query, Select, SetOperation } from '../sql/ast.ts'
import { childrenOf } from '../sql/walk.ts'
import type { Analysis } from './analysis.ts'
import { aggregateFunctions, windowFunctions } from './function-lists.ts'
import type { KeyNode } from './key-graph.ts'
import { type Scope, type Source, resolveColumn } from './scope.ts'

/** Tables whose rows, dealt to the shards, deal the rows of a query: one for each branch of a UNION ALL. */
type Roots = readonly KeyNode[]

/** More ways than this are not tried. */
const maxWays = 64

/**
 * Is the answer of a query, before its own grouping and ordering, the answers of the shards put together? It is when
 * each of its rows is made of one row of a root, and of rows of other tables that have the root's key.
 * Gives the root of each branch.
 */
export function findRoots(analysis: Analysis, query: Query): Roots | undefined {
  return waysOf(analysis, query).find((roots) => analysis.graph.isReachedFrom(roots))
}

/** The same for several queries that one statement asks side by side. */
export function findAllRoots(analysis: Analysis, queries: readonly Query[]): Roots | undefined {
  const ways = queries.map((query) => waysOf(analysis, query)).reduce(combine, [[]])
  return ways.find((roots) => analysis.graph.isReachedFrom(roots))
}

function waysOf(analysis: Analysis, query: Query): readonly Roots[] {
  if (query.kind === 'setOperation') return waysOfUnion(analysis, query)
  const scope = query.kind === 'select' ? analysis.scopes.get(query) : undefined
  return (scope?.sources ?? [])
    .filter(({ isNullable }) => !isNullable)
    .flatMap((source) => waysOfSource(analysis, source))
}

function waysOfUnion(analysis: Analysis, { operator, left, right }: SetOperation): readonly Roots[] {
  return operator === 'union' ? combine(waysOf(analysis, left), waysOf(analysis, right)) : []
}

function combine(left: readonly Roots[], right: readonly Roots[]): readonly Roots[] {
  return left.flatMap((one) => right.map((other) => [...one, ...other])).slice(0, maxWays)
}

/** A derived table that hands its key on stands for itself; else its rows must be those of the tables inside. */
function waysOfSource(analysis: Analysis, { sharded, columns, query }: Source): readonly Roots[] {
  if (sharded !== undefined) return [[sharded.node]]
  const handedOn = columns.flatMap(({ node, mayBeNull }) =>
    node === undefined || mayBeNull === true ? [] : [[node]],
  )
  return query === undefined ? handedOn : [...handedOn, ...waysInside(analysis, query)]
}

/** Roots inside a nested query each of whose rows is made on one shard alone. */
function waysInside(analysis: Analysis, query: Query): readonly Roots[] {
  if (query.with !== undefined || query.limit !== undefined) return []
  if (query.kind === 'setOperation') {
    const isAll = query.operator === 'union' && query.isAll
    return isAll ? combine(waysInside(analysis, query.left), waysInside(analysis, query.right)) : []
  }
  if (query.kind !== 'select') return []
  const ways = waysOf(analysis, query)
  return isRowByRow(query) ? ways : ways.filter((roots) => isMadeByKey(analysis, query, roots))
}

/** Grouped or made distinct by the key, so that no two shards have rows of one group. */
function isMadeByKey(analysis: Analysis, select: Select, roots: Roots): boolean {
  const { groupBy, hasRollup, windows, isDistinct, items } = select
  const scope = analysis.scopes.get(select)
  if (scope === undefined || hasRollup || windows.length > 0 || hasWindow(select)) return false
  const isDistinctOnly = isDistinct && groupBy.length === 0 && findAggregate(select) === undefined
  const terms = isDistinctOnly ? items : groupBy
  return includesKey(
    analysis,
    terms.map(({ expression }) => expression),
    scope,
    roots,
  )
}

/** Is each row of the SELECT made of one row of its tables, whatever the others are? Its ORDER BY and LIMIT aside. */
export function isRowByRow(select: Select): boolean {
  if (select.isDistinct || select.groupBy.length > 0 || select.hasRollup || select.having !== undefined)
    return false
  return select.windows.length === 0 && findAggregate(select) === undefined && !hasWindow(select)
}

function hasWindow(select: Select): boolean {
  return expressionsOf(select).some((one) => findCall(one, ({ over }) => over !== undefined) !== undefined)
}

/** An aggregate of the SELECT itself, subqueries aside. */
export function findAggregate(select: Select): Call | undefined {
  for (const expression of expressionsOf(select)) {
    const found = findCall(expression, isAggregate)
    if (found !== undefined) return found
  }
  return undefined
}

/** Where aggregates of a SELECT may stand. */
export function expressionsOf({ items, orderBy, having }: Select): readonly Expression[] {
  return [
    ...items.map(({ expression }) => expression),
    ...orderBy.map(({ expression }) => expression),
    ...(having === undefined ? [] : [having]),
  ]
}

/** SQLite's MIN and MAX of several arguments are of one row. */
export function isAggregate({ name, over, arguments: list }: Call): boolean {
  if (over !== undefined) return false
  if ((name === 'min' || name === 'max') && list.length > 1) return false
  return aggregateFunctions.has(name) || windowFunctions.has(name)
}

/** The first call that is meant, in an expression and outside its subqueries. */
export function findCall(expression: Expression, isMeant: (call: Call) => boolean): Call | undefined {
  if (expression.kind === 'call' && isMeant(expression)) return expression
  for (const child of childrenOf(expression)) {
    const found = findCall(child, isMeant)
    if (found !== undefined) return found
  }
  return undefined
}

/** Does one of the expressions hold the key of the roots? Rows that differ in it are on no other shard. */
export function includesKey(
  { graph }: Analysis,
  expressions: readonly Expression[],
  scope: Scope,
  roots: Roots,
): boolean {
  return expressions.some((expression) => {
    const found = expression.kind === 'column' ? resolveColumn(expression, scope) : undefined
    const node = found?.mayBeNull === false ? found.node : undefined
    return node !== undefined && roots.every((root) => graph.find(root) === graph.find(node))
  })
}
