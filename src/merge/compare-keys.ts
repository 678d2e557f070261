import type { RawRow } from '../drivers/raw-rows.ts'
import type { SortTerm } from './sort-terms.ts'

/** A value of a sort key in a form whose order is the server's. Strings have one character for each byte. */
export type KeyValue = number | bigint | string | null

/** The values of a row for all terms. */
export function readKeys(terms: readonly SortTerm[], raw: RawRow): readonly KeyValue[] {
  const keys: KeyValue[] = []
  for (const { cell, read } of terms) {
    const value = raw[cell] ?? null
    keys.push(value === null ? null : read(value))
  }
  return keys
}

/** Negative when the first row comes before the second, 0 when the order does not tell. */
export function compareKeys(
  terms: readonly SortTerm[],
  one: readonly KeyValue[],
  other: readonly KeyValue[],
): number {
  for (let index = 0; index < terms.length; index++) {
    const term = terms[index]
    if (term === undefined) break
    const a = one[index] ?? null
    const b = other[index] ?? null
    if (a === b) continue
    if (a === null || b === null) return (a === null) === term.isNullFirst ? -1 : 1
    const order = compareValues(a, b, term.space)
    if (order !== 0) return term.isDescending ? -order : order
  }
  return 0
}

function compareValues(
  a: number | bigint | string,
  b: number | bigint | string,
  space: string | undefined,
): number {
  if (typeof a === 'string' && typeof b === 'string') {
    if (space !== undefined) return comparePadded(a, b, space)
    return a < b ? -1 : 1
  }
  // Only SQLite mixes them in one column: numbers come first.
  if (typeof a === 'string') return 1
  if (typeof b === 'string') return -1
  return a < b ? -1 : a > b ? 1 : 0
}

/** Weights, the shorter as if spaces followed without end. Weights of characters are whole multiples of a space's length. */
function comparePadded(a: string, b: string, space: string): number {
  const shared = Math.min(a.length, b.length)
  for (let at = 0; at < shared; at++) {
    const difference = a.charCodeAt(at) - b.charCodeAt(at)
    if (difference !== 0) return difference
  }
  const [rest, sign] = a.length > b.length ? [a, 1] : [b, -1]
  for (let at = shared; at < rest.length; at++) {
    const difference = rest.charCodeAt(at) - space.charCodeAt((at - shared) % space.length)
    if (difference !== 0) return difference * sign
  }
  return 0
}
