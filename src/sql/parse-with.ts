import type { CommonTable, Query, With } from './ast.ts'
import type { Cursor } from './cursor.ts'
import { decodeName } from './literal.ts'
import { parseNameList } from './parse-name.ts'
import { tokenKind } from './tokens.ts'

/**
 * `WITH a AS (…), b AS (…)`; the cursor stands at WITH. Its names stay in scope until `endWith`.
 * In SQLite every WITH is recursive, whether it says so or not.
 */
export function parseWith(cursor: Cursor): With {
  const { start } = cursor
  cursor.expect('with')
  const isRecursive = cursor.accept('recursive') || cursor.isSqlite
  cursor.commonTables.push(namesAhead(cursor))
  const tables: CommonTable[] = []
  do {
    cursor.linkTables()
    tables.push(parseCommonTable(cursor, isRecursive))
  } while (cursor.accept(','))
  return { isRecursive, tables, start, end: cursor.lastEnd }
}

/** The names of the innermost WITH mean nothing any more. */
export function endWith(cursor: Cursor): void {
  cursor.commonTables.pop()
}

function parseCommonTable(cursor: Cursor, isRecursive: boolean): CommonTable {
  const name = cursor.name()
  const columns = parseNameList(cursor)
  cursor.expect('as')
  if (cursor.isSqlite && !cursor.acceptAll('not', 'materialized')) cursor.accept('materialized')
  cursor.commonTables.set(name.name, isRecursive ? 'visible' : 'own')
  const query: Query = cursor.queryInParentheses()
  cursor.commonTables.set(name.name, 'visible')
  if (!cursor.isSqlite && cursor.accept('cycle')) skipCycle(cursor)
  return { name, columns, query, start: name.start, end: cursor.lastEnd }
}

/** MariaDB: `CYCLE a, b RESTRICT` ends a recursion that comes back to a row. */
function skipCycle(cursor: Cursor): void {
  do cursor.name()
  while (cursor.accept(','))
  cursor.expect('restrict')
}

/** The names of the list from here on, found by jumping over what stands in parentheses. */
function namesAhead(cursor: Cursor): readonly string[] {
  const { texts, links, starts, ends, kinds } = cursor.tokens
  const names: string[] = []
  let at = cursor.position
  for (;;) {
    if (kinds[at] !== tokenKind.word && kinds[at] !== tokenKind.quotedName) return names
    names.push(decodeName(cursor.sql, starts[at] ?? 0, ends[at] ?? 0))
    at++
    if (texts[at] === '(') at = (links[at] ?? 0) + 1
    while (texts[at] === 'as' || texts[at] === 'not' || texts[at] === 'materialized') at++
    if (texts[at] !== '(') return names
    at = (links[at] ?? 0) + 1
    if (texts[at] === 'cycle') while (kinds[at] !== tokenKind.end && texts[at++] !== 'restrict');
    if (texts[at] !== ',') return names
    at++
  }
}
