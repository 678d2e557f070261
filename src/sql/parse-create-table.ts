import type { Cursor } from './cursor.ts'
import { parseTableName } from './parse-name.ts'
import { skipOne } from './skip.ts'

/** CREATE TABLE from its name on: notes the table, the source of LIKE, targets of REFERENCES, a query. Answers whether there is one. */
export function parseCreateTable(cursor: Cursor): boolean {
  parseTableName(cursor)
  if (cursor.accept('like')) {
    parseTableName(cursor)
    return false
  }
  if (cursor.acceptAll('(', 'like')) {
    parseTableName(cursor)
    cursor.expect(')')
    return false
  }
  if (cursor.text === '(' && !cursor.opensQuery) skipDefinitions(cursor)
  while (!cursor.isAtEnd && cursor.text !== ';') {
    if (startsQuery(cursor)) {
      cursor.grammar.query(cursor)
      return true
    }
    if (cursor.text === 'union') throw cursor.fail('UNION of tables is not supported')
    skipOne(cursor)
  }
  return false
}

function startsQuery(cursor: Cursor): boolean {
  const { text } = cursor
  if (text === 'select' || text === 'values' || cursor.opensQuery)
    return text !== 'values' || isBehindAs(cursor)
  return text === 'with' && isBehindAs(cursor)
}

/** `PARTITION … VALUES LESS THAN` and `WITH SYSTEM VERSIONING` are no queries. */
function isBehindAs(cursor: Cursor): boolean {
  return cursor.textAt(-1) === 'as'
}

/** Columns, keys and constraints in parentheses; notes the tables that foreign keys lead to. */
function skipDefinitions(cursor: Cursor): void {
  const { close } = cursor
  cursor.position++
  while (cursor.position < close)
    if (cursor.text === 'references' && cursor.isNameAt(1)) noteReference(cursor)
    else skipOne(cursor)
  cursor.position++
}

/** The table behind REFERENCES; the cursor stands at that word. */
export function noteReference(cursor: Cursor): void {
  cursor.expect('references')
  parseTableName(cursor)
}
