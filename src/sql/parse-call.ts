import type { Call, Expression, OrderItem, Star } from './ast.ts'
import type { Cursor } from './cursor.ts'
import type { Draft } from './draft.ts'
import { isSpecialCall, parseSpecialCall } from './parse-special-call.ts'
import { parseOrderBy } from './parse-order.ts'
import { parseOver } from './parse-window.ts'
import { tokenKind } from './tokens.ts'

/** A function call; the cursor stands at its name, which may be qualified. */
export function parseCall(cursor: Cursor): Expression {
  const { start } = cursor
  const database = cursor.textAt(1) === '.' ? cursor.anyName() : undefined
  if (database) cursor.expect('.')
  const isPlain = database === undefined && cursor.kind === tokenKind.word
  const word = isPlain ? cursor.text : ''
  const name = cursor.anyName().name.toLowerCase()
  cursor.calls.add(name)
  if (word !== '' && isSpecialCall(cursor, word)) return parseSpecialCall(cursor, word, start)
  const call = parseArguments(cursor, name, start)
  if (database) call.database = database
  if (word === 'values') checkValues(cursor, call)
  parseBehind(cursor, call)
  call.end = cursor.lastEnd
  return call
}

/** The function names a column; anything else is MariaDB's VALUES query, which stands only where queries do. */
function checkValues(cursor: Cursor, call: Draft<Call>): void {
  if (cursor.isSqlite || call.arguments.length !== 1 || call.arguments[0]?.kind !== 'column')
    throw cursor.fail('VALUES takes the name of a column here', undefined, call.start)
}

function parseArguments(cursor: Cursor, name: string, start: number): Draft<Call> {
  cursor.expect('(')
  const isDistinct = cursor.accept('distinct') || cursor.accept('distinctrow')
  if (!isDistinct && cursor.text === 'all') cursor.position++
  const list: Expression[] = []
  let orderBy: readonly OrderItem[] = []
  if (cursor.text !== ')') {
    do list.push(parseArgument(cursor))
    while (cursor.accept(','))
    if (cursor.text === 'order') orderBy = parseOrderBy(cursor)
    if (name === 'group_concat' || name.startsWith('json_')) parseAggregateTail(cursor)
  }
  cursor.expect(')')
  return { kind: 'call', name, isDistinct, arguments: list, orderBy, start, end: cursor.lastEnd }
}

/** `SEPARATOR ';'` and MariaDB's LIMIT. */
function parseAggregateTail(cursor: Cursor): void {
  if (cursor.accept('separator')) {
    if (cursor.kind !== tokenKind.string && cursor.kind !== tokenKind.hex)
      throw cursor.fail('a string is expected')
    cursor.position++
  }
  if (cursor.accept('limit'))
    do cursor.expression()
    while (cursor.accept(',') || cursor.accept('offset'))
}

function parseArgument(cursor: Cursor): Expression {
  if (cursor.text !== '*') return cursor.expression()
  const { start, end } = cursor
  cursor.position++
  const star: Star = { kind: 'star', start, end }
  return star
}

/** What may follow the arguments: FILTER, WITHIN GROUP, RESPECT NULLS, OVER. */
function parseBehind(cursor: Cursor, call: Draft<Call>): void {
  if (cursor.text === '') return
  if (cursor.acceptAll('within', 'group', '(')) {
    call.orderBy = parseOrderBy(cursor)
    cursor.expect(')')
  }
  if (cursor.text === 'filter' && cursor.textAt(1) === '(') {
    cursor.position += 2
    cursor.expect('where')
    call.filter = cursor.expression()
    cursor.expect(')')
  }
  if (cursor.text === 'from' && cursor.textAt(2) !== '' && isNthFrom(cursor)) cursor.position += 2
  if ((cursor.text === 'respect' || cursor.text === 'ignore') && cursor.textAt(1) === 'nulls')
    cursor.position += 2
  if (cursor.text === 'over') call.over = parseOver(cursor)
}

/** `NTH_VALUE(a, 2) FROM FIRST OVER …`; without the OVER it is the FROM of the query. */
function isNthFrom(cursor: Cursor): boolean {
  const isEnd = cursor.textAt(1) === 'first' || cursor.textAt(1) === 'last'
  const behind = cursor.textAt(2)
  return isEnd && (behind === 'over' || behind === 'respect' || behind === 'ignore')
}
