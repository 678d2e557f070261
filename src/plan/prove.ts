import type { Binary, ColumnName, Expression, InList, InQuery, Query } from '../sql/ast.ts'
import type { Analysis } from './analysis.ts'
import { conjunctsOf } from './expression-parts.ts'
import { type Spot, linkForeignColumns, linkForeignOutput } from './foreign-keys.ts'
import type { KeyNode } from './key-graph.ts'
import { readKeyValue } from './key-source.ts'
import type { KeyConstraint, KeySource } from './plan.ts'
import { type Found, type Scope, type Source, type SourceRange, isAmong, resolveColumn } from './scope.ts'
import { unusableColumns } from './unusable-columns.ts'

/** A list of conditions that all hold, and the tables whose rows they restrict. */
export interface Level {
  readonly scope: Scope
  readonly restricts: SourceRange
}

/** A key that a condition fixes to some values. */
interface Fix {
  readonly node: KeyNode
  readonly how: KeyConstraint['how']
  readonly sources: readonly KeySource[]
  readonly list?: InList
}

/** Takes from a list of conditions what they prove about keys. */
export function proveAll(analysis: Analysis, condition: Expression | undefined, level: Level): void {
  for (const conjunct of conjunctsOf(condition)) prove(analysis, conjunct, level)
}

/** Takes from one condition what it proves about keys, or notes why it proves nothing. */
function prove(analysis: Analysis, conjunct: Expression, level: Level): void {
  const fixes = fixesOf(analysis, conjunct, level)
  for (const { node, how, sources, list } of fixes) {
    const constraint = Object.freeze({
      how,
      sources: Object.freeze(sources),
      start: conjunct.start,
      end: conjunct.end,
    })
    analysis.graph.constrain(node, constraint)
    if (list !== undefined) analysis.lists.set(constraint, list)
  }
  const isLink = link(analysis, conjunct, level)
  if (fixes.length > 0 || isLink) return
  for (const { column, reason } of unusableColumns(conjunct)) {
    const node = restrictedKey(column, level)
    if (node === undefined || analysis.notes.has(node)) continue
    analysis.notes.set(node, `${analysis.graph.facts(node).column} ${reason}`)
  }
}

function fixesOf(analysis: Analysis, condition: Expression, level: Level): readonly Fix[] {
  switch (condition.kind) {
    case 'binary':
      return condition.operator === '=' ? fixesOfEquality(analysis, condition, level) : []
    case 'in':
      return condition.isNegated ? [] : fixesOfList(analysis, condition, level)
    case 'and':
      return condition.operands.flatMap((operand) => fixesOf(analysis, operand, level))
    case 'or':
      return fixesOfBranches(analysis, condition.operands, level)
    default:
      return []
  }
}

function fixesOfEquality(analysis: Analysis, condition: Binary, level: Level): readonly Fix[] {
  return pairsOf(condition.left, condition.right).flatMap(([left, right]) => {
    const fix = fixColumn(analysis, left, [right], level) ?? fixColumn(analysis, right, [left], level)
    return fix === undefined ? [] : [{ ...fix, how: '=' as const }]
  })
}

function fixesOfList(analysis: Analysis, condition: InList, level: Level): readonly Fix[] {
  const { operand, values } = condition
  if (operand.kind !== 'row') {
    const fix = fixColumn(analysis, operand, values, level)
    return fix === undefined ? [] : [{ ...fix, how: 'in', list: condition }]
  }
  return operand.items.flatMap((item, position) => {
    const column = values.map((value) => (value.kind === 'row' ? value.items[position] : undefined))
    if (column.some((value) => value === undefined)) return []
    const fix = fixColumn(
      analysis,
      item,
      column.flatMap((value) => value ?? []),
      level,
    )
    return fix === undefined ? [] : [{ ...fix, how: 'row in' as const, list: condition }]
  })
}

function fixColumn(
  analysis: Analysis,
  column: Expression,
  values: readonly Expression[],
  level: Level,
): { node: KeyNode; sources: readonly KeySource[] } | undefined {
  const node = restrictedKey(column, level)
  if (node === undefined) return undefined
  const { keyType } = analysis.graph.facts(node)
  const sources = values.flatMap((value) => readKeyValue(value, keyType).source ?? [])
  return sources.length === values.length && sources.length > 0 ? { node, sources } : undefined
}

/** A key fixed in every branch of an OR is one of all their values. */
function fixesOfBranches(analysis: Analysis, branches: readonly Expression[], level: Level): readonly Fix[] {
  const { graph } = analysis
  const byRoot = new Map<KeyNode, { node: KeyNode; sources: KeySource[]; branches: number }>()
  for (const [index, branch] of branches.entries()) {
    for (const { node, sources } of fixesOf(analysis, branch, level)) {
      const root = graph.find(node)
      const known = byRoot.get(root) ?? { node, sources: [], branches: 0 }
      if (known.branches !== index) continue
      known.sources.push(...sources)
      known.branches += 1
      byRoot.set(root, known)
    }
  }
  return [...byRoot.values()]
    .filter((known) => known.branches === branches.length)
    .map(({ node, sources }) => ({ node, how: 'or', sources }))
}

/** Equality of two key columns, or of a key column and a subquery that gives key columns. */
function link(analysis: Analysis, condition: Expression, level: Level): boolean {
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
  return linkColumns(analysis, one, other, restricts) || isForeign
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

function restrictedKey(column: Expression, level: Level): KeyNode | undefined {
  if (column.kind !== 'column') return undefined
  const found = resolveColumn(column, level.scope)
  return found !== undefined && isAmong(found.source, level.restricts) ? found.node : undefined
}

/** `(a, b) = (c, d)` is `a = c AND b = d`. */
function pairsOf(left: Expression, right: Expression): readonly (readonly [Expression, Expression])[] {
  if (left.kind !== 'row' || right.kind !== 'row') return [[left, right]]
  if (left.items.length !== right.items.length) return []
  return left.items.flatMap((item, index) => {
    const other = right.items[index]
    return other === undefined ? [] : pairsOf(item, other)
  })
}

/** Tables whose rows of NULLs the condition throws away. */
export function rejectsNulls(condition: Expression, scope: Scope): readonly Source[] {
  const operands = strictOperands(condition)
  return operands
    .filter((operand): operand is ColumnName => operand.kind === 'column')
    .flatMap((column) => resolveColumn(column, scope)?.source ?? [])
}

const strictOperators: ReadonlySet<string> = new Set(['=', '<>', '<', '<=', '>', '>='])

function strictOperands(condition: Expression): readonly Expression[] {
  if (condition.kind === 'binary' && strictOperators.has(condition.operator)) {
    if (condition.operator === '=') return pairsOf(condition.left, condition.right).flat()
    return [condition.left, condition.right]
  }
  if (condition.kind !== 'in' || condition.isNegated) return []
  return condition.operand.kind === 'row' ? condition.operand.items : [condition.operand]
}
