import type { RawRow } from '../drivers/raw-rows.ts'
import type { ServerDoor } from '../engine/run-on-server.ts'
import { encodeColumn, isLong, readColumn, writeCell } from './column.ts'
import type { ColumnFacts } from '../schema/table-facts.ts'
import { type KeyRange, writeKeys, writeRange } from './key-conditions.ts'
import type { SyncedTable } from './synced-table.ts'
import { quoteName } from '../sql/quote-name.ts'

export type Side = 'source' | 'copy'

/** The longest text of a write; far below the servers' default `max_allowed_packet` of 16 MiB. */
const maxTextLength = 1024 * 1024

export function keyColumns({ columns, key }: SyncedTable): readonly ColumnFacts[] {
  return key.map((place) => columns[place]).filter((column) => column !== undefined)
}

/** The key of a row of `columns`. */
export function keyOf({ key }: SyncedTable, row: RawRow): RawRow {
  return key.map((place) => row[place] ?? null)
}

/** Rows in the order of the key; of the source only those that are not marked as deleted. */
export function selectRange(
  door: ServerDoor,
  table: SyncedTable,
  side: Side,
  range: KeyRange,
  limit?: number,
): string {
  const what = table.columns.map((column) => readColumn(door.dialect, column))
  return select(door, table, side, what.join(', '), range, limit)
}

/** How many bytes each row of the range has, after its key. */
export function selectSizes(door: ServerDoor, table: SyncedTable, range: KeyRange, limit: number): string {
  return select(door, table, 'source', sizeOf(door, table), range, limit)
}

export function sizeOf(door: ServerDoor, { columns }: SyncedTable): string {
  const long = columns.filter((column) => isLong(column) || column.octets > 0)
  const length = door.dialect === 'mysql' ? 'OCTET_LENGTH' : 'LENGTH'
  const sizes = long.map(({ name }) => `IFNULL(${length}(${quoteName(name, door.dialect)}), 0)`)
  return ['64', ...sizes].join(' + ')
}

/** The key of the last row of a chunk of so many rows. */
export function selectChunkEnd(door: ServerDoor, table: SyncedTable, range: KeyRange, rows: number): string {
  const what = keyColumns(table).map((column) => readColumn(door.dialect, column))
  return `${select(door, table, 'source', what.join(', '), range, 1)} OFFSET ${rows - 1}`
}

export function selectByKeys(
  door: ServerDoor,
  table: SyncedTable,
  keys: readonly RawRow[],
  side: Side,
): string {
  const what = table.columns.map((column) => readColumn(door.dialect, column)).join(', ')
  const alive = side === 'source' ? ` AND ${isAlive(door, table)}` : ''
  return `SELECT ${what} FROM ${placeOf(table, side)} WHERE ${writeKeys(door, keyColumns(table), keys)}${alive}`
}

/** Count and checksum of the range: two halves of MD5, so that no two different rows of a table cancel each other out. */
export function selectChecksum(door: ServerDoor, table: SyncedTable, side: Side, range: KeyRange): string {
  const half = (from: number): string =>
    `BIT_XOR(CAST(CONV(SUBSTRING(digest, ${from}, 16), 16, 10) AS UNSIGNED))`
  const digests = select(door, table, side, `${rowDigest(table)} AS digest`, range, undefined, false)
  return `SELECT COUNT(*), ${half(1)}, ${half(17)} FROM (${digests}) AS digests`
}

/** Keys with the digest of their rows. */
export function selectDigests(door: ServerDoor, table: SyncedTable, side: Side, range: KeyRange): string {
  const what = keyColumns(table).map((column) => readColumn(door.dialect, column))
  return select(door, table, side, [...what, rowDigest(table)].join(', '), range, undefined, false)
}

function rowDigest({ columns }: SyncedTable): string {
  return `MD5(CONCAT(${columns.map(encodeColumn).join(", ',', ")}))`
}

/** Whether a row of the source is there for copies. */
export function isAlive(door: ServerDoor, { tombstone }: SyncedTable): string {
  if (tombstone === undefined) return '1 = 1'
  const name = quoteName(tombstone, door.dialect)
  return `(${name} IS NULL OR ${name} = 0)`
}

export function writeDelete(door: ServerDoor, table: SyncedTable, keys: readonly RawRow[]): string {
  return `DELETE FROM ${table.target} WHERE ${writeKeys(door, keyColumns(table), keys)}`
}

/** New rows. */
export function writeInserts(
  door: ServerDoor,
  table: SyncedTable,
  rows: readonly RawRow[],
): readonly string[] {
  return cutInserts(door, table, rows, '')
}

/**
 * Rows whose keys are in the copy and locked: only so ON DUPLICATE KEY UPDATE means the row of the key, and not one that
 * has the same value in another unique key.
 */
export function writeUpdates(
  door: ServerDoor,
  table: SyncedTable,
  rows: readonly RawRow[],
): readonly string[] {
  const names = table.columns
    .filter((_, place) => !table.key.includes(place))
    .map(({ name }) => quoteName(name, door.dialect))
  if (names.length === 0) return []
  if (door.dialect === 'mysql')
    return cutInserts(
      door,
      table,
      rows,
      ` ON DUPLICATE KEY UPDATE ${names.map((name) => `${name} = VALUES(${name})`).join(', ')}`,
    )
  const keys = keyColumns(table).map(({ name }) => quoteName(name, door.dialect))
  return cutInserts(
    door,
    table,
    rows,
    ` ON CONFLICT (${keys.join(', ')}) DO UPDATE SET ${names.map((name) => `${name} = excluded.${name}`).join(', ')}`,
  )
}

/**
 * The row whose key is equal to the server's eye takes the bytes of this one. Nothing but its key: values of other unique keys
 * may still be another row's, and are written with all the rest.
 */
export function writeOverLooseKey(door: ServerDoor, table: SyncedTable, row: RawRow): string {
  const key = keyOf(table, row)
  const values = keyColumns(table).map(
    (column, place) =>
      `${quoteName(column.name, door.dialect)} = ${writeCell(door, column, key[place] ?? null)}`,
  )
  return `UPDATE ${table.target} SET ${values.join(', ')} WHERE ${writeKeys(door, keyColumns(table), [key])}`
}

function select(
  door: ServerDoor,
  table: SyncedTable,
  side: Side,
  what: string,
  range: KeyRange,
  limit: number | undefined,
  isOrdered = true,
): string {
  const columns = keyColumns(table)
  const alive = side === 'source' ? ` AND ${isAlive(door, table)}` : ''
  const order = columns.map(({ name }) => quoteName(name, door.dialect)).join(', ')
  const where = `${writeRange(door, columns, range)}${alive}`
  const end = `${isOrdered ? ` ORDER BY ${order}` : ''}${limit === undefined ? '' : ` LIMIT ${limit}`}`
  return `SELECT ${what} FROM ${placeOf(table, side)} WHERE ${where}${end}`
}

function placeOf(table: SyncedTable, side: Side): string {
  return side === 'source' ? table.source : table.target
}

function cutInserts(
  door: ServerDoor,
  table: SyncedTable,
  rows: readonly RawRow[],
  end: string,
): readonly string[] {
  const names = table.columns.map(({ name }) => quoteName(name, door.dialect)).join(', ')
  const head = `INSERT INTO ${table.target} (${names}) VALUES `
  const texts: string[] = []
  let tuples: string[] = []
  let length = 0
  const flush = (): void => {
    if (tuples.length > 0) texts.push(head + tuples.join(', ') + end)
    tuples = []
    length = 0
  }
  for (const row of rows) {
    const cells = table.columns.map((column, place) => writeCell(door, column, row[place] ?? null))
    const tuple = `(${cells.join(', ')})`
    if (length + tuple.length > maxTextLength) flush()
    tuples.push(tuple)
    length += tuple.length
  }
  flush()
  return texts
}
