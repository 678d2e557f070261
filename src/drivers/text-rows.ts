import type { SqlDialect } from '../sql/modes.ts'
import type { RawCell, RawColumn, RawRow } from './raw-rows.ts'

/** One row, its cells as text by the names of their columns. NULL is undefined. */
export type TextRow = Readonly<Record<string, string | undefined>>

/** Sends a text, and gives the rows of its answer. */
export type AskTexts = (text: string) => Promise<readonly TextRow[]>

/** For answers in UTF-8. A server's bytes come as one character each. */
export function readText(dialect: SqlDialect, cell: RawCell): string | undefined {
  if (cell === null) return undefined
  const text = String(cell)
  return dialect === 'mysql' ? Buffer.from(text, 'latin1').toString('utf8') : text
}

/** Of columns that have each a name of their own. */
export function toTextRow(dialect: SqlDialect, columns: readonly RawColumn[], row: RawRow): TextRow {
  return Object.fromEntries(columns.map(({ name }, index) => [name, readText(dialect, row[index] ?? null)]))
}
