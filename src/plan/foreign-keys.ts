import type { Expression, Query, Select, Star } from '../sql/ast.ts'
import type { ForeignKey } from '../topology/table-kinds.ts'
import type { Analysis } from './analysis.ts'
import { mayAggregate } from './may-aggregate.ts'
import { type Scope, type Source, type SourceRange, isAmong, resolveColumn, resolveSource } from './scope.ts'

/** A column of one entry of a FROM, its name in lower case. */
export interface Spot {
  readonly source: Source
  readonly name: string
}

/** The columns of a foreign key found equal so far, by their index, as far as each side is restricted by it. */
interface Progress {
  readonly child: Set<number>
  readonly parent: Set<number>
}

/** By child, parent and foreign key. */
export type ForeignLinks = Map<Source, Map<Source, Map<ForeignKey, Progress>>>

/** Which of two columns known to be equal learns from the other. */
interface Learns {
  readonly left: boolean
  readonly right: boolean
}

/**
 * `child.fk = parent.id`: rows that hang together by a declared foreign key have one shard key
 * (see ForeignKey), so when all its columns are equal the keys are.
 *
 * A table learns only where each of the equalities restricts it: then every row of the result that holds
 * a row of this table holds with it one row of the other table for which all of them are true. So they may
 * stand in several conditions, but must be of the same two entries of the FROM. Each side learns from the
 * other; the two are not made one class, because a value for each side is then still checked against the other.
 *
 * NATURAL JOIN says nothing: which columns it compares depends on columns we do not know.
 */
export function linkForeignColumns(
  analysis: Analysis,
  left: Spot | undefined,
  right: Spot | undefined,
  restricts: SourceRange,
): boolean {
  if (left === undefined || right === undefined) return false
  const learns = { left: isAmong(left.source, restricts), right: isAmong(right.source, restricts) }
  return linkSpots(analysis, left, right, learns)
}

/**
 * `child.fk IN (SELECT parent.id …)`: the row outside has the key of a row inside; and of the rows inside only
 * those with a key outside can make it true, when a condition on the column is one on the rows.
 */
export function linkForeignOutput(analysis: Analysis, column: Spot, query: Query, position: number): boolean {
  const item = query.kind === 'select' ? query.items[position]?.expression : undefined
  if (query.kind !== 'select' || item?.kind !== 'column') return false
  if (query.items.some(({ expression }) => expression.kind === 'star')) return false
  const inside = givenBy(analysis, query, item)
  if (inside === undefined) return false
  const isPushable = analysis.outputs.get(query)?.columns[position]?.isPushable === true
  const isItsOwn = analysis.scopes.get(query)?.sources.includes(inside.source) === true
  return linkSpots(analysis, column, inside, { left: true, right: isPushable && isItsOwn })
}

function linkSpots(analysis: Analysis, left: Spot, right: Spot, learns: Learns): boolean {
  const one = tableSpot(analysis, left)
  const other = tableSpot(analysis, right)
  if (one === undefined || other === undefined) return false
  // What holds a derived table's row says nothing of the rows inside that the query left out.
  const own = { left: learns.left && one === left, right: learns.right && other === right }
  const isOne = linkDirection(analysis, one, other, own)
  return linkDirection(analysis, other, one, { left: own.right, right: own.left }) || isOne
}

function linkDirection(
  { foreignLinks, graph }: Analysis,
  child: Spot,
  parent: Spot,
  learns: Learns,
): boolean {
  const [down, up] = [child.source.sharded, parent.source.sharded]
  if (down === undefined || up === undefined) return false
  let isLink = false
  for (const foreignKey of down.table.foreignKeys ?? []) {
    const { columns, references, referencedColumns } = foreignKey
    if (references.toLowerCase() !== up.table.table.toLowerCase()) continue
    for (const [index, column] of columns.entries()) {
      if (column.toLowerCase() !== child.name) continue
      if (referencedColumns[index]?.toLowerCase() !== parent.name) continue
      const progress = progressOf(foreignLinks, child.source, parent.source, foreignKey)
      if (learns.left) progress.child.add(index)
      if (learns.right) progress.parent.add(index)
      if (progress.child.size === columns.length) graph.imply([up.node], down.node)
      if (progress.parent.size === columns.length) graph.imply([down.node], up.node)
      isLink = true
    }
  }
  return isLink
}

function progressOf(links: ForeignLinks, child: Source, parent: Source, foreignKey: ForeignKey): Progress {
  const ofChild = links.get(child) ?? new Map<Source, Map<ForeignKey, Progress>>()
  const ofPair = ofChild.get(parent) ?? new Map<ForeignKey, Progress>()
  const progress = ofPair.get(foreignKey) ?? { child: new Set(), parent: new Set() }
  links.set(child, ofChild.set(parent, ofPair.set(foreignKey, progress)))
  return progress
}

/** The column of a table that a column is: itself, or the one a derived table hands on row by row. */
function tableSpot(analysis: Analysis, spot: Spot): Spot | undefined {
  const { sharded, query } = spot.source
  if (sharded !== undefined) return spot
  if (query?.kind !== 'select') return undefined
  const scope = analysis.scopes.get(query)
  const named = query.items.filter(({ alias, expression }) => {
    const column = expression.kind === 'column' ? expression.column : undefined
    return (alias ?? column)?.name.toLowerCase() === spot.name
  })
  const stars = query.items.filter(({ expression }) => expression.kind === 'star')
  const [given, another] = [...named, ...stars]
  // SQLite takes the first of several equal names, and what names a star has is not known.
  if (scope === undefined || given === undefined || another !== undefined) return undefined
  return given.expression.kind === 'star'
    ? givenByStar(analysis, query, scope, given.expression, spot.name)
    : givenBy(analysis, query, given.expression)
}

/** What a column of a SELECT is inside, unless rows are put together: then two columns may be of two rows. */
function givenBy(analysis: Analysis, query: Select, expression: Expression): Spot | undefined {
  const scope = analysis.scopes.get(query)
  if (expression.kind !== 'column' || scope === undefined || !isRowByRow(query)) return undefined
  const source = resolveColumn(expression, scope)?.source
  if (source === undefined || !scope.sources.includes(source)) return undefined
  return tableSpot(analysis, { source, name: expression.column.name.toLowerCase() })
}

function givenByStar(
  analysis: Analysis,
  query: Select,
  scope: Scope,
  { table }: Star,
  name: string,
): Spot | undefined {
  const source = table === undefined ? onlyOf(scope.sources) : resolveSource(table.name, scope)
  if (source === undefined || !scope.sources.includes(source) || !isRowByRow(query)) return undefined
  return tableSpot(analysis, { source, name })
}

function onlyOf(sources: readonly Source[]): Source | undefined {
  return sources.length === 1 ? sources[0] : undefined
}

function isRowByRow(query: Select): boolean {
  return query.groupBy.length === 0 && query.having === undefined && !mayAggregate(query)
}
