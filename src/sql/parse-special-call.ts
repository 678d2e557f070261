import type { Expression, Opaque } from './ast.ts'
import type { Cursor } from './cursor.ts'
import { takeUnit } from './parse-interval.ts'
import { type TokenText, tokenKind } from './tokens.ts'

/** Calls with words among their arguments. They become opaque nodes, which never prove a key. */
const readers: Partial<Record<TokenText, (cursor: Cursor) => Expression[]>> = {
  cast: readCast,
  convert: readConvert,
  trim: readTrim,
  substring: readSubstring,
  substr: readSubstring,
  mid: readSubstring,
  position: readPosition,
  extract: readExtract,
  char: readChar,
  weight_string: readWeightString,
  json_value: readJsonValue,
  get_format: readGetFormat,
  timestampadd: readTimestamp,
  timestampdiff: readTimestamp,
}

/** True when the word is such a function in this dialect; the cursor stands behind it. */
export function isSpecialCall(cursor: Cursor, word: TokenText): boolean {
  if (cursor.isSqlite && word !== 'cast') return false
  return readers[word] !== undefined
}

/** Reads the arguments of such a call; the cursor stands at their parenthesis. */
export function parseSpecialCall(cursor: Cursor, word: TokenText, start: number): Opaque {
  cursor.expect('(')
  const parts = readers[word]?.(cursor) ?? []
  cursor.expect(')')
  return { kind: 'opaque', name: word, parts, queries: [], start, end: cursor.lastEnd }
}

function readCast(cursor: Cursor): Expression[] {
  const value = cursor.expression()
  cursor.expect('as')
  skipType(cursor)
  return [value]
}

function readConvert(cursor: Cursor): Expression[] {
  const value = cursor.expression()
  if (cursor.accept('using')) takeWord(cursor)
  else {
    cursor.expect(',')
    skipType(cursor)
  }
  return [value]
}

/** A type such as `decimal(10, 2)` or `char character set utf8mb4`, up to the `)` around it. */
function skipType(cursor: Cursor): void {
  takeWord(cursor)
  while (cursor.kind === tokenKind.word) cursor.position++
  if (cursor.accept('(')) {
    do takeInteger(cursor)
    while (cursor.accept(','))
    cursor.expect(')')
  }
  while (cursor.kind === tokenKind.word) cursor.position++
}

function takeWord(cursor: Cursor): void {
  if (cursor.kind !== tokenKind.word && cursor.kind !== tokenKind.quotedName)
    throw cursor.fail('a word is expected')
  cursor.position++
}

function takeInteger(cursor: Cursor): void {
  if (cursor.kind !== tokenKind.integer) throw cursor.fail('a number is expected')
  cursor.position++
}

function readList(cursor: Cursor): Expression[] {
  const list = [cursor.expression()]
  while (cursor.accept(',')) list.push(cursor.expression())
  return list
}

function readTrim(cursor: Cursor): Expression[] {
  const hasSide = cursor.acceptOne('both', 'leading', 'trailing') !== undefined
  if (hasSide && cursor.accept('from')) return [cursor.expression()]
  const first = cursor.expression()
  if (cursor.accept('from')) return [first, cursor.expression()]
  if (hasSide) throw cursor.fail('FROM is expected')
  return [first]
}

function readSubstring(cursor: Cursor): Expression[] {
  const value = cursor.expression()
  if (!cursor.accept('from')) {
    cursor.expect(',')
    return [value, ...readList(cursor)]
  }
  const from = cursor.expression()
  return cursor.accept('for') ? [value, from, cursor.expression()] : [value, from]
}

function readPosition(cursor: Cursor): Expression[] {
  const part = cursor.grammar.bitExpression(cursor)
  cursor.expect('in')
  return [part, cursor.expression()]
}

function readExtract(cursor: Cursor): Expression[] {
  takeUnit(cursor)
  cursor.expect('from')
  return [cursor.expression()]
}

function readChar(cursor: Cursor): Expression[] {
  const list = readList(cursor)
  if (cursor.accept('using')) takeWord(cursor)
  return list
}

function readWeightString(cursor: Cursor): Expression[] {
  const value = cursor.expression()
  if (cursor.accept('as')) skipType(cursor)
  if (cursor.text === 'level') throw cursor.fail('LEVEL is not supported')
  return [value]
}

function readJsonValue(cursor: Cursor): Expression[] {
  const value = cursor.expression()
  cursor.expect(',')
  const parts = [value, cursor.expression()]
  if (cursor.accept('returning')) skipType(cursor)
  while (cursor.text !== ')') parts.push(...readOnClause(cursor))
  return parts
}

/** `NULL ON EMPTY`, `DEFAULT 1 ON ERROR`. */
function readOnClause(cursor: Cursor): Expression[] {
  const parts = cursor.accept('default') ? [cursor.expression()] : []
  if (parts.length === 0 && cursor.acceptOne('null', 'error') === undefined)
    throw cursor.fail('NULL is expected')
  cursor.expect('on')
  if (cursor.acceptOne('empty', 'error') === undefined) throw cursor.fail('EMPTY or ERROR is expected')
  return parts
}

function readGetFormat(cursor: Cursor): Expression[] {
  if (cursor.acceptOne('date', 'time', 'datetime', 'timestamp') === undefined)
    throw cursor.fail('DATE is expected')
  cursor.expect(',')
  return [cursor.expression()]
}

function readTimestamp(cursor: Cursor): Expression[] {
  takeUnit(cursor)
  cursor.expect(',')
  return readList(cursor)
}
