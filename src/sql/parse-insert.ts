import type { ColumnName, Expression, InsertStatement, TableReference, ValuesRow, With } from './ast.ts'
import type { Cursor } from './cursor.ts'
import type { Draft } from './draft.ts'
import { parseAssignments } from './parse-assignments.ts'
import { parseColumn, parseNameList, parseTableName } from './parse-name.ts'
import { parseSelectItems } from './parse-select.ts'
import { parsePartitions } from './parse-table.ts'
import { parseConflict } from './parse-upsert.ts'
import type { StatementParts } from './statement-parts.ts'

type Parts = Draft<Extract<StatementParts, { kind: 'insert' }>>

/** INSERT or REPLACE; the cursor stands at the verb. */
export function parseInsert(cursor: Cursor, list: With | undefined): Parts {
  const verb = cursor.acceptOne('insert', 'replace')
  if (verb === undefined) throw cursor.fail('INSERT is expected')
  const { isIgnore, options } = parseOptions(cursor)
  if (!cursor.accept('into') && cursor.isSqlite) throw cursor.fail('INTO is expected')
  const table = parseTarget(cursor)
  const columns = parseColumns(cursor)
  const source = parseSource(cursor)
  const insert: Parts = { kind: 'insert', verb, isIgnore, options, table, source, returning: [] }
  if (list) insert.with = list
  if (columns) insert.columns = columns
  if (source.kind !== 'query' && cursor.text === 'as') insert.rowAlias = parseRowAlias(cursor)
  const conflict = parseConflict(cursor, verb)
  if (conflict) insert.onConflict = conflict
  if (cursor.accept('returning')) insert.returning = parseSelectItems(cursor)
  return insert
}

function parseOptions(cursor: Cursor): { isIgnore: boolean; options: readonly string[] } {
  if (cursor.isSqlite) return parseSqliteOption(cursor)
  const options: string[] = []
  const option = cursor.acceptOne('low_priority', 'delayed', 'high_priority')
  if (option) options.push(option)
  return { isIgnore: cursor.accept('ignore'), options }
}

function parseSqliteOption(cursor: Cursor): { isIgnore: boolean; options: readonly string[] } {
  if (!cursor.accept('or')) return { isIgnore: false, options: [] }
  const option = cursor.acceptOne('replace', 'ignore', 'abort', 'fail', 'rollback')
  if (option === undefined) throw cursor.fail('REPLACE, IGNORE, ABORT, FAIL or ROLLBACK is expected')
  return { isIgnore: option === 'ignore', options: [`or ${option}`] }
}

/** The target is always a table of the database, whatever WITH defines. */
function parseTarget(cursor: Cursor): TableReference {
  const name = parseTableName(cursor)
  const table: Draft<TableReference> = { kind: 'table', name, start: name.start, end: name.end }
  if (cursor.text === 'partition') table.partitions = parsePartitions(cursor)
  if (cursor.isSqlite && cursor.accept('as')) table.alias = cursor.name()
  table.end = cursor.lastEnd
  return table
}

function parseColumns(cursor: Cursor): readonly ColumnName[] | undefined {
  if (cursor.text !== '(' || cursor.opensQuery || isTableValues(cursor)) return undefined
  cursor.position++
  const columns: ColumnName[] = []
  if (cursor.textAt(0) !== ')' || cursor.isSqlite)
    do columns.push(parseColumn(cursor))
    while (cursor.accept(','))
  cursor.expect(')')
  return columns
}

/** MariaDB: `INSERT INTO t (VALUES (1), (2))`. */
function isTableValues(cursor: Cursor): boolean {
  return cursor.textAt(1) === 'values'
}

function parseSource(cursor: Cursor): InsertStatement['source'] {
  const { start, text } = cursor
  switch (text) {
    case 'values':
    case 'value':
      cursor.position++
      return { kind: 'rows', rows: parseRows(cursor), start, end: cursor.lastEnd }
    case 'set':
      if (cursor.isSqlite) break
      cursor.position++
      return { kind: 'set', assignments: parseAssignments(cursor), start, end: cursor.lastEnd }
    case 'default':
      if (!cursor.isSqlite) break
      cursor.position++
      cursor.expect('values')
      return { kind: 'defaults', start, end: cursor.lastEnd }
    case 'select':
    case 'with':
    case 'table':
    case '(':
      return { kind: 'query', query: cursor.grammar.query(cursor), start, end: cursor.lastEnd }
    default:
      break
  }
  throw cursor.fail('VALUES, SET or a query is expected')
}

function parseRows(cursor: Cursor): readonly ValuesRow[] {
  const rows: ValuesRow[] = []
  do rows.push(parseRow(cursor))
  while (cursor.accept(','))
  return rows
}

function parseRow(cursor: Cursor): ValuesRow {
  const { start } = cursor
  if (!cursor.isSqlite) cursor.accept('row')
  cursor.expect('(')
  const values: Expression[] = []
  if (cursor.text !== ')' || cursor.isSqlite)
    do values.push(cursor.expression())
    while (cursor.accept(','))
  cursor.expect(')')
  return { values, start, end: cursor.lastEnd }
}

function parseRowAlias(cursor: Cursor): NonNullable<InsertStatement['rowAlias']> {
  const { start } = cursor
  cursor.expect('as')
  const name = cursor.name()
  return { name, columns: parseNameList(cursor), start, end: cursor.lastEnd }
}
