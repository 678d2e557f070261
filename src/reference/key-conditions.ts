import type { RawCell, RawRow } from '../drivers/raw-rows.ts'
import type { ServerDoor } from '../engine/run-on-server.ts'
import { writeCell } from './column.ts'
import type { ColumnFacts } from '../schema/table-facts.ts'
import { quoteName } from '../sql/quote-name.ts'

/** From behind one key up to another, both in the server's order; open where absent. */
export interface KeyRange {
  readonly after?: RawRow | undefined
  readonly upTo?: RawRow | undefined
}

export function writeRange(
  door: ServerDoor,
  columns: readonly ColumnFacts[],
  { after, upTo }: KeyRange,
): string {
  const parts = [
    ...(after === undefined ? [] : [comparePrefix(door, columns, after, '>', '>')]),
    ...(upTo === undefined ? [] : [comparePrefix(door, columns, upTo, '<', '<=')]),
  ]
  return parts.length === 0 ? '1 = 1' : parts.join(' AND ')
}

/**
 * `(a, b) > (1, 2)` written out: servers find the range of an index by it, which they do not by a row constructor
 * (https://mariadb.com/kb/en/range-optimizer/). `last` is the sign of the last column.
 */
export function comparePrefix(
  door: ServerDoor,
  columns: readonly ColumnFacts[],
  cells: RawRow,
  sign: '>' | '<',
  last: '>' | '>=' | '<' | '<=',
): string {
  const [column, ...rest] = columns
  const [cell = null, ...restCells] = cells
  if (column === undefined) return '1 = 1'
  const name = quoteName(column.name, door.dialect)
  const value = writeCell(door, column, cell)
  if (rest.length === 0) return `${name} ${last} ${value}`
  const next = comparePrefix(door, rest, restCells, sign, last)
  return `(${name} ${sign}= ${value} AND (${name} ${sign} ${value} OR (${name} = ${value} AND ${next})))`
}

/**
 * MariaDB makes a subquery of an IN list of 1,000 (in_predicate_conversion_threshold), whose values lose to no collation of the
 * column any more.
 */
const maxListed = 500

/** Rows with one of these keys. */
export function writeKeys(
  door: ServerDoor,
  columns: readonly ColumnFacts[],
  keys: readonly RawRow[],
): string {
  if (keys.length === 0) return '1 = 0'
  const [only] = columns
  if (columns.length === 1 && only !== undefined) {
    const values = keys.map(([cell = null]) => writeCell(door, only, cell))
    const lists: string[] = []
    for (let from = 0; from < values.length; from += maxListed)
      lists.push(
        `${quoteName(only.name, door.dialect)} IN (${values.slice(from, from + maxListed).join(', ')})`,
      )
    return `(${lists.join(' OR ')})`
  }
  return `(${keys.map((key) => writeKey(door, columns, key)).join(' OR ')})`
}

function writeKey(door: ServerDoor, columns: readonly ColumnFacts[], key: RawRow): string {
  const parts = columns.map(
    (column, index) =>
      `${quoteName(column.name, door.dialect)} = ${writeCell(door, column, key[index] ?? null)}`,
  )
  return `(${parts.join(' AND ')})`
}

/** Equal for cells of the same bytes and type, and for no others. */
export function identify(cells: readonly RawCell[]): string {
  return cells.map(identifyCell).join('\u0000')
}

function identifyCell(cell: RawCell): string {
  if (cell === null) return 'n'
  if (typeof cell === 'string') return `s${cell.length}:${cell}`
  if (typeof cell === 'object') return `b${Buffer.from(cell).toString('hex')}`
  return typeof cell === 'bigint' ? `i${cell}` : `r${cell}`
}
