import type { Hint, Marker, Variable } from './ast.ts'
import { characterClass, classOf, isDigit, isNamePart } from './characters.ts'
import { contextWords } from './keywords.ts'
import { reservedWords } from './reserved-words.ts'
import { skipBlockComment, skipLineComment, startsLineComment } from './comments.ts'
import { findOpenQuery } from './find-open-query.ts'
import { endOfNumber } from './numbers.ts'
import type { SqlModes } from './modes.ts'
import { endOfBracketName, endOfQuotedName, endOfString } from './quotes.ts'
import { readSign } from './signs.ts'
import { createSyntaxError } from './syntax-error.ts'
import { type TokenArrays, takeArrays } from './token-arrays.ts'
import { type TokenText, type Tokens, type Word, tokenKind } from './tokens.ts'
import { readVariable } from './variables.ts'

const maxDepth = 200

/** Both spellings people use, so that most words need no lower-casing. */
const words = new Map<string, Word>()
for (const word of [...reservedWords, ...contextWords]) words.set(word, word).set(word.toUpperCase(), word)
const maxWordLength = Math.max(...[...words.keys()].map((word) => word.length))

/** The cursor looks ahead by fewer tokens than stand behind the last one. */
const sentinels = 8

/** The token lists while they are being filled. */
interface TokenDraft extends TokenArrays {
  readonly sql: string
  readonly modes: SqlModes
  readonly isSqlite: boolean
  count: number
  readonly queries: Set<number>
  readonly markers: Marker[]
  readonly variables: Variable[]
  readonly hints: Hint[]
  /** Indexes of the parentheses still open. */
  readonly open: number[]
}

/**
 * Cuts a text into tokens, in one pass and linear time. Refuses what the servers may read otherwise than we do:
 * executable comments, lone surrogates, NUL, names that begin with digits, numbered and named markers.
 */
export function tokenize(sql: string, modes: SqlModes): Tokens {
  const draft = startDraft(sql, modes)
  const nul = sql.indexOf('\0')
  if (nul !== -1) throw createSyntaxError(sql, nul, 'there is a NUL character')
  let at = 0
  while (at < sql.length) at = readToken(draft, at, sql.charCodeAt(at))
  const unclosed = draft.open.at(-1)
  if (unclosed !== undefined)
    throw createSyntaxError(sql, draft.starts[unclosed] ?? 0, 'this parenthesis is never closed')
  for (let more = 0; more < sentinels; more++) push(draft, tokenKind.end, sql.length, sql.length, '')
  draft.count -= sentinels - 1
  return draft
}

function startDraft(sql: string, modes: SqlModes): TokenDraft {
  const { kinds, starts, ends, links, texts } = takeArrays(sql.length + sentinels)
  return {
    sql,
    modes,
    isSqlite: modes.dialect === 'sqlite',
    count: 0,
    kinds,
    starts,
    ends,
    links,
    texts,
    queries: new Set(),
    markers: [],
    variables: [],
    hints: [],
    open: [],
  }
}

function push(
  draft: TokenDraft,
  kind: number,
  start: number,
  end: number,
  text: TokenText,
  link = 0,
): number {
  const index = draft.count++
  draft.kinds[index] = kind
  draft.starts[index] = start
  draft.ends[index] = end
  draft.texts[index] = text
  draft.links[index] = link
  return end
}

/** Reads what begins at `at` and answers where it ends. */
function readToken(draft: TokenDraft, at: number, code: number): number {
  switch (classOf(code)) {
    case characterClass.blank:
      if (code === 11 && draft.isSqlite) break
      return at + 1
    case characterClass.letter:
      return readWord(draft, at)
    case characterClass.digit:
      return readNumber(draft, at)
    case characterClass.quote:
      return readQuoted(draft, at, code)
    case characterClass.sign:
      return readPunctuation(draft, at, code)
  }
  throw createSyntaxError(draft.sql, at, 'this character has no meaning here')
}

function readWord(draft: TokenDraft, start: number): number {
  const { sql } = draft
  let hasLower = false
  let hasUpper = false
  let end = start
  for (; end < sql.length; end++) {
    const code = sql.charCodeAt(end)
    if (code > 96 && code < 123) hasLower = true
    else if (code > 64 && code < 91) hasUpper = true
    else if (!isNamePart(code)) break
    else if (code > 127) checkNameCharacter(sql, end, code)
  }
  if (end === start + 1 && sql.charCodeAt(end) === 39) {
    const prefixed = readPrefixedString(draft, start, end)
    if (prefixed !== undefined) return prefixed
  }
  if (draft.isSqlite && sql.charCodeAt(start) === 36)
    throw createSyntaxError(sql, start, 'named markers are not supported, only `?`')
  if (end - start > maxWordLength || (!draft.isSqlite && isBeforeName(sql, end)))
    return push(draft, tokenKind.word, start, end, '')
  const slice = sql.slice(start, end)
  const word = words.get(hasLower && hasUpper ? slice.toLowerCase() : slice)
  return push(draft, tokenKind.word, start, end, word ?? '')
}

/**
 * A word with a dot and a name directly behind it is a name to the servers, even one like UPDATE: asked of MariaDB
 * for every word we know. With a blank or a quoted name at the dot it is not.
 */
function isBeforeName(sql: string, end: number): boolean {
  return sql.charCodeAt(end) === 46 && isNamePart(sql.charCodeAt(end + 1))
}

/** Halves of surrogate pairs change on the wire, and a byte order mark is blank to SQLite only. */
function checkNameCharacter(sql: string, at: number, code: number): void {
  if (code === 0xfeff) throw createSyntaxError(sql, at, 'a byte order mark stands here')
  if (code < 0xd800 || code > 0xdfff) return
  const isPair = code < 0xdc00 ? isLow(sql.charCodeAt(at + 1)) : isHigh(sql.charCodeAt(at - 1))
  if (!isPair) throw createSyntaxError(sql, at, 'half a surrogate pair stands here')
}

function isLow(code: number): boolean {
  return code >= 0xdc00 && code <= 0xdfff
}

function isHigh(code: number): boolean {
  return code >= 0xd800 && code <= 0xdbff
}

/** `x'…'`, `b'…'` and `N'…'`; SQLite knows the first only. */
function readPrefixedString(draft: TokenDraft, start: number, quote: number): number | undefined {
  const { sql, modes } = draft
  const letter = sql.charCodeAt(start) | 32
  const isHex = letter === 120
  if (!isHex && (draft.isSqlite || (letter !== 98 && letter !== 110))) return undefined
  const end = endOfString(sql, quote, modes)
  if (letter === 110) return push(draft, tokenKind.nationalString, start, end, '')
  if (!hasOnlyDigits(sql, quote + 1, end - 1, isHex ? 16 : 2) || (isHex && (end - quote) % 2 !== 0))
    throw createSyntaxError(sql, start, 'these are not the digits of a hexadecimal or bit string')
  return push(draft, isHex ? tokenKind.hex : tokenKind.bit, start, end, '')
}

function hasOnlyDigits(sql: string, start: number, end: number, base: 2 | 16): boolean {
  for (let at = start; at < end; at++) {
    const code = sql.charCodeAt(at)
    const isFine =
      base === 2 ? code === 48 || code === 49 : isDigit(code) || ((code | 32) >= 97 && (code | 32) <= 102)
    if (!isFine) return false
  }
  return true
}

function readNumber(draft: TokenDraft, start: number): number {
  const { kind, end } = endOfNumber(draft.sql, start, draft.isSqlite)
  return push(draft, kind, start, end, '')
}

function readQuoted(draft: TokenDraft, start: number, code: number): number {
  const { sql, modes } = draft
  const isName = code === 96 || (code === 34 && modes.ansiQuotes)
  if (!isName) return push(draft, tokenKind.string, start, endOfString(sql, start, modes), '')
  return push(draft, tokenKind.quotedName, start, endOfQuotedName(sql, start), '')
}

function readPunctuation(draft: TokenDraft, at: number, code: number): number {
  switch (code) {
    case 44:
      return push(draft, tokenKind.sign, at, at + 1, ',')
    case 40:
      return openParenthesis(draft, at)
    case 41:
      return closeParenthesis(draft, at)
    case 63:
      return readMarker(draft, at)
    case 46:
      if (isDigit(draft.sql.charCodeAt(at + 1)) && !followsName(draft, at)) return readNumber(draft, at)
      return push(draft, tokenKind.sign, at, at + 1, '.')
    case 64:
      return readAt(draft, at)
    case 91:
      if (draft.isSqlite) return push(draft, tokenKind.quotedName, at, endOfBracketName(draft.sql, at), '')
      break
    case 47:
      if (draft.sql.charCodeAt(at + 1) === 42) return skipBlockComment(draft.sql, at, draft.hints)
      break
    case 35:
      if (!draft.isSqlite) return skipLineComment(draft.sql, at)
      break
    case 45:
      if (startsLineComment(draft.sql, at, draft.isSqlite)) return skipLineComment(draft.sql, at)
      break
  }
  const sign = readSign(draft.sql, at, draft.isSqlite)
  return push(draft, tokenKind.sign, at, at + sign.length, sign)
}

function openParenthesis(draft: TokenDraft, at: number): number {
  if (draft.open.length >= maxDepth)
    throw createSyntaxError(draft.sql, at, `more than ${maxDepth} parentheses are open`, 'SHERD_SQL_TOO_DEEP')
  draft.open.push(draft.count)
  return push(draft, tokenKind.sign, at, at + 1, '(')
}

function closeParenthesis(draft: TokenDraft, at: number): number {
  const open = draft.open.pop()
  if (open === undefined) throw createSyntaxError(draft.sql, at, 'this parenthesis was never opened')
  draft.links[open] = draft.count
  push(draft, tokenKind.sign, at, at + 1, ')')
  if (findOpenQuery(draft, open)) draft.queries.add(open)
  return at + 1
}

function readMarker(draft: TokenDraft, start: number): number {
  const end = start + 1
  if (isNamePart(draft.sql.charCodeAt(end)))
    throw createSyntaxError(draft.sql, start, 'a marker must be a `?` with no number or name behind it')
  const index = draft.markers.length
  draft.markers.push({ kind: 'marker', start, end, index })
  return push(draft, tokenKind.marker, start, end, '', index)
}

/** `@` directly behind a name or string belongs to an account: `root@localhost`. */
function readAt(draft: TokenDraft, start: number): number {
  if (draft.isSqlite) throw createSyntaxError(draft.sql, start, 'named markers are not supported, only `?`')
  if (followsName(draft, start)) return push(draft, tokenKind.sign, start, start + 1, '@')
  const variable = readVariable(draft.sql, start, draft.modes)
  const index = draft.variables.length
  draft.variables.push(variable)
  return push(draft, tokenKind.variable, start, variable.end, '', index)
}

function followsName(draft: TokenDraft, at: number): boolean {
  const last = draft.count - 1
  if (last < 0 || draft.ends[last] !== at) return false
  const kind = draft.kinds[last]
  return kind === tokenKind.word || kind === tokenKind.quotedName || kind === tokenKind.string
}
