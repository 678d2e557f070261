import type { Connection } from 'mysql2/promise'
import type { ConvergenceTable } from './convergence-tables.ts'

/*
 * Source and copy as a plain client sees them. Nothing of sherd takes part: no digest, no reader of rows, no session setting of
 * its doors.
 */

/** All rows of one table, each as the text of all its columns, by the text of its key. */
export type PlainRows = ReadonlyMap<string, string>

const byteTypes = /char|text|blob|binary|enum|set|json|bit/

/** Columns as text that tells any two values apart. */
function writeColumn(name: string, type: string): string {
  const quoted = `\`${name.replaceAll('`', '``')}\``
  // Six digits are all that the text of a FLOAT has.
  if (type === 'float') return `CAST(CAST(${quoted} AS DOUBLE) AS CHAR)`
  return byteTypes.test(type) ? `HEX(${quoted})` : `CAST(${quoted} AS CHAR)`
}

/** The text that reads a table; `database` is where its columns are looked up. */
export async function writeReading(
  connection: Connection,
  database: string,
  { name }: ConvergenceTable,
): Promise<string> {
  const [columns] = await connection.query({
    sql: `SELECT column_name, data_type, column_key FROM information_schema.columns
      WHERE table_schema = ? AND table_name = ? ORDER BY ordinal_position`,
    values: [database, name],
    rowsAsArray: true,
  })
  // The three columns named above, all of them text.
  const named = columns as unknown as readonly (readonly [string, string, string])[]
  const keys = named.filter(([, , key]) => key === 'PRI')
  const key = keys.map(([column, type]) => writeColumn(column, type)).join(", '/', ")
  return `SELECT CONCAT(${key}), ${named.map(([column, type]) => writeColumn(column, type)).join(', ')}`
}

/** Of a source without the rows that are marked as deleted: a copy must not have them. */
export async function readPlainRows(
  connection: Connection,
  database: string,
  reading: string,
  table: ConvergenceTable,
  side: 'source' | 'copy',
): Promise<PlainRows> {
  const mark =
    table.deletes === undefined || side === 'copy' ? '' : ` WHERE IFNULL(${table.deletes.column} + 0, 0) = 0`
  await connection.query("SET time_zone = '+00:00'")
  const [rows] = await connection.query({
    sql: `${reading} FROM \`${database}\`.\`${table.name}\`${mark}`,
    rowsAsArray: true,
  })
  // Every column is text or NULL.
  const texts = rows as unknown as readonly (readonly [string, ...(string | null)[]])[]
  return new Map(texts.map(([key, ...columns]) => [key, JSON.stringify(columns)]))
}

/** The first rows that differ, each in a line; empty when there are none. */
export function findDifferences(source: PlainRows, copy: PlainRows, most = 4): readonly string[] {
  const lines: string[] = []
  for (const [key, row] of source) {
    const found = copy.get(key)
    if (found === undefined) lines.push(`${key}: missing in the copy, source ${cut(row)}`)
    else if (found !== row) lines.push(`${key}: ${tellColumns(row, found)}`)
  }
  for (const [key, row] of copy) if (!source.has(key)) lines.push(`${key}: only in the copy, ${cut(row)}`)
  const left = lines.length - most
  return left > 0 ? [...lines.slice(0, most), `and ${left} more`] : lines
}

function tellColumns(source: string, copy: string): string {
  // Both were written by readPlainRows.
  const [one, other] = [source, copy].map((row) => JSON.parse(row) as readonly (string | null)[])
  const parts = (one ?? []).flatMap((value, index) =>
    value === other?.[index] ? [] : [`column ${index}: source ${cut(value)}, copy ${cut(other?.[index])}`],
  )
  return parts.join('; ')
}

function cut(value: string | null | undefined): string {
  return String(value).slice(0, 160)
}
