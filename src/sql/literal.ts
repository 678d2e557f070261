import type { Literal, Span } from './ast.ts'
import type { SqlModes } from './modes.ts'

/** A name as it is compared: without its quotes, doubled quotes single. */
export function decodeName(sql: string, start: number, end: number): string {
  const quote = sql.charAt(start)
  if (quote === '[') return sql.slice(start + 1, end - 1)
  if (quote !== '`' && quote !== '"') return sql.slice(start, end)
  const inner = sql.slice(start + 1, end - 1)
  return inner.includes(quote) ? inner.replaceAll(quote + quote, quote) : inner
}

/**
 * What a literal stands for: the characters of a string, the text as written of everything else.
 * A string with an introducer, of N'…' or DATE '…' is given as written too.
 */
export function literalValue(sql: string, literal: Literal, modes: SqlModes): string {
  return literal.form === 'string' ? decodeString(sql, literal, modes) : sql.slice(literal.start, literal.end)
}

/** The characters of a string literal, which may be several strings side by side. */
export function decodeString(sql: string, { start, end }: Span, modes: SqlModes): string {
  let value = ''
  for (let at = start; at < end;) {
    const code = sql.charCodeAt(at)
    if (code === 39 || code === 34) {
      const part = decodePart(sql, at, modes)
      value += part.value
      at = part.end
    } else at = skipBetween(sql, at, code)
  }
  return value
}

/** Blanks and comments between strings that are joined. The lexer has seen that all of them are closed. */
function skipBetween(sql: string, at: number, code: number): number {
  if (code === 47) return sql.indexOf('*/', at + 2) + 2
  if (code === 35 || code === 45) return sql.indexOf('\n', at) + 1
  return at + 1
}

function decodePart(sql: string, start: number, modes: SqlModes): { value: string; end: number } {
  const quote = sql.charCodeAt(start)
  let value = ''
  let from = start + 1
  for (let at = from; at < sql.length; at++) {
    const code = sql.charCodeAt(at)
    if (code === quote) {
      value += sql.slice(from, at)
      if (sql.charCodeAt(at + 1) !== quote) return { value, end: at + 1 }
      from = at + 1
      at++
    } else if (code === 92 && !modes.noBackslashEscapes) {
      value += sql.slice(from, at) + unescape(sql.charAt(at + 1))
      from = at + 2
      at++
    }
  }
  return { value, end: sql.length }
}

/** From MySQL's manual, "String Literals": `\%` and `\_` keep their backslash, unknown ones lose it. */
function unescape(character: string): string {
  switch (character) {
    case '0':
      return '\0'
    case 'b':
      return '\b'
    case 'n':
      return '\n'
    case 'r':
      return '\r'
    case 't':
      return '\t'
    case 'Z':
      return '\u001A'
    case '%':
    case '_':
      return `\\${character}`
  }
  return character
}
