import { isNamePart } from './characters.ts'
import { isVersionComment, skipLineComment, startsLineComment } from './comments.ts'
import { tokenize } from './lexer.ts'
import { decodeName } from './literal.ts'
import type { SqlModes } from './modes.ts'
import { type NameFilter, filterOf, mayBeName } from './name-filter.ts'
import { tokenKind } from './tokens.ts'

interface Search {
  readonly sql: string
  readonly names: ReadonlyMap<string, unknown>
  readonly filter: NameFilter
  readonly modes: SqlModes
  readonly isSqlite: boolean
}

// Answers of a step instead of the place where the scan goes on.
const found = -1
const unclear = -2
const hidden = -3

const isName = 1
const isSpecial = 2

/** What the scan does at an ASCII character: most are passed over. */
const kinds = new Uint8Array(128)
for (let code = 0; code < 128; code++) if (isNamePart(code)) kinds[code] = isName
for (const special of `'"\`[-#/@`) kinds[special.charCodeAt(0)] = isSpecial

/**
 * Whether a text may name one of the tables (keys of the map, in lower case). False only when that is
 * certain, so that such a text may pass unparsed. The map must not change its names but by adding some.
 *
 * A name `@` stands for any variable. Double-quoted text counts as a name whatever the mode. What cannot be followed counts as named: strings
 * and comments without end, and PREPARE or EXECUTE IMMEDIATE of anything but one plain string.
 */
export function mentionsAny(sql: string, names: ReadonlyMap<string, unknown>, modes: SqlModes): boolean {
  if (names.size === 0) return false
  const search = { sql, names, filter: filterOf(names), modes, isSqlite: modes.dialect === 'sqlite' }
  for (let at = 0; at < sql.length;) {
    const code = sql.charCodeAt(at)
    const kind = code < 128 ? kinds[code] : isName
    if (kind === 0) {
      at++
      continue
    }
    const step = kind === isName ? stepOverWord(search, at) : stepFrom(search, at, code)
    if (step === found) return true
    if (step === unclear) return mentionsRaw(sql, names)
    if (step === hidden) return mentionsHidden(sql, names, modes)
    at = step
  }
  return false
}

function stepFrom(search: Search, at: number, code: number): number {
  switch (code) {
    case 39:
    case 34:
    case 96:
      return stepOverQuotes(search, at, code)
    case 91:
      return search.isSqlite ? stepOverBracket(search, at) : at + 1
    case 45:
      return startsLineComment(search.sql, at, search.isSqlite) ? skipLineComment(search.sql, at) : at + 1
    case 35:
      return search.isSqlite ? at + 1 : skipLineComment(search.sql, at)
    case 47:
      return search.sql.charCodeAt(at + 1) === 42 ? stepOverComment(search, at) : at + 1
    case 64:
      return search.names.has('@') ? found : at + 1
  }
  return at + 1
}

function stepOverWord({ sql, names, filter, isSqlite }: Search, start: number): number {
  let end = start + 1
  let isAscii = sql.charCodeAt(start) < 128
  for (; end < sql.length; end++) {
    const code = sql.charCodeAt(end)
    if (!isNamePart(code)) break
    if (code > 127) isAscii = false
  }
  const length = end - start
  const first = sql.charCodeAt(start) | 32
  if (
    !isSqlite &&
    ((length === 7 && first === 112) || (length === 9 && first === 105)) &&
    hidesNames(sql, start, end)
  )
    return hidden
  if (isAscii && !mayBeName(filter, length, first)) return end
  return names.has(sql.slice(start, end).toLowerCase()) ? found : end
}

/** Statements that carry another one in a string. */
function hidesNames(sql: string, start: number, end: number): boolean {
  const word = sql.slice(start, end).toLowerCase()
  return word === 'prepare' || word === 'immediate'
}

function stepOverQuotes(search: Search, start: number, code: number): number {
  const { sql, modes, isSqlite } = search
  const isQuotedName = code === 96 || (code === 34 && modes.ansiQuotes)
  const end = endOfQuotes(sql, start, code, !isQuotedName && !modes.noBackslashEscapes)
  if (end === undefined) return found
  // SQLite also takes a string for a name where a name must stand.
  if (code === 39 && !isSqlite) return end
  return hasName(search, start, end) ? found : end
}

/** As the lexer does it, but without an error: half surrogates are no matter here. */
function endOfQuotes(sql: string, start: number, quote: number, hasEscapes: boolean): number | undefined {
  for (let at = start + 1; at < sql.length; at++) {
    const code = sql.charCodeAt(at)
    if (code === 92 && hasEscapes) at++
    else if (code === quote) {
      if (sql.charCodeAt(at + 1) !== quote) return at + 1
      at++
    }
  }
  return undefined
}

function stepOverBracket(search: Search, start: number): number {
  const close = search.sql.indexOf(']', start)
  if (close === -1) return found
  return hasName(search, start, close + 1) ? found : close + 1
}

function stepOverComment({ sql }: Search, start: number): number {
  if (isVersionComment(sql, start)) return unclear
  const close = sql.indexOf('*/', start + 2)
  return close === -1 ? found : close + 2
}

/** The inside of quotes as a name. */
function hasName({ sql, names, filter }: Search, start: number, end: number): boolean {
  const first = sql.charCodeAt(start + 1)
  if (isPlain(sql, start, end) && !mayBeName(filter, end - start - 2, first | 32)) return false
  return names.has(unquote(sql, start, end).toLowerCase())
}

function unquote(sql: string, start: number, end: number): string {
  const quote = sql.charAt(start)
  return quote === "'" ? sql.slice(start + 1, end - 1).replaceAll("''", "'") : decodeName(sql, start, end)
}

/** Only ASCII and no escape: then the name is as long as its text. */
function isPlain(sql: string, start: number, end: number): boolean {
  const quote = sql.charCodeAt(start)
  for (let at = start + 1; at < end - 1; at++) {
    const code = sql.charCodeAt(at)
    if (code > 127 || code === quote) return false
  }
  return true
}

/** A server may read the inside of an executable comment or not, so quotes mean nothing: any occurrence counts. */
function mentionsRaw(sql: string, names: ReadonlyMap<string, unknown>): boolean {
  const text = sql.toLowerCase()
  for (const name of names.keys())
    if (text.includes(name) || name.includes('`') || name.includes('"')) return true
  return false
}

/** PREPARE and EXECUTE IMMEDIATE of one plain string are judged by that string; of anything else they are unclear. */
function mentionsHidden(sql: string, names: ReadonlyMap<string, unknown>, modes: SqlModes): boolean {
  if (mentionsRaw(sql, names) || sql.includes('\\')) return true
  try {
    const { kinds, texts } = tokenize(sql, modes)
    const at = texts[0] === 'prepare' ? 3 : 2
    const isKnownForm =
      texts[0] === 'prepare' ? texts[2] === 'from' : texts[0] === 'execute' && texts[1] === 'immediate'
    const isEnd = texts[at + 1] === ';' || texts[at + 1] === 'using' || kinds[at + 1] === tokenKind.end
    return !(isKnownForm && kinds[at] === tokenKind.string && isEnd)
  } catch {
    return true
  }
}
