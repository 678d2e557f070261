import type { Expression, Limit } from './ast.ts'
import type { Cursor } from './cursor.ts'
import type { Draft } from './draft.ts'
import { tokenKind } from './tokens.ts'

/** LIMIT in its three forms, or OFFSET and FETCH; nothing when none stands here. */
export function parseLimit(cursor: Cursor): Limit | undefined {
  if (cursor.text === 'limit') return parseLimitClause(cursor)
  if (cursor.text === 'offset' || cursor.text === 'fetch') return parseFetch(cursor)
  return undefined
}

function parseLimitClause(cursor: Cursor): Limit {
  const { start } = cursor
  cursor.position++
  const first = parseNumber(cursor)
  const limit: Draft<Limit> = { count: first, start, end: start }
  if (cursor.accept(',')) {
    limit.offset = first
    limit.count = parseNumber(cursor)
  } else if (cursor.accept('offset')) limit.offset = parseNumber(cursor)
  limit.end = cursor.lastEnd
  return limit
}

/** MariaDB: `OFFSET 5 ROWS FETCH NEXT 10 ROWS ONLY`. */
function parseFetch(cursor: Cursor): Limit {
  const { start } = cursor
  const limit: Draft<Limit> = { start, end: start }
  if (cursor.accept('offset')) {
    limit.offset = parseNumber(cursor)
    cursor.acceptOne('row', 'rows')
  }
  if (cursor.accept('fetch')) {
    if (cursor.acceptOne('first', 'next') === undefined) throw cursor.fail('FIRST or NEXT is expected')
    limit.count = parseNumber(cursor)
    if (cursor.acceptOne('row', 'rows') === undefined) throw cursor.fail('ROWS is expected')
    cursor.expect('only')
  }
  limit.end = cursor.lastEnd
  return limit
}

function parseNumber(cursor: Cursor): Expression {
  const isNumber = cursor.kind === tokenKind.integer || cursor.kind === tokenKind.marker
  if (!isNumber && !cursor.isSqlite) throw cursor.fail('a number or a marker is expected')
  return cursor.expression()
}
