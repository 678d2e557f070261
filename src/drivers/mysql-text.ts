import { mysqlDefaultModes } from '../sql/modes.ts'
import type { EscapeOptions, SqlText } from './driver.ts'
import type { MysqlLibrary, MysqlSqlMode } from './mysql-library.ts'

/** Writes values into SQL text by mysql2's rules. */
export interface MysqlWriter {
  readonly escape: (value: unknown) => string
  readonly format: (sql: string, values: readonly unknown[]) => string
}

/**
 * A writer for one time zone and one set of modes. NO_BACKSLASH_ESCAPES must be known: with the wrong
 * rule a value can end its own literal, which is an injection.
 */
export function createMysqlWriter(library: MysqlLibrary, options: EscapeOptions = {}): MysqlWriter {
  const timezone = options.timezone ?? 'local'
  const { noBackslashEscapes, ansiQuotes } = options.modes ?? mysqlDefaultModes
  const stringifyObjects = options.stringifyObjects ?? false
  const mode: MysqlSqlMode = { noBackslashEscapes, ansiQuotes }
  return {
    escape: (value) => library.escape(value, stringifyObjects, timezone, mode),
    format: (sql, values) => library.format(sql, values, stringifyObjects, timezone, mode),
  }
}

/**
 * The final text: segments with literals between them, without looking at the text again.
 * A missing value leaves its `?`, which the server refuses; mysql2 does the same.
 */
export function fillMarkers(
  text: SqlText,
  values: readonly unknown[],
  escape: (value: unknown) => string,
): string {
  const { segments } = text
  let filled = segments[0] ?? ''
  for (let index = 1; index < segments.length; index++) {
    const value = values[index - 1]
    const literal = typeof value === 'number' ? `${value}` : index <= values.length ? escape(value) : '?'
    filled += literal + (segments[index] ?? '')
  }
  return filled
}
