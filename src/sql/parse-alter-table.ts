import type { Cursor } from './cursor.ts'
import { noteReference } from './parse-create-table.ts'
import { parseTableName } from './parse-name.ts'
import { skipOne } from './skip.ts'

/** ALTER TABLE from its name on: notes the table, a new name, targets of REFERENCES, exchanged partitions. */
export function parseAlterTable(cursor: Cursor): void {
  parseTableName(cursor)
  if (cursor.accept('wait')) cursor.position++
  else cursor.accept('nowait')
  let isFirst = true
  while (!cursor.isAtEnd && cursor.text !== ';') {
    if (isFirst && cursor.text === 'rename') parseRename(cursor)
    else if (cursor.text === 'references' && cursor.isNameAt(1)) noteReference(cursor)
    else if (cursor.acceptAll('with', 'table')) parseTableName(cursor)
    else if (cursor.text === 'union') throw cursor.fail('UNION of tables is not supported')
    else if (cursor.text === '(') skipParentheses(cursor)
    else {
      isFirst = cursor.text === ','
      skipOne(cursor)
      continue
    }
    isFirst = false
  }
}

function skipParentheses(cursor: Cursor): void {
  const { close } = cursor
  while (cursor.position < close) {
    if (cursor.text === 'references' && cursor.isNameAt(1)) noteReference(cursor)
    else skipOne(cursor)
  }
  cursor.position++
}

/** `RENAME [TO] name`; RENAME COLUMN, INDEX and KEY, and SQLite's `RENAME a TO b`, are about columns. */
function parseRename(cursor: Cursor): void {
  cursor.position++
  const isColumn =
    cursor.text === 'column' || cursor.text === 'index' || (cursor.text === 'key' && !cursor.isSqlite)
  if (isColumn || (cursor.isSqlite && cursor.text !== 'to')) {
    cursor.position++
    return
  }
  if (!cursor.accept('to') && !cursor.accept('as')) cursor.accept('=')
  parseTableName(cursor)
}
