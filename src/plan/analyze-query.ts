import type {
  Expression,
  Query,
  Select,
  SelectItem,
  SetOperation,
  TableExpression,
  With,
} from '../sql/ast.ts'
import type { Analysis, Cte, Place, QueryOutputs } from './analysis.ts'
import { type Inner, analyzeFrom } from './analyze-from.ts'
import { queriesIn } from '../sql/walk.ts'
import { conjunctsOf, visitOutsideQueries, windowParts } from './expression-parts.ts'
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
    case 'values': {
      const items = query.rows.flatMap((row) => row.items)
      analyzeBlock(analysis, { with: query.with, expressions: [...items, ...tailParts(query)] }, place)
      return { columns: [], isOpen: true }
    }
    case 'tableQuery':
      analyzeBlock(analysis, { with: query.with, from: query.table, expressions: tailParts(query) }, place)
      return { columns: [], isOpen: true }
  }
}

function analyzeSelect(analysis: Analysis, select: Select, place: Place): QueryOutputs {
  const block = analyzeBlock(
    analysis,
    {
      with: select.with,
      from: select.from,
      where: select.where,
      items: select.items,
      expressions: [
        ...select.items.map((item) => item.expression),
        ...select.groupBy.map((item) => item.expression),
        ...(select.having ? [select.having] : []),
        ...select.windows.flatMap(windowParts),
        ...tailParts(select),
      ],
    },
    place,
  )
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
  const outer: Scope = {
    sources: [],
    aliases: new Set(),
    ...(place.parent ? { parent: place.parent } : {}),
  }
  for (const part of tailParts(query)) analyzeSubqueries(analysis, part, outer, inside.ctes)
  pushIntoCtes(analysis, own)
  return combineOutputs(query, left, right)
}

/** What SELECT, UPDATE and DELETE have in common. */
export interface Block {
  readonly with?: With | undefined
  readonly from?: TableExpression | undefined
  readonly where?: Expression | undefined
  readonly items?: readonly SelectItem[]
  /** Everything else in which subqueries may stand. */
  readonly expressions: readonly Expression[]
}

/** Analyzes FROM and WHERE, and the subqueries wherever they stand. */
export function analyzeBlock(
  analysis: Analysis,
  block: Block,
  place: Place,
): { readonly scope: Scope; readonly ctes: readonly Cte[] } {
  const own = analyzeWith(analysis, block.with, place)
  const ctes = [...place.ctes, ...own]
  const inside: Place = { ...place, ctes }
  const sources: Source[] = []
  const tree = block.from && analyzeFrom(analysis, block.from, inside, sources, inner)
  const scope: Scope = {
    sources,
    ...indexSources(sources),
    aliases: hidingAliases(block.items ?? []),
    ...(tree ? { tree } : {}),
    ...(place.parent ? { parent: place.parent } : {}),
  }
  const rest = block.where === undefined ? block.expressions : [block.where, ...block.expressions]
  for (const expression of rest) analyzeSubqueries(analysis, expression, scope, ctes)
  analyzeConditions(analysis, tree, scope, ctes)
  const rejected = conjunctsOf(block.where).flatMap((term) => rejectsNulls(term, scope))
  proveJoins(analysis, tree, scope, new Set(rejected))
  proveAll(analysis, block.where, { scope, restricts: { all: sources, first: 0, end: sources.length } })
  return { scope, ctes: own }
}

/** The ON of every join: its subqueries see the tables of the join only. */
function analyzeConditions(
  analysis: Analysis,
  tree: FromTree | undefined,
  scope: Scope,
  ctes: readonly Cte[],
): void {
  if (tree?.kind !== 'join') return
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
  visitOutsideQueries(expression, (part) => {
    if ((part.kind === 'column' || part.kind === 'star') && part.database !== undefined)
      analysis.qualifiedColumn ??= part.start
    for (const query of queriesIn(part)) analyzeQuery(analysis, query, { parent: scope, ctes })
  })
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
function hidingAliases(items: readonly SelectItem[]): ReadonlySet<string> {
  const names = items.flatMap(({ alias, expression }) => {
    const column = expression.kind === 'column' ? expression : undefined
    const name = (alias ?? column?.column)?.name.toLowerCase()
    const isItself = column?.table === undefined && column?.column.name.toLowerCase() === name
    return name === undefined || isItself ? [] : [name]
  })
  return new Set(names)
}

function tailParts(query: Pick<Select, 'orderBy' | 'limit'>): readonly Expression[] {
  return [
    ...query.orderBy.map((item) => item.expression),
    ...(query.limit?.count ? [query.limit.count] : []),
    ...(query.limit?.offset ? [query.limit.offset] : []),
  ]
}
