import type { TableName } from './ast.ts'
import type { Cursor } from './cursor.ts'
import { parseBareTableName, parseTableName } from './parse-name.ts'
import { skipOne, skipToEnd } from './skip.ts'
import type { StatementParts } from './statement-parts.ts'
import { tokenKind } from './tokens.ts'

type Parts = Extract<StatementParts, { kind: 'other' }>

/**
 * Statements whose rest is passed over. `tables` may be empty although a table is meant:
 * PREPARE and EXECUTE IMMEDIATE hide its name in a string, PRAGMA takes it for an argument.
 */
const verbs: ReadonlySet<string> = new Set([
  'attach',
  'binlog',
  'cache',
  'change',
  'clone',
  'deallocate',
  'detach',
  'execute',
  'flush',
  'get',
  'handler',
  'help',
  'install',
  'kill',
  'load',
  'pragma',
  'prepare',
  'purge',
  'reset',
  'restart',
  'resignal',
  'shutdown',
  'signal',
  'start',
  'stop',
  'uninstall',
  'unlock',
  'use',
  'vacuum',
])

/** Reads the statement behind EXPLAIN. */
export type ReadStatement = (cursor: Cursor) => StatementParts

/** SHOW, EXPLAIN, LOCK, CALL and all the rest, by their first word. */
export function parseOther(cursor: Cursor, readStatement: ReadStatement): Parts {
  if (cursor.kind !== tokenKind.word) throw cursor.fail('a statement is expected')
  const verb = cursor.lowerCase
  switch (verb) {
    case 'show':
      cursor.position++
      parseShow(cursor)
      return other(verb, true)
    case 'explain':
    case 'describe':
    case 'desc':
      cursor.position++
      return other(verb, parseExplain(cursor, readStatement))
    case 'analyze':
      cursor.position++
      return isTableList(cursor) ? other(verb, false) : other(verb, parseAnalyzed(cursor, readStatement))
    case 'optimize':
    case 'check':
    case 'checksum':
    case 'repair':
      cursor.position++
      if (!isTableList(cursor)) throw cursor.fail('TABLE is expected')
      return other(verb, false)
    case 'lock':
      cursor.position++
      parseLock(cursor)
      return other(verb, false)
    case 'call':
    case 'do':
      cursor.position++
      do cursor.expression()
      while (cursor.accept(','))
      return other(verb, false)
    case 'grant':
    case 'revoke':
      parseGrant(cursor)
      return other(verb, false)
  }
  if (!verbs.has(verb)) throw cursor.fail('a statement that sherd can read is expected')
  cursor.position++
  skipRest(cursor, verb)
  return other(verb, false)
}

function other(verb: string, isRead: boolean): Parts {
  return { kind: 'other', verb, isRead }
}

/** HANDLER, LOAD DATA and FLUSH TABLES name tables; the other statements name none, or hide them in strings. */
function skipRest(cursor: Cursor, verb: string): void {
  if (verb === 'handler') parseTableName(cursor)
  while (!cursor.isAtEnd && cursor.text !== ';') {
    const isTable =
      (verb === 'load' && cursor.acceptAll('into', 'table')) ||
      (verb === 'flush' && cursor.acceptOne('table', 'tables') !== undefined)
    if (isTable && cursor.isName)
      do parseTableName(cursor)
      while (cursor.accept(','))
    else if (!isTable) skipOne(cursor)
  }
}

function isTableList(cursor: Cursor): boolean {
  cursor.acceptOne('local', 'no_write_to_binlog')
  if (cursor.acceptOne('table', 'tables') === undefined) return false
  do parseTableName(cursor)
  while (cursor.accept(','))
  skipToEnd(cursor)
  return true
}

/** `LOCK TABLES a AS b READ LOCAL, c WRITE`. */
function parseLock(cursor: Cursor): void {
  if (cursor.acceptOne('table', 'tables') === undefined) return skipToEnd(cursor)
  do {
    parseTableName(cursor)
    if (cursor.accept('as') || cursor.isName) cursor.name()
    cursor.accept('low_priority')
    if (cursor.acceptOne('read', 'write') === undefined) throw cursor.fail('READ or WRITE is expected')
    cursor.accept('local')
  } while (cursor.accept(','))
  skipToEnd(cursor)
}

/** `GRANT SELECT ON TABLE t TO u`; `*` and `db.*` name no table. */
function parseGrant(cursor: Cursor): void {
  while (!cursor.isAtEnd && cursor.text !== ';') {
    if (!cursor.accept('on')) {
      skipOne(cursor)
      continue
    }
    cursor.accept('table')
    if (cursor.isName && cursor.textAt(2) !== '*') parseTableName(cursor)
    return skipToEnd(cursor)
  }
}

function parseShow(cursor: Cursor): void {
  cursor.accept('extended')
  cursor.accept('full')
  if (cursor.accept('create')) {
    if (cursor.acceptOne('table', 'view') !== undefined) parseTableName(cursor)
    return skipToEnd(cursor)
  }
  const hasTable = cursor.acceptOne('columns', 'fields', 'index', 'indexes', 'keys') !== undefined
  while (!cursor.isAtEnd && cursor.text !== ';') {
    if (cursor.accept('where')) cursor.expression()
    else if (hasTable && cursor.acceptOne('from', 'in') !== undefined) parseShownTable(cursor)
    else skipOne(cursor)
  }
}

/** `FROM t FROM db` is `FROM db.t`. */
function parseShownTable(cursor: Cursor): void {
  const name = parseBareTableName(cursor)
  const hasDatabase = name.database === undefined && cursor.acceptOne('from', 'in') !== undefined
  const full: TableName = hasDatabase ? { ...name, database: cursor.name(), end: cursor.lastEnd } : name
  cursor.tables.push(full)
}

/** EXPLAIN of a statement or of a table. With ANALYZE the statement is run. */
function parseExplain(cursor: Cursor, readStatement: ReadStatement): boolean {
  const isRun = cursor.accept('analyze')
  skipFormat(cursor)
  if (cursor.acceptAll('for', 'connection')) {
    skipToEnd(cursor)
    return true
  }
  if (cursor.isName) {
    parseTableName(cursor)
    skipToEnd(cursor)
    return true
  }
  return readInner(cursor, readStatement) || !isRun
}

function parseAnalyzed(cursor: Cursor, readStatement: ReadStatement): boolean {
  skipFormat(cursor)
  return readInner(cursor, readStatement)
}

/** Reads the statement to be explained and answers whether it is a query. */
function readInner(cursor: Cursor, readStatement: ReadStatement): boolean {
  const isExplain = cursor.acceptOne('explain', 'describe', 'desc', 'analyze') !== undefined
  const { kind } = isExplain ? other('explain', true) : readStatement(cursor)
  if (kind !== 'select' && kind !== 'insert' && kind !== 'update' && kind !== 'delete')
    throw cursor.fail('only a query or a change of rows can be explained')
  return kind === 'select'
}

function skipFormat(cursor: Cursor): void {
  if (cursor.isSqlite) {
    cursor.acceptAll('query', 'plan')
    return
  }
  cursor.acceptOne('extended', 'partitions')
  if (cursor.acceptAll('format', '=')) cursor.position++
}
