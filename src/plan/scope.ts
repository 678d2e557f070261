import type { ColumnName, Expression, Join, Query, TableReference } from '../sql/ast.ts'
import type { ShardedTable, TableDeclaration } from '../topology/table-kinds.ts'
import type { KeyNode } from './key-graph.ts'

/** What one branch of a query puts into a column: a key column's values, or a value of the text. */
export type Feed =
  | { readonly kind: 'key'; readonly node: KeyNode; readonly mayBeNull: boolean }
  | { readonly kind: 'value'; readonly expression: Expression }

/** A column of a table or of a query's result, as far as it is known. */
export interface Column {
  readonly name?: string
  /** Key column this is, for a table; for a derived table the one it hands on. */
  readonly node?: KeyNode
  /** The query it comes from may put NULL there. */
  readonly mayBeNull?: boolean
}

/** One entry of a FROM. */
export interface Source {
  /** Alias, or the table's own name, as written. */
  readonly name?: string
  /** Where a table of the database is written. */
  readonly origin?: TableReference
  /** Of a sharded table. */
  readonly sharded?: { readonly table: ShardedTable & TableDeclaration; readonly node: KeyNode }
  /** Of a derived table whose columns keep their names. */
  readonly query?: Query
  /** Those we know of, names in lower case. */
  readonly columns: readonly Column[]
  /** True when it may have columns we do not know of. */
  readonly isOpen: boolean
  /** Set when an outer join may put NULL for its rows. */
  isNullable: boolean
  /** Its place in its FROM, left to right; set when the tree of the FROM is made. */
  position: number
}

/**
 * Neighbours in a FROM. Sets or arrays of their own for each join would make a chain of joins
 * take quadratic time.
 */
export interface SourceRange {
  /** Every source of the FROM, left to right. */
  readonly all: readonly Source[]
  readonly first: number
  /** Behind the last one. */
  readonly end: number
}

/** A FROM as a tree of joins: unqualified names depend on USING and NATURAL. */
export type FromTree = SourceRange &
  (
    | { readonly kind: 'source'; readonly source: Source }
    | { readonly kind: 'join'; readonly join: Join; readonly left: FromTree; readonly right: FromTree }
  )

/** The tables a name may mean, innermost first. */
export interface Scope {
  readonly sources: readonly Source[]
  /** The same by name, for long lists. */
  readonly byName?: SourcesByName
  readonly tree?: FromTree
  /** Of an ON: the join it belongs to, whose tables alone it sees. */
  readonly visible?: FromTree
  /** Lower case aliases of select items: in a subquery they may hide a column of the same name. */
  readonly aliases: ReadonlySet<string>
  readonly parent?: Scope
}

/** A column found: its table, and its key node when it is a key column. */
export interface Found {
  readonly source: Source
  readonly node?: KeyNode
  readonly mayBeNull: boolean
}

interface SourcesByName {
  readonly exact: ReadonlyMap<string, readonly Source[]>
  /** By name in lower case. */
  readonly loose: ReadonlyMap<string, readonly Source[]>
}

/** Adds a source to the list of its FROM, and gives the leaf of the tree for it. */
export function addSource(source: Source, all: Source[]): FromTree {
  const first = all.length
  source.position = first
  all.push(source)
  return { kind: 'source', source, all, first, end: first + 1 }
}

/** Is it one of these? */
export function isAmong(source: Source, { all, first, end }: SourceRange): boolean {
  const { position } = source
  return position >= first && position < end && all[position] === source
}

/** A list is faster up to about this many. */
const fewSources = 8

/** For `byName` of a scope: an index of its sources, or nothing when they are few. */
export function indexSources(sources: readonly Source[]): { byName?: SourcesByName } {
  if (sources.length <= fewSources) return {}
  const exact = new Map<string, Source[]>()
  const loose = new Map<string, Source[]>()
  for (const source of sources) {
    if (source.name === undefined) continue
    addTo(exact, source.name, source)
    addTo(loose, source.name.toLowerCase(), source)
  }
  return { byName: { exact, loose } }
}

function addTo(map: Map<string, Source[]>, name: string, source: Source): void {
  const known = map.get(name)
  if (known === undefined) map.set(name, [source])
  else known.push(source)
}

/** The table a column belongs to, when that is certain whatever columns the unknown tables have. */
export function resolveColumn(column: ColumnName, scope: Scope): Found | undefined {
  if (column.database !== undefined) return undefined
  const name = column.column.name.toLowerCase()
  if (column.table === undefined) return resolveUnqualified(name, scope)
  const source = resolveSource(column.table.name, scope)
  return source && columnOf(source, name)
}

/**
 * A table by its alias or name. Whether `O` means `o` depends on the server's file system
 * (lower_case_table_names), so a name in other letters counts only when nothing fits exactly anywhere.
 */
export function resolveSource(name: string, scope: Scope): Source | undefined {
  for (let inner: Scope | undefined = scope; inner !== undefined; inner = inner.parent) {
    const fitting = sourcesCalled(name, inner)
    if (fitting.length === 0) continue
    const [only, second] = fitting
    const isLoose = only?.name !== name
    if (second !== undefined || only === undefined || (isLoose && hasExact(name, inner.parent)))
      return undefined
    // Another table of the same FROM: MySQL looks further out for it, SQLite does not.
    return inner.visible === undefined || isAmong(only, inner.visible) ? only : undefined
  }
  return undefined
}

function sourcesCalled(name: string, { sources, byName }: Scope): readonly Source[] {
  if (byName !== undefined) return byName.exact.get(name) ?? byName.loose.get(name.toLowerCase()) ?? []
  const exact = sources.filter((source) => source.name === name)
  if (exact.length > 0) return exact
  const lower = name.toLowerCase()
  return sources.filter((source) => source.name?.toLowerCase() === lower)
}

function hasExact(name: string, scope: Scope | undefined): boolean {
  if (scope === undefined) return false
  return scope.sources.some((source) => source.name === name) || hasExact(name, scope.parent)
}

function columnOf(source: Source, name: string): Found | undefined {
  const matches = source.columns.filter((column) => column.name === name)
  if (matches.length > 1) return undefined
  const [column] = matches
  const mayBeNull = source.isNullable || column?.mayBeNull === true
  return column?.node === undefined ? { source, mayBeNull } : { source, mayBeNull, node: column.node }
}

/** Innermost first. A scope with unknown columns ends the search: the name may be one of them. */
function resolveUnqualified(name: string, scope: Scope): Found | undefined {
  for (let inner: Scope | undefined = scope; inner !== undefined; inner = inner.parent) {
    if (inner !== scope && inner.aliases.has(name)) return undefined
    const whole = search(name, inner.tree)
    const found = inner.visible === undefined ? whole : search(name, inner.visible)
    if (typeof found === 'object') return found
    if (found !== 'none' || whole !== 'none') return undefined
  }
  return undefined
}

/** `maybe`: an unknown column could have the name; `unclear`: several have it, or a NATURAL join decides. */
type Search = Found | 'none' | 'maybe' | 'unclear'

function search(name: string, tree: FromTree | undefined): Search {
  if (tree === undefined) return 'none'
  if (tree.kind === 'source') return searchSource(name, tree.source)
  const left = search(name, tree.left)
  const right = search(name, tree.right)
  if (left === 'none') return right
  if (right === 'none') return left
  const { join } = tree
  if (join.isNatural || join.type === 'full') return 'unclear'
  // USING makes one column of two: the left one's values, of a RIGHT JOIN the right one's.
  if (join.using.some((column) => column.name.toLowerCase() === name))
    return join.type === 'right' ? right : left
  if (left === 'maybe') return right
  if (right === 'maybe') return left
  return 'unclear'
}

function searchSource(name: string, source: Source): Search {
  const matches = source.columns.filter((column) => column.name === name)
  if (matches.length > 1) return 'unclear'
  if (matches.length === 1) return columnOf(source, name) ?? 'unclear'
  return source.isOpen ? 'maybe' : 'none'
}
