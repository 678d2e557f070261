import type { SqlModes } from './modes.ts'
import { createSyntaxError } from './syntax-error.ts'

/** Where a string ends that begins with a quote at `start`; a doubled quote and, by mode, a backslash escape. */
export function endOfString(sql: string, start: number, modes: SqlModes): number {
  const quote = sql.charCodeAt(start)
  const hasEscapes = !modes.noBackslashEscapes
  for (let at = start + 1; at < sql.length; at++) {
    const code = sql.charCodeAt(at)
    if (code === quote) {
      if (sql.charCodeAt(at + 1) !== quote) return at + 1
      at++
    } else if (code === 92 && hasEscapes) at += isSurrogate(sql.charCodeAt(at + 1)) ? 0 : 1
    else if (isSurrogate(code)) at = skipPair(sql, at)
  }
  throw createSyntaxError(sql, start, 'this string is never closed')
}

/** Where a quoted name ends; only a doubled quote stands for itself, in every mode. */
export function endOfQuotedName(sql: string, start: number): number {
  const quote = sql.charCodeAt(start)
  for (let at = start + 1; at < sql.length; at++) {
    const code = sql.charCodeAt(at)
    if (code === quote) {
      if (sql.charCodeAt(at + 1) !== quote) return at + 1
      at++
    } else if (isSurrogate(code)) at = skipPair(sql, at)
  }
  throw createSyntaxError(sql, start, 'this quoted name is never closed')
}

/** Where SQLite's `[name]` ends: it knows no escape. */
export function endOfBracketName(sql: string, start: number): number {
  const close = sql.indexOf(']', start)
  if (close === -1) throw createSyntaxError(sql, start, 'this quoted name is never closed')
  return close + 1
}

function isSurrogate(code: number): boolean {
  return code > 0xd7ff && code < 0xe000
}

/** Half a pair would reach the server as another character than we compared. */
function skipPair(sql: string, at: number): number {
  const low = sql.charCodeAt(at + 1)
  if (sql.charCodeAt(at) < 0xdc00 && low >= 0xdc00 && low <= 0xdfff) return at + 1
  throw createSyntaxError(sql, at, 'half a surrogate pair stands here')
}
