import { SherdError } from '../errors/sherd-error.ts'
import type { RawCell } from './raw-rows.ts'

const minInteger = -(2n ** 63n)
const maxInteger = 2n ** 63n - 1n

/**
 * Values as libsql may bind them. It must never see anything else: libsql 0.5.29 aborts the whole process
 * on a boolean. Whole numbers become integers, as the same digits in the text would be; libsql alone
 * would bind 42 as 42.0, which a TEXT column stores as '42.0'.
 */
export function bindValues(values: readonly unknown[]): unknown[] {
  return values.map(bindValue)
}

function bindValue(value: unknown, index: number): unknown {
  switch (typeof value) {
    case 'number':
      return Number.isSafeInteger(value) && !Object.is(value, -0) ? BigInt(value) : value
    case 'string':
      // libsql reads text up to the first NUL only, so such a value would come back shorter than it was.
      if (value.includes('\0')) throw unfit(index, 'a text with a NUL character')
      return value
    case 'bigint':
      if (value < minInteger || value > maxInteger) throw unfit(index, 'an integer beyond 64 bits')
      return value
    case 'undefined':
      return null
    case 'object':
      if (value === null || value instanceof Uint8Array) return value
      throw unfit(index, value instanceof Date ? 'a date' : 'an object')
    default:
      throw unfit(index, `a ${typeof value}`)
  }
}

function unfit(index: number, what: string): SherdError {
  return new SherdError('SHERD_SQLITE_VALUE', {
    message: `Parameter ${index + 1} is ${what}, which SQLite cannot hold.`,
  })
}

/** A cell as the caller gets it: integers as number when that is exact, else bigint; blobs as Buffer. */
export function readCell(cell: unknown): unknown {
  if (typeof cell === 'bigint') {
    const number = Number(cell)
    return Number.isSafeInteger(number) ? number : cell
  }
  return cell instanceof ArrayBuffer ? Buffer.from(cell) : cell
}

/** A cell as it is stored: INTEGER as bigint, REAL as number, so that they can be written again as what they are. */
export function readRaw(cell: unknown): RawCell {
  // libsql gives a string, a number, a bigint, an ArrayBuffer or null: https://www.sqlite.org/datatype3.html#storage_classes_and_datatypes
  return cell instanceof ArrayBuffer ? Buffer.from(cell) : (cell as RawCell)
}

/** A value as a literal of SQLite's SQL: https://www.sqlite.org/lang_expr.html#literal_values_constants_ */
export function writeLiteral(value: unknown, index = 0): string {
  const bound = bindValue(value, index)
  if (bound === null) return 'NULL'
  if (typeof bound === 'string') return `'${bound.replaceAll("'", "''")}'`
  if (typeof bound === 'bigint') return String(bound)
  if (bound instanceof Uint8Array) return `X'${Buffer.from(bound).toString('hex')}'`
  // Only numbers that are no safe integers are left: 1.5, 1e300, -0, NaN, Infinity.
  const number = bound as number
  if (Number.isNaN(number)) return 'NULL'
  if (!Number.isFinite(number)) return number > 0 ? '9e999' : '-9e999'
  return Object.is(number, -0) ? '-0.0' : writeReal(number)
}

/** Digits alone would be an integer, and one beyond 64 bits at that. */
function writeReal(number: number): string {
  const digits = String(number)
  return /[.e]/u.test(digits) ? digits : `${digits}.0`
}
