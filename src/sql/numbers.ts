import { isDigit, isNamePart } from './characters.ts'
import { createSyntaxError } from './syntax-error.ts'
import { tokenKind } from './tokens.ts'

/** The kind and end of the number that begins at `start` with a digit, or a dot and a digit. */
export function endOfNumber(sql: string, start: number, isSqlite: boolean): { kind: number; end: number } {
  const number = prefixedNumber(sql, start, isSqlite) ?? plainNumber(sql, start)
  // MySQL reads `1abc` as a name and `1e` as either: such names have to be quoted here.
  if (isNamePart(sql.charCodeAt(number.end)))
    throw createSyntaxError(sql, start, 'a name that begins with a digit must be quoted')
  return number
}

function prefixedNumber(
  sql: string,
  start: number,
  isSqlite: boolean,
): { kind: number; end: number } | undefined {
  if (sql.charCodeAt(start) !== 48) return undefined
  const letter = sql.charCodeAt(start + 1)
  const isHex = letter === 120 || (isSqlite && letter === 88)
  if (!isHex && (isSqlite || letter !== 98)) return undefined
  let end = start + 2
  while (isHex ? isHexDigit(sql.charCodeAt(end)) : (sql.charCodeAt(end) & ~1) === 48) end++
  return end === start + 2 ? undefined : { kind: isHex ? tokenKind.hex : tokenKind.bit, end }
}

function isHexDigit(code: number): boolean {
  return isDigit(code) || ((code | 32) >= 97 && (code | 32) <= 102)
}

function plainNumber(sql: string, start: number): { kind: number; end: number } {
  let kind: number = tokenKind.integer
  let end = skipDigits(sql, start)
  if (sql.charCodeAt(end) === 46) {
    kind = tokenKind.decimal
    end = skipDigits(sql, end + 1)
  }
  if ((sql.charCodeAt(end) | 32) !== 101) return { kind, end }
  const sign = sql.charCodeAt(end + 1)
  const digits = sign === 43 || sign === 45 ? end + 2 : end + 1
  return isDigit(sql.charCodeAt(digits))
    ? { kind: tokenKind.float, end: skipDigits(sql, digits) }
    : { kind, end }
}

function skipDigits(sql: string, start: number): number {
  let at = start
  while (isDigit(sql.charCodeAt(at))) at++
  return at
}
