import type { Hint } from './ast.ts'
import { classOf, characterClass } from './characters.ts'
import { createSyntaxError } from './syntax-error.ts'

/** Where the block comment that begins at `start` ends. Adds a hint when it is one of ours. */
export function skipBlockComment(sql: string, start: number, hints: Hint[]): number {
  if (isVersionComment(sql, start))
    throw createSyntaxError(
      sql,
      start,
      'some servers run the inside of this comment, others do not',
      'SHERD_SQL_VERSION_COMMENT',
    )
  const close = sql.indexOf('*/', start + 2)
  if (close === -1) throw createSyntaxError(sql, start, 'this comment is never closed')
  const text = hintText(sql, start + 2, close)
  if (text !== undefined) hints.push({ start, end: close + 2, text })
  return close + 2
}

/** True for the executable comments of MySQL and MariaDB. */
export function isVersionComment(sql: string, start: number): boolean {
  const code = sql.charCodeAt(start + 2)
  return code === 33 || ((code | 32) === 109 && sql.charCodeAt(start + 3) === 33)
}

const hintMark = 'sherd:'

function hintText(sql: string, start: number, end: number): string | undefined {
  let at = start
  while (at < end && classOf(sql.charCodeAt(at)) === characterClass.blank) at++
  return sql.startsWith(hintMark, at) ? sql.slice(at + hintMark.length, end).trim() : undefined
}

/** The servers want a blank or control character behind `--`: `5--1` is a subtraction there. SQLite does not. */
export function startsLineComment(sql: string, start: number, isSqlite: boolean): boolean {
  if (sql.charCodeAt(start + 1) !== 45) return false
  if (isSqlite || start + 2 >= sql.length) return true
  const next = sql.charCodeAt(start + 2)
  return next <= 32 || next === 127
}

/** Only a line feed ends such a comment, a carriage return does not. */
export function skipLineComment(sql: string, start: number): number {
  const end = sql.indexOf('\n', start)
  return end === -1 ? sql.length : end + 1
}
