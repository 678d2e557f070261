import type { ColumnName, Expression, InQuery, Query } from '../sql/ast.ts'
import type { Analysis } from './analysis.ts'
import { type Spot, linkForeignColumns, linkForeignOutput } from './foreign-keys.ts'
import type { KeyNode } from './key-graph.ts'
import { type Found, type Scope, type SourceRange, isAmong, resolveColumn } from './scope.ts'

/** A list of conditions that all hold, and the tables whose rows they restrict. */
export interface Level {
  readonly scope: Scope
  readonly restricts: SourceRange
}

/** Equality of two key columns, or of a key column and a subquery that gives key columns. */
export function linkKeys(analysis: Analysis, condition: Expression, level: Level): boolean {
  if (condition.kind === 'inQuery') return linkQuery(analysis, condition, level)
  if (condition.kind !== 'binary' || condition.operator !== '=') return false
  const pairs = pairsOf(condition.left, condition.right)
  return pairs.map(([left, right]) => linkPair(analysis, left, right, level)).includes(true)
}

function linkPair(analysis: Analysis, left: Expression, right: Expression, level: Level): boolean {
  if (left.kind === 'subquery') return linkOutput(analysis, right, left.query, 0, level)
  if (right.kind === 'subquery') return linkOutput(analysis, left, right.query, 0, level)
  if (left.kind !== 'column' || right.kind !== 'column') return false
  const one = resolveColumn(left, level.scope)
  const other = resolveColumn(right, level.scope)
  const { restricts } = level
  if (one === undefined || other === undefined) return false
  const spots = [spotOf(left, one), spotOf(right, other)] as const
  const isForeign = linkForeignColumns(analysis, ...spots, restricts)
  const isById = linkIds(analysis, one, other, restricts)
  return linkColumns(analysis, one, other, restricts) || isForeign || isById
}

/** Equal ids carry the same shard: each side learns where the other is, but their keys may differ. */
function linkIds({ graph }: Analysis, one: Found, other: Found, restricts: SourceRange): boolean {
  if (one.id === undefined || other.id === undefined || one.id.layout !== other.id.layout) return false
  const isOne = isAmong(one.source, restricts)
  const isOther = isAmong(other.source, restricts)
  if (isOne) graph.imply([other.id.node], one.id.node)
  if (isOther) graph.imply([one.id.node], other.id.node)
  return isOne || isOther
}

function spotOf({ column }: ColumnName, { source }: Found): Spot {
  return { source, name: column.name.toLowerCase() }
}

/** Two columns known to be equal: each table that the condition restricts learns from the other. */
export function linkColumns(
  { graph }: Analysis,
  left: Found | undefined,
  right: Found | undefined,
  restricts: SourceRange,
): boolean {
  if (left?.node === undefined || right?.node === undefined) return false
  const isLeft = isAmong(left.source, restricts)
  const isRight = isAmong(right.source, restricts)
  if (isLeft && isRight) graph.merge(left.node, right.node)
  else if (isLeft) graph.imply([right.node], left.node)
  else if (isRight) graph.imply([left.node], right.node)
  return isLeft || isRight
}

/** What `(a, b) IN (SELECT c, d …)` and NOT IN say, column by column. */
function linkQuery(analysis: Analysis, condition: InQuery, level: Level): boolean {
  const { operand, query, isNegated } = condition
  const columns = operand.kind === 'row' ? operand.items : [operand]
  return columns
    .map((column, position) => {
      restrictQuery(analysis, column, condition, position, level)
      if (isNegated || column.kind !== 'column') return false
      const found = resolveColumn(column, level.scope)
      if (found !== undefined && isAmong(found.source, level.restricts))
        linkForeignOutput(analysis, spotOf(column, found), query, position)
      return linkOutput(analysis, column, query, position, level)
    })
    .includes(true)
}

/**
 * Of the rows inside `a.k IN (SELECT b.k FROM b …)` only those with the key of a row of `a` that counts can
 * make it true, so `b` is restricted as `a` is, when a condition on that column is one on the rows of `b`.
 * Should the others be missing, FALSE may stand for NULL, which is the same to a list of conditions.
 * NOT IN is NULL beside any NULL, and `NULL NOT IN (nothing)` is TRUE, so for it neither side may be NULL:
 * rows without a key are on no shard, so only an outer join or an aggregate puts NULL there.
 * `a.k = (SELECT b.k …)` says nothing of this kind: of two rows it makes an error, of one it does not.
 */
function restrictQuery(
  analysis: Analysis,
  column: Expression,
  { query, isNegated }: InQuery,
  position: number,
  level: Level,
): void {
  const node = restrictedKey(column, level)
  const outputs = analysis.outputs.get(query)
  const output = outputs?.isOpen === true ? undefined : outputs?.columns[position]
  if (node === undefined || output?.isPushable !== true) return
  if (isNegated && column.kind === 'column' && resolveColumn(column, level.scope)?.mayBeNull !== false) return
  for (const feed of output.feeds ?? []) {
    if (feed.kind === 'key' && !(isNegated && feed.mayBeNull)) analysis.graph.imply([node], feed.node)
  }
}

/** The column's values are among those the subquery gives. */
function linkOutput(
  analysis: Analysis,
  column: Expression,
  query: Query,
  position: number,
  level: Level,
): boolean {
  const node = restrictedKey(column, level)
  const outputs = analysis.outputs.get(query)
  const feeds = outputs?.isOpen === true ? undefined : outputs?.columns[position]?.feeds
  if (node === undefined || feeds === undefined) return false
  const nodes = feeds.flatMap((feed) => (feed.kind === 'key' ? feed.node : []))
  if (nodes.length !== feeds.length) return false
  analysis.graph.imply(nodes, node)
  return true
}

/** The key column that an expression is, when the condition around it restricts its table. */
export function restrictedKey(column: Expression, level: Level): KeyNode | undefined {
  return restrictedColumn(column, level)?.node
}

/** The column that an expression is, when the condition around it restricts its table. */
export function restrictedColumn(column: Expression, level: Level): Found | undefined {
  if (column.kind !== 'column') return undefined
  const found = resolveColumn(column, level.scope)
  return found !== undefined && isAmong(found.source, level.restricts) ? found : undefined
}

/** `(a, b) = (c, d)` is `a = c AND b = d`. */
export function pairsOf(left: Expression, right: Expression): readonly (readonly [Expression, Expression])[] {
  if (left.kind !== 'row' || right.kind !== 'row') return [[left, right]]
  if (left.items.length !== right.items.length) return []
  return left.items.flatMap((item, index) => {
    const other = right.items[index]
    return other === undefined ? [] : pairsOf(item, other)
  })
}
