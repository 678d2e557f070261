import type { RawCell } from '../drivers/raw-rows.ts'
import type { KeyValue } from './compare-keys.ts'

/** Longest text of digits, with its sign, that a number holds exactly. */
const exactDigits = 15

/** A whole number, exact at any size; JavaScript compares number and bigint by value. */
export function readInteger(cell: RawCell): KeyValue {
  if (typeof cell !== 'string') return null
  return cell.length <= exactDigits ? Number(cell) : BigInt(cell)
}

/** A DECIMAL by its digits: all values of a column have the same number of decimals. */
export function readDecimal(cell: RawCell): KeyValue {
  return typeof cell === 'string' ? readInteger(cell.replace('.', '')) : null
}

/** `-838:59:59.000000` in microseconds, which a number holds. */
export function readTime(cell: RawCell): KeyValue {
  if (typeof cell !== 'string') return null
  const isNegative = cell.startsWith('-')
  const [hours = '', minutes = '', seconds = ''] = cell.slice(isNegative ? 1 : 0).split(':')
  const [whole = '', fraction = ''] = seconds.split('.')
  const sum = (Number(hours) * 60 + Number(minutes)) * 60 + Number(whole)
  const microseconds = sum * 1_000_000 + Number(fraction.padEnd(6, '0'))
  return isNegative ? -microseconds : microseconds
}

/** The bytes of a BIT as the number they are. */
export function readBits(cell: RawCell): KeyValue {
  if (typeof cell !== 'string') return null
  let bits = 0n
  for (let at = 0; at < cell.length; at++) bits = (bits << 8n) | BigInt(cell.charCodeAt(at))
  return bits
}

/**
 * A value of SQLite, which tells its own type: numbers come before text, text before blobs. Text is compared by its
 * UTF-8: BINARY as it is, NOCASE with A to Z made small, RTRIM without spaces at the end.
 * https://www.sqlite.org/datatype3.html#sort_order
 */
export function readLoose(isCaseless: boolean, isTrimmed: boolean): (cell: RawCell) => KeyValue {
  return (cell) => {
    if (cell instanceof Uint8Array) return `2${Buffer.from(cell).toString('latin1')}`
    if (typeof cell !== 'string') return cell
    const trimmed = isTrimmed ? cell.replace(/ +$/u, '') : cell
    const text = isCaseless ? trimmed.replaceAll(/[A-Z]/gu, (letter) => letter.toLowerCase()) : trimmed
    return `1${Buffer.from(text, 'utf8').toString('latin1')}`
  }
}
