import type { Window } from './ast.ts'
import type { Cursor } from './cursor.ts'
import type { Draft } from './draft.ts'
import { parseOrderBy } from './parse-order.ts'

/** `OVER w` or `OVER (…)`; the cursor stands at OVER. */
export function parseOver(cursor: Cursor): Window {
  const { start } = cursor
  cursor.expect('over')
  if (cursor.text === '(') return parseWindow(cursor)
  return { base: cursor.name(), partitionBy: [], orderBy: [], start, end: cursor.lastEnd }
}

/** `WINDOW w AS (…), v AS (…)`; the cursor stands behind WINDOW. */
export function parseWindows(cursor: Cursor): readonly Window[] {
  const windows: Window[] = []
  do {
    cursor.name()
    cursor.expect('as')
    windows.push(parseWindow(cursor))
  } while (cursor.accept(','))
  return windows
}

function parseWindow(cursor: Cursor): Window {
  const { start } = cursor
  cursor.expect('(')
  const window: Draft<Window> = { partitionBy: [], orderBy: [], start, end: start }
  if (cursor.isName && !isFrame(cursor)) window.base = cursor.name()
  if (cursor.accept('partition')) {
    cursor.expect('by')
    const list = [cursor.expression()]
    while (cursor.accept(',')) list.push(cursor.expression())
    window.partitionBy = list
  }
  if (cursor.text === 'order') window.orderBy = parseOrderBy(cursor)
  if (isFrame(cursor)) parseFrame(cursor)
  cursor.expect(')')
  window.end = cursor.lastEnd
  return window
}

function isFrame(cursor: Cursor): boolean {
  return cursor.text === 'rows' || cursor.text === 'range' || cursor.text === 'groups'
}

function parseFrame(cursor: Cursor): void {
  cursor.position++
  if (cursor.accept('between')) {
    parseBound(cursor)
    cursor.expect('and')
  }
  parseBound(cursor)
  if (!cursor.accept('exclude')) return
  if (
    !cursor.acceptAll('current', 'row') &&
    !cursor.acceptAll('no', 'others') &&
    cursor.acceptOne('group', 'ties') === undefined
  )
    throw cursor.fail('CURRENT ROW, NO OTHERS, GROUP or TIES is expected')
}

function parseBound(cursor: Cursor): void {
  if (cursor.acceptAll('current', 'row')) return
  if (!cursor.accept('unbounded')) cursor.grammar.bitExpression(cursor)
  if (cursor.acceptOne('preceding', 'following') === undefined)
    throw cursor.fail('PRECEDING or FOLLOWING is expected')
}
