import type { ColumnName, Identifier, TableName } from './ast.ts'
import type { Cursor } from './cursor.ts'

/** `column`, `table.column` or `database.table.column`. */
export function parseColumn(cursor: Cursor): ColumnName {
  const first = cursor.name()
  if (cursor.text !== '.') return { kind: 'column', column: first, start: first.start, end: first.end }
  cursor.position++
  const second = cursor.nameBehindDot()
  if (!cursor.accept('.'))
    return { kind: 'column', table: first, column: second, start: first.start, end: second.end }
  const third = cursor.nameBehindDot()
  return { kind: 'column', database: first, table: second, column: third, start: first.start, end: third.end }
}

/** `table` or `database.table`, not yet noted as a table of the statement. */
export function parseBareTableName(cursor: Cursor): TableName {
  const first = cursor.name()
  if (!cursor.accept('.')) return { table: first, start: first.start, end: first.end }
  const table = cursor.nameBehindDot()
  return { database: first, table, start: first.start, end: table.end }
}

/** A table's name where no common table can be meant, such as the target of an INSERT. */
export function parseTableName(cursor: Cursor): TableName {
  const name = parseBareTableName(cursor)
  cursor.tables.push(name)
  return name
}

/** A table's name in a FROM. Answers whether it is a table of the database or one that WITH defines. */
export function parseSourceName(cursor: Cursor): { name: TableName; isCommonTable: boolean } {
  const name = parseBareTableName(cursor)
  const meaning = name.database === undefined ? cursor.commonTables.meaningOf(name.table.name) : 'table'
  if (meaning === 'unclear')
    throw cursor.fail(
      'servers differ in whether this name means a table or one of WITH',
      undefined,
      name.start,
    )
  if (meaning === 'table') cursor.tables.push(name)
  return { name, isCommonTable: meaning === 'common table' }
}

/** `(a, b)`; empty when no list stands here. */
export function parseNameList(cursor: Cursor): readonly Identifier[] {
  if (!cursor.accept('(')) return []
  const names: Identifier[] = []
  do names.push(cursor.name())
  while (cursor.accept(','))
  cursor.expect(')')
  return names
}
