import { SherdError } from '../errors/sherd-error.ts'
import type { Cursor } from './cursor.ts'
import { parseAlterTable } from './parse-alter-table.ts'
import { parseCreateTable } from './parse-create-table.ts'
import { parseNameList, parseTableName } from './parse-name.ts'
import { skipOne, skipToEnd } from './skip.ts'
import type { StatementParts } from './statement-parts.ts'
import type { TokenText } from './tokens.ts'

type Parts = Extract<StatementParts, { kind: 'ddl' }>

/** CREATE, ALTER, DROP, TRUNCATE and RENAME; the cursor stands at the verb. */
export function parseDdl(cursor: Cursor): Parts {
  const verb = cursor.acceptOne('create', 'alter', 'drop', 'truncate', 'rename')
  switch (verb) {
    case 'create':
      return parseCreate(cursor)
    case 'alter':
      return ddl(parseAlter(cursor))
    case 'drop':
      return ddl(parseDrop(cursor))
    case 'rename':
      return ddl(parseRename(cursor))
    case 'truncate':
      cursor.accept('table')
      parseTableName(cursor)
      cursor.acceptOne('wait', 'nowait')
      return ddl('truncate')
    case undefined:
      throw cursor.fail('a statement is expected')
  }
}

function ddl(action: string): Parts {
  return { kind: 'ddl', action }
}

/** `IF EXISTS` and `IF NOT EXISTS`. */
function acceptIf(cursor: Cursor): void {
  if (!cursor.acceptAll('if', 'not', 'exists')) cursor.acceptAll('if', 'exists')
}

/** What stands before the kind of a thing to be created: it changes nothing about its tables. */
const adjectives: ReadonlySet<TokenText> = new Set<TokenText>([
  'unique',
  'fulltext',
  'spatial',
  'online',
  'ignore',
  'algorithm',
  'definer',
  'sql',
  'security',
])

function skipAdjectives(cursor: Cursor): void {
  for (;;) {
    if (cursor.acceptAll('or', 'replace')) continue
    if (!adjectives.has(cursor.text)) return
    cursor.position++
    if (!cursor.accept('=')) {
      if (cursor.tokens.texts[cursor.position - 1] === 'security') cursor.position++
      continue
    }
    cursor.position++
    if (cursor.accept('@')) cursor.position++
  }
}

function parseCreate(cursor: Cursor): Parts {
  skipAdjectives(cursor)
  const isTemporary = cursor.acceptOne('temporary', 'temp') !== undefined
  const kind = cursor.lowerCase
  cursor.position++
  acceptIf(cursor)
  switch (kind) {
    case 'table':
      return parseCreated(cursor, isTemporary)
    case 'index':
      parseIndex(cursor)
      return ddl('create index')
    case 'view':
      parseView(cursor)
      return ddl(isTemporary ? 'create temporary view' : 'create view')
    case 'trigger':
      parseTrigger(cursor)
      return ddl('create trigger')
    case 'procedure':
    case 'function':
    case 'event':
    case 'package':
      throw refuseProgram(cursor)
    case 'virtual':
      throw cursor.fail('the tables inside virtual tables cannot be known')
  }
  skipToEnd(cursor)
  return ddl(`create ${kind === 'schema' ? 'database' : kind}`)
}

function parseCreated(cursor: Cursor, isTemporary: boolean): Parts {
  const hasQuery = parseCreateTable(cursor)
  const parts = ddl(isTemporary ? 'create temporary table' : 'create table')
  return hasQuery ? { ...parts, hasQuery } : parts
}

/** `name [USING BTREE] ON table (…)`; also of DROP INDEX. */
function parseIndex(cursor: Cursor): void {
  while (cursor.text !== 'on') {
    if (cursor.isAtEnd) throw cursor.fail('ON is expected')
    skipOne(cursor)
  }
  cursor.position++
  parseTableName(cursor)
  skipToEnd(cursor)
}

function parseView(cursor: Cursor): void {
  parseTableName(cursor)
  parseNameList(cursor)
  cursor.expect('as')
  cursor.grammar.query(cursor)
  if (!cursor.accept('with')) return
  cursor.acceptOne('cascaded', 'local')
  cursor.expect('check')
  cursor.expect('option')
}

/** Tables inside the body are those of the trigger's own database unless they are qualified. */
function parseTrigger(cursor: Cursor): void {
  const start = cursor.position
  parseIndex(cursor)
  // Its first `;` does not end it.
  if (cursor.tokens.texts.slice(start, cursor.position).includes('begin')) throw refuseProgram(cursor)
}

function refuseProgram(cursor: Cursor): SherdError {
  return new SherdError('SHERD_UNSUPPORTED_STATEMENT', {
    message: 'Which tables a stored program reads and writes cannot be known.',
    remedy: 'Send it to every logical shard as it stands, by `sherd migrate` or `sherd exec`.',
    details: { offset: cursor.start },
  })
}

function parseAlter(cursor: Cursor): string {
  skipAdjectives(cursor)
  const kind = cursor.lowerCase
  cursor.position++
  acceptIf(cursor)
  switch (kind) {
    case 'table':
      parseAlterTable(cursor)
      return 'alter table'
    case 'view':
      parseView(cursor)
      return 'alter view'
    case 'procedure':
    case 'function':
    case 'event':
      throw refuseProgram(cursor)
  }
  skipToEnd(cursor)
  return `alter ${kind === 'schema' ? 'database' : kind}`
}

function parseDrop(cursor: Cursor): string {
  const isTemporary = cursor.accept('temporary')
  const kind = cursor.lowerCase
  cursor.position++
  acceptIf(cursor)
  switch (kind) {
    case 'table':
    case 'tables':
    case 'view':
      do parseTableName(cursor)
      while (cursor.accept(','))
      cursor.acceptOne('restrict', 'cascade')
      return `drop ${isTemporary ? 'temporary ' : ''}${kind === 'view' ? 'view' : 'table'}`
    case 'index':
      if (cursor.isSqlite) break
      parseIndex(cursor)
      return 'drop index'
  }
  skipToEnd(cursor)
  return `drop ${kind === 'schema' ? 'database' : kind}`
}

function parseRename(cursor: Cursor): string {
  if (cursor.acceptOne('table', 'tables') === undefined) {
    const kind = cursor.lowerCase
    skipToEnd(cursor)
    return `rename ${kind}`
  }
  acceptIf(cursor)
  do {
    parseTableName(cursor)
    cursor.expect('to')
    parseTableName(cursor)
  } while (cursor.accept(','))
  return 'rename table'
}
