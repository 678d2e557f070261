import { writeLiteral } from './sqlite-values.ts'
import { quoteName } from '../sql/quote-name.ts'

/*
 * The little that the driver must know of SQLite's text by itself: where quotes and comments end.
 * https://www.sqlite.org/lang_comment.html, https://www.sqlite.org/lang_keywords.html
 */

/** The end of the quote or comment that starts at `index`, or `index` when none does. */
function skipQuoteOrComment(sql: string, index: number): number {
  const character = sql[index]
  switch (character) {
    case "'":
    case '"':
    case '`':
      return endAfter(sql, character, index + 1)
    case '[':
      return endAfter(sql, ']', index + 1)
    case '-':
      return sql[index + 1] === '-' ? endAfter(sql, '\n', index + 2) : index
    case '/':
      return sql[index + 1] === '*' ? endAfter(sql, '*/', index + 2) : index
    default:
      return index
  }
}

/** A doubled quote ends one quote and starts the next, which comes to the same end. */
function endAfter(sql: string, text: string, from: number): number {
  const found = sql.indexOf(text, from)
  return found === -1 ? sql.length : found + text.length
}

/** True when something other than space and comments stands behind the first statement. */
export function hasSecondStatement(sql: string): boolean {
  const first = sql.indexOf(';')
  if (first === -1 || first === sql.length - 1) return false
  let isBehind = false
  for (let index = 0; index < sql.length;) {
    const next = skipQuoteOrComment(sql, index)
    const isComment = next !== index && (sql[index] === '-' || sql[index] === '/')
    const character = sql[index] ?? ''
    if (isBehind && !isComment && character !== ';' && character.trim() !== '') return true
    if (next === index && character === ';') isBehind = true
    index = next === index ? index + 1 : next
  }
  return false
}

/** The body of a trigger holds statements of its own, so its semicolons end nothing. */
export function isTrigger(sql: string): boolean {
  return /^\s*create\s+(?:temp\s+|temporary\s+)?trigger\b/iu.test(sql)
}

/** Fills `?` with literals, arrays as lists, and `??` with names, as mysql2's format does; plain objects are refused. */
export function formatSqlite(sql: string, values: readonly unknown[]): string {
  let filled = ''
  let copied = 0
  let used = 0
  for (let index = 0; index < sql.length && used < values.length;) {
    const next = skipQuoteOrComment(sql, index)
    if (next !== index || sql[index] !== '?') {
      index = next === index ? index + 1 : next
      continue
    }
    const isName = sql[index + 1] === '?'
    filled += sql.slice(copied, index) + (isName ? writeName(values[used]) : writeList(values[used], used))
    index += isName ? 2 : 1
    copied = index
    used++
  }
  return filled + sql.slice(copied)
}

function writeName(value: unknown): string {
  if (Array.isArray(value)) return value.map(writeName).join(', ')
  return String(value)
    .split('.')
    .map((part) => quoteName(part, 'sqlite'))
    .join('.')
}

function writeList(value: unknown, index: number): string {
  if (!Array.isArray(value)) return writeLiteral(value, index)
  return value
    .map((item: unknown) => (Array.isArray(item) ? `(${writeList(item, index)})` : writeLiteral(item, index)))
    .join(', ')
}
