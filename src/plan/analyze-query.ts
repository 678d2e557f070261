import type {
  Assignment,
  Expression,
  Limit,
  OrderItem,
  Query,
  Row,
  Select,
  SelectItem,
  SetOperation,
  TableExpression,
  Window,
  With,
} from '../sql/ast.ts'
import type { Analysis, Cte, Place, QueryOutputs } from './analysis.ts'
import { type Inner, analyzeFrom } from './analyze-from.ts'
import { childrenOf, queriesIn } from '../sql/walk.ts'
import { conjunctsOf, windowParts } from './expression-parts.ts'
import { proveJoins } from './joins.ts'
import { combineOutputs, outputsOf, pushIntoCtes, withoutPush } from './outputs.ts'
import { proveAll, rejectsNulls } from './prove.ts'
import { type FromTree, type Scope, type Source, indexSources } from './scope.ts'

const inner: Inner = { query: analyzeQuery, expression: analyzeSubqueries }

/** Analyzes a query and all inside it; remembers and gives what its columns are. */
export function analyzeQuery(analysis: Analysis, query: Query, place: Place): QueryOutputs {
  const outputs = analyzeByKind(analysis, query, place)
  analysis.outputs.set(query, outputs)
  return outputs
}

function analyzeByKind(analysis: Analysis, query: Query, place: Place): QueryOutputs {
  switch (query.kind) {
    case 'select':
      return analyzeSelect(analysis, query, place)
    case 'setOperation':
      return analyzeSetOperation(analysis, query, place)
    case 'values':
      analyzeBlock(analysis, query, place)
      return { columns: [], isOpen: true }
    case 'tableQuery': {
      const { with: list, table, orderBy, limit } = query
      analyzeBlock(analysis, { with: list, from: table, orderBy, limit }, place)
      return { columns: [], isOpen: true }
    }
  }
}

function analyzeSelect(analysis: Analysis, select: Select, place: Place): QueryOutputs {
  const block = analyzeBlock(analysis, select, place)
  analysis.scopes.set(select, block.scope)
  const outputs = outputsOf(analysis, select, block.scope)
  pushIntoCtes(analysis, block.ctes)
  return outputs
}

function analyzeSetOperation(analysis: Analysis, query: SetOperation, place: Place): QueryOutputs {
  const own = analyzeWith(analysis, query.with, place)
  const inside: Place = { ...place, ctes: [...place.ctes, ...own] }
  const left = analyzeQuery(analysis, query.left, inside)
  const right = analyzeQuery(analysis, query.right, inside)
  const outer: Scope = { sources: [], aliases: new Set(), parent: place.parent }
  analyzeParts(analysis, query, outer, inside.ctes)
  pushIntoCtes(analysis, own)
  return combineOutputs(query, left, right)
}

/** What SELECT, UPDATE and DELETE have in common, and in which of their parts subqueries may stand. */
export interface Block extends Parts {
  readonly with?: With | undefined
  readonly from?: TableExpression | undefined
}

interface Parts {
  readonly where?: Expression | undefined
  readonly rows?: readonly Row[]
  readonly items?: readonly SelectItem[]
  readonly assignments?: readonly Assignment[]
  readonly groupBy?: readonly OrderItem[]
  readonly having?: Expression | undefined
  readonly windows?: readonly Window[]
  readonly orderBy?: readonly OrderItem[]
  readonly limit?: Limit | undefined
  readonly returning?: readonly SelectItem[]
}

/** Analyzes FROM and WHERE, and the subqueries wherever they stand. */
export function analyzeBlock(
  analysis: Analysis,
  block: Block,
  place: Place,
): { readonly scope: Scope; readonly ctes: readonly Cte[] } {
  const own = analyzeWith(analysis, block.with, place)
  const { parent } = place
  const ctes = [...place.ctes, ...own]
  const sources: Source[] = []
  const tree = block.from && analyzeFrom(analysis, block.from, { parent, ctes }, sources, inner)
  const byName = indexSources(sources)
  const scope: Scope = { sources, byName, aliases: hidingAliases(block.items), tree, parent }
  analyzeParts(analysis, block, scope, ctes)
  if (tree?.kind === 'join') {
    analyzeConditions(analysis, tree, scope, ctes)
    const rejected = conjunctsOf(block.where).flatMap((term) => rejectsNulls(term, scope))
    proveJoins(analysis, tree, scope, new Set(rejected))
  }
  proveAll(analysis, block.where, { scope, restricts: { all: sources, first: 0, end: sources.length } })
  return { scope, ctes: own }
}

/** Analyzes the subqueries of every part. */
export function analyzeParts(analysis: Analysis, parts: Parts, scope: Scope, ctes: readonly Cte[]): void {
  const visit = (expression: Expression): void => analyzeSubqueries(analysis, expression, scope, ctes)
  if (parts.where) visit(parts.where)
  for (const row of parts.rows ?? []) row.items.forEach(visit)
  for (const item of parts.items ?? []) visit(item.expression)
  for (const { column, value } of parts.assignments ?? []) {
    visit(column)
    visit(value)
  }
  for (const item of parts.groupBy ?? []) visit(item.expression)
  if (parts.having) visit(parts.having)
  for (const window of parts.windows ?? []) windowParts(window).forEach(visit)
  for (const item of parts.orderBy ?? []) visit(item.expression)
  if (parts.limit?.count) visit(parts.limit.count)
  if (parts.limit?.offset) visit(parts.limit.offset)
  for (const item of parts.returning ?? []) visit(item.expression)
}

/** The ON of every join: its subqueries see the tables of the join only. */
function analyzeConditions(analysis: Analysis, tree: FromTree, scope: Scope, ctes: readonly Cte[]): void {
  if (tree.kind !== 'join') return
  if (tree.join.on) analyzeSubqueries(analysis, tree.join.on, { ...scope, visible: tree }, ctes)
  analyzeConditions(analysis, tree.left, scope, ctes)
  analyzeConditions(analysis, tree.right, scope, ctes)
}

/** Analyzes the subqueries of an expression; `scope` is what their names may mean outside. */
export function analyzeSubqueries(
  analysis: Analysis,
  expression: Expression,
  scope: Scope,
  ctes: readonly Cte[],
): void {
  // Nearly all of a long INSERT.
  if (expression.kind === 'marker' || expression.kind === 'literal') return
  if (expression.kind === 'column' || expression.kind === 'star') {
    if (expression.database !== undefined) analysis.qualifiedColumn ??= expression.start
    return
  }
  for (const query of queriesIn(expression)) analyzeQuery(analysis, query, { parent: scope, ctes })
  for (const child of childrenOf(expression)) analyzeSubqueries(analysis, child, scope, ctes)
}

/** CTEs see the ones before them; with RECURSIVE also themselves, about whose columns nothing is known. */
export function analyzeWith(analysis: Analysis, list: With | undefined, place: Place): readonly Cte[] {
  const known: Cte[] = []
  for (const table of list?.tables ?? []) {
    const self: Cte = { table, uses: [] }
    analysis.cteTables.add(table.name.name.toLowerCase())
    const ctes = [...place.ctes, ...known, ...(list?.isRecursive === true ? [self] : [])]
    const outputs = analyzeQuery(analysis, table.query, { ...place, ctes })
    known.push({ table, outputs: self.uses.length > 0 ? withoutPush(outputs) : outputs, uses: [] })
  }
  return known
}

/** A select item hides a column of the same name from subqueries of HAVING and ORDER BY, unless it is that column. */
function hidingAliases(items: readonly SelectItem[] = []): ReadonlySet<string> {
  const names = new Set<string>()
  for (const { alias, expression } of items) {
    const column = expression.kind === 'column' ? expression : undefined
    const name = (alias ?? column?.column)?.name.toLowerCase()
    const isItself = column?.table === undefined && column?.column.name.toLowerCase() === name
    if (name !== undefined && !isItself) names.add(name)
  }
  return names
}
