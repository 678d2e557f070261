import type { ColumnName, Expression, Join, Query, TableReference } from '../sql/ast.ts'
import type { IdLayoutName, ShardedTable, TableDeclaration } from '../topology/table-kinds.ts'
import type { KeyNode } from './key-graph.ts'

/** What one branch of a query puts into a column: a key column's values, or a value of the text. */
export type Feed =
  | { readonly kind: 'key'; readonly node: KeyNode; readonly mayBeNull: boolean }
  | { readonly kind: 'value'; readonly expression: Expression }

/** A column of a table whose ids carry the row's logical shard. */
export interface RowId {
  readonly column: string
  readonly layout: IdLayoutName
  /** The shard key of the row's table. */
  readonly node: KeyNode
}

/** A column of a table or of a query's result, as far as it is known. */
export interface Column {
  readonly name?: string | undefined
  /** Key column this is, for a table; for a derived table the one it hands on. */
  readonly node?: KeyNode | undefined
  /** Set when it holds ids that carry the shard. */
  readonly id?: RowId
  /** The query it comes from may put NULL there. */
  readonly mayBeNull?: boolean
}

/** One entry of a FROM. */
export interface Source {
  /** Alias, or the table's own name, as written. */
  readonly name?: string | undefined
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
  readonly byName?: SourcesByName | undefined
  readonly tree?: FromTree | undefined
  /** Of an ON: the join it belongs to, whose tables alone it sees. */
  readonly visible?: FromTree
  /** Lower case aliases of select items: in a subquery they may hide a column of the same name. */
  readonly aliases: ReadonlySet<string>
  readonly parent?: Scope | undefined
}

/** A column found: its table, and its key node when it is a key column. */
export interface Found {
  readonly source: Source
  readonly node?: KeyNode | undefined
  readonly id?: RowId | undefined
  readonly mayBeNull: boolean
}

interface SourcesByName {
  readonly exact: ReadonlyMap<string, Source | 'several'>
  /** By name in lower case. */
  readonly loose: ReadonlyMap<string, Source | 'several'>
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
export function indexSources(sources: readonly Source[]): SourcesByName | undefined {
  if (sources.length <= fewSources) return undefined
  const exact = new Map<string, Source | 'several'>()
  const loose = new Map<string, Source | 'several'>()
  for (const source of sources) {
    if (source.name === undefined) continue
    addTo(exact, source.name, source)
    addTo(loose, source.name.toLowerCase(), source)
  }
  return { exact, loose }
}

function addTo(map: Map<string, Source | 'several'>, name: string, source: Source): void {
  map.set(name, map.has(name) ? 'several' : source)
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
    const only = sourceCalled(name, inner)
    if (only === undefined) continue
    if (only === 'several' || (only.name !== name && hasExact(name, inner.parent))) return undefined
    // Another table of the same FROM: MySQL looks further out for it, SQLite does not.
    return inner.visible === undefined || isAmong(only, inner.visible) ? only : undefined
  }
  return undefined
}

function sourceCalled(name: string, { sources, byName }: Scope): Source | 'several' | undefined {
  if (byName !== undefined) return byName.exact.get(name) ?? byName.loose.get(name.toLowerCase())
  let found: Source | 'several' | undefined
  for (const source of sources) if (source.name === name) found = found === undefined ? source : 'several'
  if (found !== undefined) return found
  const lower = name.toLowerCase()
  for (const source of sources)
    if (source.name?.toLowerCase() === lower) found = found === undefined ? source : 'several'
  return found
}

function hasExact(name: string, scope: Scope | undefined): boolean {
  if (scope === undefined) return false
  return scope.sources.some((source) => source.name === name) || hasExact(name, scope.parent)
}

function columnOf(source: Source, name: string): Found | undefined {
  const column = columnCalled(name, source)
  return column === 'several' ? undefined : foundIn(source, column)
}

function columnCalled(name: string, { columns }: Source): Column | 'several' | undefined {
  let found: Column | 'several' | undefined
  for (const column of columns) if (column.name === name) found = found === undefined ? column : 'several'
  return found
}

function foundIn(source: Source, column: Column | undefined): Found {
  const mayBeNull = source.isNullable || column?.mayBeNull === true
  return { source, mayBeNull, node: column?.node, id: column?.id }
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
  const column = columnCalled(name, source)
  if (column === 'several') return 'unclear'
  if (column !== undefined) return foundIn(source, column)
  return source.isOpen ? 'maybe' : 'none'
}
