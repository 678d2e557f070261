import type { Identifier, TransactionStatement } from './ast.ts'
import type { Cursor } from './cursor.ts'
import type { Draft } from './draft.ts'
import type { StatementParts } from './statement-parts.ts'
import { skipToEnd } from './skip.ts'
import { tokenKind } from './tokens.ts'

type Parts = Draft<Extract<StatementParts, { kind: 'transaction' }>>

function transaction(action: TransactionStatement['action']): Parts {
  return { kind: 'transaction', action, isReadOnly: false, isChained: false, isReleased: false }
}

/** BEGIN, START TRANSACTION, COMMIT, END, ROLLBACK, SAVEPOINT, RELEASE, XA; nothing for other words. */
export function parseTransaction(cursor: Cursor): Parts | undefined {
  switch (cursor.text) {
    case 'begin':
      return parseBegin(cursor)
    case 'start':
      return cursor.textAt(1) === 'transaction' ? parseStart(cursor) : undefined
    case 'commit':
      return parseCompletion(cursor, 'commit')
    case 'end':
      return cursor.isSqlite ? parseCompletion(cursor, 'commit') : undefined
    case 'rollback':
      return parseRollback(cursor)
    case 'savepoint':
      return parseSavepoint(cursor, 'savepoint')
    case 'release':
      return parseRelease(cursor)
    case 'xa':
      skipToEnd(cursor)
      return transaction('xa')
    default:
      return undefined
  }
}

function parseBegin(cursor: Cursor): Parts {
  cursor.position++
  if (cursor.isSqlite) {
    cursor.acceptOne('deferred', 'immediate', 'exclusive')
    cursor.accept('transaction')
  } else cursor.accept('work')
  return transaction('begin')
}

function parseStart(cursor: Cursor): Parts {
  cursor.position += 2
  const begin = transaction('begin')
  if (cursor.isAtEnd || cursor.text === ';') return begin
  do
    if (cursor.acceptAll('read', 'only')) begin.isReadOnly = true
    else if (!cursor.acceptAll('read', 'write') && !cursor.acceptAll('with', 'consistent', 'snapshot'))
      throw cursor.fail('READ ONLY, READ WRITE or WITH CONSISTENT SNAPSHOT is expected')
  while (cursor.accept(','))
  return begin
}

function parseCompletion(cursor: Cursor, action: 'commit' | 'rollback'): Parts {
  cursor.position++
  const end = transaction(action)
  if (cursor.isSqlite) {
    cursor.accept('transaction')
    return end
  }
  cursor.accept('work')
  if (!cursor.acceptAll('and', 'no', 'chain')) end.isChained = cursor.acceptAll('and', 'chain')
  if (!cursor.acceptAll('no', 'release')) end.isReleased = cursor.accept('release')
  return end
}

function parseRollback(cursor: Cursor): Parts {
  const end = parseCompletion(cursor, 'rollback')
  if (end.isChained || end.isReleased || !cursor.accept('to')) return end
  cursor.accept('savepoint')
  return { ...end, action: 'rollbackTo', name: savepointName(cursor) }
}

function parseSavepoint(cursor: Cursor, action: 'savepoint' | 'release'): Parts {
  cursor.position++
  return { ...transaction(action), name: savepointName(cursor) }
}

function parseRelease(cursor: Cursor): Parts {
  if (cursor.textAt(1) === 'savepoint') cursor.position++
  return parseSavepoint(cursor, 'release')
}

/** SQLite also takes a string. */
function savepointName(cursor: Cursor): Identifier {
  if (!cursor.isSqlite || cursor.kind !== tokenKind.string) return cursor.name()
  const { start, end, sql } = cursor
  cursor.position++
  return { name: sql.slice(start + 1, end - 1), isQuoted: true, start, end }
}

/** `SET [SESSION | GLOBAL] TRANSACTION …`; the cursor stands at TRANSACTION. */
export function parseSetTransaction(cursor: Cursor, scope: 'next' | 'session' | 'global'): Parts {
  cursor.expect('transaction')
  const set: Parts = { ...transaction('setTransaction'), scope }
  do
    if (cursor.acceptAll('read', 'only')) set.isReadOnly = true
    else if (!cursor.acceptAll('read', 'write')) parseIsolation(cursor)
  while (cursor.accept(','))
  return set
}

function parseIsolation(cursor: Cursor): void {
  cursor.expect('isolation')
  cursor.expect('level')
  const isKnown =
    cursor.acceptAll('repeatable', 'read') ||
    cursor.acceptAll('read', 'committed') ||
    cursor.acceptAll('read', 'uncommitted') ||
    cursor.accept('serializable')
  if (!isKnown) throw cursor.fail('an isolation level is expected')
}
