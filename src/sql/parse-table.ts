import type { DerivedTable, Expression, TableExpression, TableFunction, TableReference } from './ast.ts'
import type { Cursor } from './cursor.ts'
import type { Draft } from './draft.ts'
import { parseNameList, parseSourceName } from './parse-name.ts'
import { joinByComma, parseJoins } from './parse-join.ts'
import { tokenKind } from './tokens.ts'

/** What stands behind FROM: tables and joins, commas between them. */
export function parseTables(cursor: Cursor): TableExpression {
  cursor.enter()
  const { start } = cursor
  let left = parseJoins(cursor, parseFactor)
  while (cursor.accept(',')) left = joinByComma(cursor, left, parseJoins(cursor, parseFactor), start)
  cursor.leave()
  return left
}

/** One entry of a FROM. */
function parseFactor(cursor: Cursor): TableExpression {
  if (cursor.text === '(')
    return opensTableQuery(cursor) ? parseDerived(cursor, cursor.start) : parseNested(cursor)
  if (cursor.text === '{') return parseOuterJoinEscape(cursor)
  if (cursor.isSqlite)
    return cursor.textAt(1) === '(' ? parseTableFunction(cursor) : parseTableReference(cursor)
  if (cursor.text === 'lateral' && cursor.textAt(1) === '(') return parseLateral(cursor)
  if (cursor.text === 'json_table' && cursor.textAt(1) === '(') return parseTableFunction(cursor)
  return parseTableReference(cursor)
}

/** Where a table stands, `(values …)` is a query in every dialect. */
function opensTableQuery(cursor: Cursor): boolean {
  return cursor.opensQuery || cursor.textAt(1) === 'values'
}

function parseLateral(cursor: Cursor): TableExpression {
  const { start } = cursor
  cursor.position++
  const derived = parseDerived(cursor, start)
  return { ...derived, isLateral: true }
}

function parseDerived(cursor: Cursor, start: number): DerivedTable {
  const query = cursor.queryInParentheses()
  const derived: Draft<DerivedTable> = {
    kind: 'derived',
    isLateral: false,
    query,
    columns: [],
    start,
    end: start,
  }
  parseAlias(cursor, derived)
  if (derived.alias) derived.columns = parseNameList(cursor)
  derived.end = cursor.lastEnd
  return derived
}

/** `(t1, t2)` and `(a JOIN b ON …)`; an alias is not allowed behind them. */
function parseNested(cursor: Cursor): TableExpression {
  cursor.expect('(')
  const tables = parseTables(cursor)
  cursor.expect(')')
  return tables
}

/** ODBC: `{OJ a LEFT JOIN b ON …}`. MariaDB takes any name for OJ. */
function parseOuterJoinEscape(cursor: Cursor): TableExpression {
  cursor.expect('{')
  cursor.name()
  const tables = parseTables(cursor)
  cursor.expect('}')
  return tables
}

/** A table of a FROM with its alias, partitions and index hints. */
export function parseTableReference(cursor: Cursor): TableReference {
  const { start } = cursor
  const source = parseSourceName(cursor)
  const table: Draft<TableReference> = { kind: 'table', name: source.name, start, end: start }
  if (source.isCommonTable) table.isCommonTable = true
  takePartitions(cursor, table)
  parseAlias(cursor, table)
  if (cursor.text !== '') {
    // MySQL's DELETE has them behind the alias.
    if (table.partitions === undefined) takePartitions(cursor, table)
    skipIndexHints(cursor)
  }
  table.end = cursor.lastEnd
  return table
}

function takePartitions(cursor: Cursor, table: Draft<TableReference>): void {
  if (cursor.text === 'partition' && cursor.textAt(1) === '(') table.partitions = parsePartitions(cursor)
}

/** `PARTITION (p0, p1)`; the cursor stands at PARTITION. */
export function parsePartitions(cursor: Cursor): NonNullable<TableReference['partitions']> {
  const { start } = cursor
  cursor.expect('partition')
  parseNameList(cursor)
  return { start, end: cursor.lastEnd }
}

function parseAlias(
  cursor: Cursor,
  table: Draft<{ readonly alias?: NonNullable<TableReference['alias']> }>,
): void {
  if (cursor.accept('as') || cursor.isBareAlias) table.alias = cursor.name()
}

/** `USE INDEX FOR JOIN (a, PRIMARY)`; SQLite: `INDEXED BY a`, `NOT INDEXED`. */
function skipIndexHints(cursor: Cursor): void {
  if (cursor.isSqlite) {
    if (cursor.acceptAll('indexed', 'by')) cursor.name()
    else cursor.acceptAll('not', 'indexed')
    return
  }
  while (cursor.acceptOne('use', 'ignore', 'force') !== undefined) {
    if (cursor.acceptOne('index', 'key') === undefined) throw cursor.fail('INDEX is expected')
    if (cursor.accept('for') && !cursor.accept('join') && !cursor.acceptAll('order', 'by')) {
      cursor.expect('group')
      cursor.expect('by')
    }
    skipIndexNames(cursor)
  }
}

function skipIndexNames(cursor: Cursor): void {
  cursor.expect('(')
  if (cursor.accept(')')) return
  do if (!cursor.accept('primary')) cursor.name()
  while (cursor.accept(','))
  cursor.expect(')')
}

/** JSON_TABLE of the servers, table-valued functions of SQLite. */
function parseTableFunction(cursor: Cursor): TableFunction {
  const { start } = cursor
  const name = cursor.name().name.toLowerCase()
  cursor.calls.add(name)
  cursor.expect('(')
  const list: Expression[] = []
  if (cursor.text !== ')') list.push(cursor.expression())
  while (cursor.accept(',')) list.push(cursor.expression())
  if (!cursor.isSqlite) skipColumns(cursor)
  cursor.expect(')')
  const table: Draft<TableFunction> = { kind: 'tableFunction', name, arguments: list, start, end: start }
  parseAlias(cursor, table)
  table.end = cursor.lastEnd
  return table
}

/** `COLUMNS (…)` of JSON_TABLE: names, types, paths and constants. */
function skipColumns(cursor: Cursor): void {
  cursor.expect('columns')
  if (cursor.text !== '(') throw cursor.fail('a list of columns is expected')
  const { close } = cursor
  for (; cursor.position < close; cursor.position++)
    if (cursor.opensQuery || cursor.kind === tokenKind.marker || cursor.kind === tokenKind.variable)
      throw cursor.fail('only constants may stand in the columns of JSON_TABLE')
  cursor.position++
}
