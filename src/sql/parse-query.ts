import type { Query, Row, SetOperation, TableQuery, ValuesQuery } from './ast.ts'
import type { Cursor } from './cursor.ts'
import type { Draft } from './draft.ts'
import { parseInto, parseLocking } from './parse-locking.ts'
import { parseLimit } from './parse-limit.ts'
import { parseOrderBy } from './parse-order.ts'
import { parseSelect } from './parse-select.ts'
import { parseTableReference } from './parse-table.ts'
import { endWith, parseWith } from './parse-with.ts'

/** A query: WITH, a SELECT or several joined by UNION and its kin, ORDER BY, LIMIT, locking. */
export function parseQuery(cursor: Cursor): Query {
  cursor.enter()
  const { start } = cursor
  const list = cursor.text === 'with' ? parseWith(cursor) : undefined
  const bodyStart = cursor.start
  const query = parseUnion(cursor)
  parseTail(cursor, query, bodyStart)
  if (list) {
    if (query.with) throw cursor.fail('WITH before a query in parentheses that has its own is not supported')
    query.with = list
    query.start = start
    endWith(cursor)
  }
  cursor.leave()
  return query
}

function parseUnion(cursor: Cursor): Draft<Query> {
  const { start } = cursor
  let left = parseIntersect(cursor)
  for (;;) {
    const operator = cursor.acceptOne('union', 'except')
    if (operator !== undefined) left = joinTerms(cursor, operator, left, start)
    else if (cursor.isSqlite && cursor.accept('intersect')) left = joinTerms(cursor, 'intersect', left, start)
    else return left
  }
}

/** INTERSECT binds tighter in the servers, and alike in SQLite, which goes from left to right. */
function parseIntersect(cursor: Cursor): Draft<Query> {
  const { start } = cursor
  let left = parseTerm(cursor)
  while (!cursor.isSqlite && cursor.accept('intersect')) left = joinTerms(cursor, 'intersect', left, start)
  return left
}

function joinTerms(
  cursor: Cursor,
  operator: SetOperation['operator'],
  left: Draft<Query>,
  start: number,
): Draft<Query> {
  cursor.linkTables()
  const isAll = cursor.accept('all')
  if (!isAll) cursor.accept('distinct')
  const right = operator === 'intersect' || cursor.isSqlite ? parseTerm(cursor) : parseIntersect(cursor)
  const query: Draft<SetOperation> = {
    kind: 'setOperation',
    operator,
    isAll,
    left,
    right,
    orderBy: [],
    start,
    end: cursor.lastEnd,
  }
  return query
}

function parseTerm(cursor: Cursor): Draft<Query> {
  switch (cursor.text) {
    case 'select':
      return parseSelect(cursor)
    case 'values':
      return parseValues(cursor)
    case 'table':
      return parseTableQuery(cursor)
    case '(':
      return parseNested(cursor)
    default:
      throw cursor.fail('a query is expected')
  }
}

function parseNested(cursor: Cursor): Draft<Query> {
  cursor.position++
  const query: Draft<Query> = parseQuery(cursor)
  cursor.expect(')')
  return query
}

function parseValues(cursor: Cursor): Draft<ValuesQuery> {
  const { start } = cursor
  cursor.position++
  const rows: Row[] = []
  do rows.push(parseRow(cursor))
  while (cursor.accept(','))
  return { kind: 'values', rows, orderBy: [], start, end: cursor.lastEnd }
}

function parseRow(cursor: Cursor): Row {
  const { start } = cursor
  cursor.accept('row')
  cursor.expect('(')
  const items = [cursor.expression()]
  while (cursor.accept(',')) items.push(cursor.expression())
  cursor.expect(')')
  return { kind: 'row', items, start, end: cursor.lastEnd }
}

function parseTableQuery(cursor: Cursor): Draft<TableQuery> {
  const { start } = cursor
  cursor.position++
  const table = parseTableReference(cursor)
  return { kind: 'tableQuery', table, orderBy: [], start, end: cursor.lastEnd }
}

/**
 * ORDER BY, LIMIT, INTO and locking of the whole query. Behind a query in parentheses they become its own,
 * and it then reaches from the parenthesis to their end.
 */
function parseTail(cursor: Cursor, query: Draft<Query>, start: number): void {
  const from = cursor.position
  if (cursor.text === 'order') {
    checkOwnTail(cursor, query)
    query.orderBy = parseOrderBy(cursor)
  }
  const limit = parseLimit(cursor)
  if (limit) {
    if (query.limit) checkOwnTail(cursor, query)
    query.limit = limit
  }
  parseEnd(cursor, query)
  if (cursor.position === from) return
  query.start = start
  query.end = cursor.lastEnd
}

/** `(select … limit 5) order by a` sorts what the inner LIMIT leaves: the tree has no place for both. */
function checkOwnTail(cursor: Cursor, query: Query): void {
  if (query.orderBy.length > 0 || query.limit)
    throw cursor.fail('ORDER BY or LIMIT inside these parentheses as well as behind them is not supported')
}

function parseEnd(cursor: Cursor, query: Draft<Query>): void {
  for (;;) {
    const { text } = cursor
    if (text !== 'for' && text !== 'lock' && text !== 'into') return
    const select = lastSelect(query)
    if (select === undefined) throw cursor.fail('only SELECT can lock rows or store them')
    if (text === 'into') {
      if (select.into) throw cursor.fail('a second INTO stands here')
      select.into = parseInto(cursor)
    } else select.locking = [...select.locking, parseLocking(cursor)]
    select.end = Math.max(select.end, cursor.lastEnd)
  }
}

/** The SELECT that a lock behind the whole query belongs to. */
function lastSelect(query: Draft<Query>): Draft<Query & { kind: 'select' }> | undefined {
  if (query.kind === 'select') return query
  return query.kind === 'setOperation' ? lastSelect(query.right) : undefined
}
