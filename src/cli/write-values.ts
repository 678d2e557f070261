import type { RawCell, RawColumn, RawRow } from '../drivers/raw-rows.ts'
import type { StatementAnswer } from '../engine/run-on-server.ts'

/** A value as JSON can say it: numbers only where none is rounded, bytes as `0x…`. */
export function readValue(cell: RawCell | undefined, column: RawColumn): string | number | null {
  if (cell === null || cell === undefined) return null
  if (cell instanceof Uint8Array) return `0x${Buffer.from(cell).toString('hex')}`
  if (typeof cell !== 'string') return typeof cell === 'number' ? cell : String(cell)
  if (column.type === 'binary' || column.type === 'bit')
    return `0x${Buffer.from(cell, 'latin1').toString('hex')}`
  if (column.type === 'integer' || column.type === 'year') {
    const number = Number(cell)
    return Number.isSafeInteger(number) ? number : cell
  }
  return Buffer.from(cell, 'latin1').toString('utf8')
}

/** A value for a table or a line: without characters that would move the cursor or begin another line. */
export function writeCell(cell: RawCell | undefined, column: RawColumn): string {
  const value = readValue(cell, column)
  return value === null ? 'NULL' : escapeControls(String(value))
}

const escapes: ReadonlyMap<string, string> = new Map([
  ['\n', '\\n'],
  ['\r', '\\r'],
  ['\t', '\\t'],
])

function escapeControls(text: string): string {
  return text.replaceAll(
    /[\p{Cc}\u2028\u2029]/gu,
    (sign) => escapes.get(sign) ?? `\\u${sign.charCodeAt(0).toString(16).padStart(4, '0')}`,
  )
}

/** RFC 4180. NULL is nothing between two commas, an empty string is two quotes. */
export function writeCsvLine(cells: readonly (string | number | null)[]): string {
  return cells.map(writeCsvCell).join(',')
}

function writeCsvCell(cell: string | number | null): string {
  if (cell === null) return ''
  const text = String(cell)
  return text === '' || /[",\r\n]/u.test(text) ? `"${text.replaceAll('"', '""')}"` : text
}

/** A row as an object; a column whose name stands there already gets a number. */
export function toObject(
  columns: readonly RawColumn[],
  row: RawRow,
): Readonly<Record<string, string | number | null>> {
  const values = new Map<string, string | number | null>()
  for (const [index, column] of columns.entries()) {
    let name = column.name
    for (let more = 2; values.has(name); more++) name = `${column.name}_${more}`
    values.set(name, readValue(row[index], column))
  }
  return Object.fromEntries(values)
}

/** How many rows something gave or wrote, in words. */
export function countRows(answer: StatementAnswer): string {
  const count = answer.kind === 'rows' ? answer.rows.length : answer.affectedRows
  return `${count} ${count === 1 ? 'row' : 'rows'}${answer.kind === 'rows' ? '' : ' written'}`
}
