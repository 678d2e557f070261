import type { RawCell, RawColumn, RawRow } from '../drivers/raw-rows.ts'
import { SherdError } from '../errors/sherd-error.ts'
import type { PartialColumn } from '../plan/scatter-plan.ts'

/** Writes a value so that another server reads exactly it, of the same type. */
type CellWriter = (cell: RawCell) => string

/** Which cell of a row is written, and which cell has the name of its collation; as in `PartialColumn`. */
type ShippedColumn = Pick<PartialColumn, 'value' | 'collation'>

/**
 * The partial columns of rows as a list of tuples of typed literals, for a server that has not got them. `ROW` is how
 * MySQL 8 wants tuples in VALUES. Throws SHERD_SCATTER_VALUE for types whose values cannot be written exactly.
 */
export function writeTuples(
  columns: readonly RawColumn[],
  rows: readonly RawRow[],
  partials: readonly ShippedColumn[],
): readonly string[] {
  const writers = partials.map(({ value, collation }) => {
    const column = columns[value]
    if (column === undefined)
      throw new SherdError('SHERD_INTERNAL', { message: 'A partial column was not read.' })
    return writerOf(column, collation === undefined ? undefined : collationIn(rows, collation))
  })
  return rows.map((row) => {
    const cells = partials.map(({ value }, index) => writers[index]?.(row[value] ?? null) ?? 'NULL')
    return `(${cells.join(', ')})`
  })
}

/** The tuples as a list of rows for a server of this version: MySQL 8 wants ROW before each; MariaDB and SQLite do not know it. */
export function writeValues(tuples: readonly string[], version: string): string {
  const isMysql = version !== '' && !/mariadb/iu.test(version)
  return `VALUES ${tuples.map((tuple) => (isMysql ? `ROW${tuple}` : tuple)).join(', ')}`
}

function collationIn(rows: readonly RawRow[], cell: number): string | undefined {
  const name = rows[0]?.[cell]
  return typeof name === 'string' ? name : undefined
}

function writerOf(column: RawColumn, collation: string | undefined): CellWriter {
  const write = writeText(column, collation)
  // A bare NULL is signed, and together with unsigned integers it makes the server (MariaDB 10.11) take DECIMAL for both.
  const none = column.type === 'integer' && column.isUnsigned ? 'CAST(NULL AS UNSIGNED)' : 'NULL'
  return (cell) => (typeof cell === 'string' ? write(cell) : none)
}

function writeText(column: RawColumn, collation: string | undefined): (text: string) => string {
  const { decimals, length, isUnsigned } = column
  switch (column.type) {
    case 'integer':
      return (text) => `CAST(${text} AS ${isUnsigned ? 'UNSIGNED' : 'SIGNED'})`
    case 'decimal': {
      // The length counts the sign and the point: https://mariadb.com/kb/en/result-set-packets/
      const digits = Math.min(65, length - (isUnsigned ? 0 : 1) - (decimals > 0 ? 1 : 0))
      return (text) => `CAST('${text}' AS DECIMAL(${digits},${decimals}))`
    }
    case 'double':
      if (!column.isExact) throw refuseShipping(column)
      return (text) => (text.includes('e') ? text : `${text}e0`)
    case 'date':
      return (text) => `DATE'${text}'`
    case 'datetime':
    case 'timestamp':
      return (text) => `TIMESTAMP'${text}'`
    case 'time':
      return (text) => `TIME'${text}'`
    case 'string':
      return writeString(collation)
    case 'binary':
      return (text) => `_binary x'${toHex(text)}'`
    case 'null':
      return () => 'NULL'
    case 'float':
    case 'year':
    case 'bit':
    case 'enum':
    case 'json':
    case 'any':
    case 'other':
      throw refuseShipping(column)
  }
}

function writeString(collation: string | undefined): (text: string) => string {
  if (collation === undefined || !/^[a-z0-9]+(?:_[a-z0-9]+)*$/u.test(collation))
    return (text) => `_utf8mb4 x'${toHex(text)}'`
  const charset = collation.split('_')[0]
  if (charset === 'utf8mb4') return (text) => `_utf8mb4 x'${toHex(text)}' COLLATE ${collation}`
  return (text) => `CONVERT(_utf8mb4 x'${toHex(text)}' USING ${charset}) COLLATE ${collation}`
}

function toHex(bytes: string): string {
  return Buffer.from(bytes, 'latin1').toString('hex')
}

const names: Partial<Record<RawColumn['type'], string>> = {
  float: 'a FLOAT, which the server rounds when it sends it',
  double: 'a DOUBLE with fixed decimals, which the server rounds when it sends it',
  year: 'a YEAR',
  bit: 'a BIT',
  enum: 'an ENUM or SET',
  json: 'a JSON value',
}

function refuseShipping({ type }: RawColumn): SherdError {
  return new SherdError('SHERD_SCATTER_VALUE', {
    message: `The statement groups by or computes with ${names[type] ?? 'a value of a type that sherd does not copy'}, and its shards are on several servers.`,
    remedy: 'Use the column + 0, or CAST(column AS CHAR), in the statement.',
  })
}
