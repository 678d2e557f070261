import type { Expression, SetItem, Variable } from './ast.ts'
import type { Cursor } from './cursor.ts'
import { parseSetTransaction } from './parse-transaction.ts'
import { skipToEnd } from './skip.ts'
import type { StatementParts } from './statement-parts.ts'
import { type TokenText, tokenKind } from './tokens.ts'

/** SET of variables, NAMES, CHARACTER SET and TRANSACTION; SET PASSWORD, ROLE and the like are `other`. */
export function parseSet(cursor: Cursor): StatementParts {
  cursor.expect('set')
  if (cursor.text === 'statement' && cursor.textAt(1) !== '=')
    throw cursor.fail('SET STATEMENT … FOR is not supported', undefined, cursor.start)
  if (isOther(cursor)) {
    skipToEnd(cursor)
    return { kind: 'other', verb: 'set', isRead: false }
  }
  const scope = transactionScope(cursor)
  if (scope !== undefined) return parseSetTransaction(cursor, scope)
  return { kind: 'set', items: parseItems(cursor) }
}

const others: ReadonlySet<TokenText> = new Set<TokenText>(['password', 'role', 'resource', 'default'])

function isOther(cursor: Cursor): boolean {
  const next = cursor.textAt(1)
  return others.has(cursor.text) && (cursor.text === 'password' || (next !== '=' && next !== ':='))
}

function transactionScope(cursor: Cursor): 'next' | 'session' | 'global' | undefined {
  const next = cursor.textAt(1)
  if (cursor.text === 'transaction' && next !== '=' && next !== ':=') return 'next'
  if (next !== 'transaction') return undefined
  const scope = cursor.acceptOne('session', 'local', 'global')
  if (scope === undefined) return undefined
  return scope === 'global' ? 'global' : 'session'
}

function parseItems(cursor: Cursor): readonly SetItem[] {
  const items: SetItem[] = []
  let sticky: 'session' | 'global' = 'session'
  do {
    const item = parseItem(cursor, sticky)
    items.push(item.item)
    sticky = item.sticky
  } while (cursor.accept(','))
  return items
}

/** A GLOBAL or SESSION also holds for the variables behind it that have none: MySQL's manual, "SET Syntax". */
function parseItem(
  cursor: Cursor,
  before: 'session' | 'global',
): { readonly item: SetItem; readonly sticky: 'session' | 'global' } {
  const { start } = cursor
  if (cursor.kind === tokenKind.variable) return { item: parseVariable(cursor), sticky: before }
  const names = parseNames(cursor)
  if (names) return { item: names, sticky: before }
  const isPlain = cursor.textAt(1) === '=' || cursor.textAt(1) === ':='
  const word = isPlain ? undefined : cursor.acceptOne('session', 'local', 'global', 'persist', 'persist_only')
  const written = word === 'session' || word === 'local' ? 'session' : 'global'
  const sticky = word === undefined ? before : written
  let name = cursor.name().name.toLowerCase()
  while (cursor.accept('.')) name += `.${cursor.nameBehindDot().name.toLowerCase()}`
  expectAssignment(cursor)
  const value = parseValue(cursor)
  return { item: { scope: sticky, name, value, start, end: cursor.lastEnd }, sticky }
}

function expectAssignment(cursor: Cursor): void {
  if (!cursor.accept('=') && !cursor.accept(':=')) throw cursor.fail('= is expected')
}

function parseVariable(cursor: Cursor): SetItem {
  const { start } = cursor
  const variable: Variable | undefined = cursor.tokens.variables[cursor.tokens.links[cursor.position] ?? 0]
  if (variable === undefined) throw cursor.fail('a variable is expected')
  cursor.position++
  expectAssignment(cursor)
  const value = variable.isSystem ? parseValue(cursor) : cursor.expression()
  const scope = variable.isSystem ? (variable.scope ?? 'session') : 'user'
  return { scope, name: variable.name, value, start, end: cursor.lastEnd }
}

/** `NAMES utf8mb4 COLLATE x`, `CHARACTER SET x`, `CHARSET x`. */
function parseNames(cursor: Cursor): SetItem | undefined {
  const { start } = cursor
  const isAssigned = cursor.textAt(1) === '=' || cursor.textAt(1) === ':='
  if (isAssigned) return undefined
  const isNames = cursor.accept('names')
  if (!isNames && !cursor.acceptAll('character', 'set') && !cursor.accept('charset')) return undefined
  const value = withCollation(cursor, parseWordOrString(cursor))
  return { scope: 'names', name: isNames ? 'names' : 'character set', value, start, end: cursor.lastEnd }
}

function withCollation(cursor: Cursor, operand: Expression): Expression {
  if (!cursor.accept('collate')) return operand
  const isWord = cursor.kind === tokenKind.word || cursor.kind === tokenKind.string
  if (!isWord) throw cursor.fail('a collation is expected')
  return { kind: 'collate', operand, collation: cursor.anyName(), start: operand.start, end: cursor.lastEnd }
}

function parseWordOrString(cursor: Cursor): Expression {
  const { start, end, kind, text } = cursor
  if (text === 'default') {
    cursor.position++
    return { kind: 'default', start, end }
  }
  if (kind === tokenKind.string || kind === tokenKind.marker) return cursor.expression()
  if (kind !== tokenKind.word && kind !== tokenKind.quotedName) throw cursor.fail('a name is expected')
  return { kind: 'column', column: cursor.anyName(), start, end }
}

const bareValues: ReadonlySet<TokenText> = new Set<TokenText>([
  'on',
  'all',
  'binary',
  'default',
  'row',
  'system',
])

/** An expression, or a bare word such as ON that is none. */
function parseValue(cursor: Cursor): Expression {
  const next = cursor.kindAt(1)
  const isAlone = next === tokenKind.end || cursor.textAt(1) === ',' || cursor.textAt(1) === ';'
  return isAlone && bareValues.has(cursor.text) ? parseWordOrString(cursor) : cursor.expression()
}
