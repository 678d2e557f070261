import type { RawCell, RawColumn, RawRow } from '../drivers/raw-rows.ts'
import { SherdError } from '../errors/sherd-error.ts'
import type { SortKey } from '../plan/scatter-plan.ts'
import { type CollationFacts, hasLevels } from './collations.ts'
import type { KeyValue } from './compare-keys.ts'
import { readBits, readDecimal, readInteger, readLoose, readTime } from './read-key.ts'

/** One term of ORDER BY, ready to be read from raw rows and compared. */
export interface SortTerm {
  readonly cell: number
  readonly read: (cell: RawCell) => KeyValue
  readonly isDescending: boolean
  /** Whether NULL comes before everything else in the answer. */
  readonly isNullFirst: boolean
  /** Weight of a space, where shorter strings compare as if spaces followed. */
  readonly space?: string
}

/** What servers say about the strings and times of an order. */
export interface OrderFacts {
  readonly collations: ReadonlyMap<string, CollationFacts>
  /** Bytes of a string that ORDER BY looks at: `max_sort_length`. */
  readonly maxSortBytes: number
  /** False when clocks of the session's time zone are turned back once a year. */
  readonly isZoneSteady: boolean
}

/**
 * The term of a sort key: which raw column decides, and how its values compare exactly as on the server. `rows` are
 * some raw rows, the first of each shard at least: they tell the collation. Throws SHERD_SCATTER_VALUE.
 */
export function makeTerm(
  key: SortKey,
  columns: readonly RawColumn[],
  rows: readonly RawRow[],
  facts: OrderFacts,
): SortTerm {
  const column = columns[key.value]
  if (column === undefined)
    throw new SherdError('SHERD_INTERNAL', { message: 'A sort key names a column that was not read.' })
  const order = { isDescending: key.isDescending, isNullFirst: isNullFirst(key) }
  if (column.type === 'string' || column.type === 'json')
    return { ...order, ...readStrings(key, rows, facts) }
  return { ...order, cell: key.value, read: readerOf(column, key, rows, facts) }
}

function isNullFirst({ nulls, isDescending }: SortKey): boolean {
  return nulls === undefined ? !isDescending : nulls === 'first'
}

function readerOf(
  column: RawColumn,
  key: SortKey,
  rows: readonly RawRow[],
  { maxSortBytes, isZoneSteady }: OrderFacts,
): SortTerm['read'] {
  switch (column.type) {
    case 'integer':
    case 'year':
      return readInteger
    case 'decimal':
      return readDecimal
    case 'float':
    case 'double':
      if (!column.isExact)
        throw refuseOrder(
          'by a FLOAT, or a DOUBLE with fixed decimals, which the server rounds when it sends it',
          'Order by the column + 0e0.',
        )
      return Number
    case 'date':
    case 'datetime':
    case 'timestamp':
      if (column.type === 'timestamp' && !isZoneSteady)
        throw refuseOrder(
          'by a TIMESTAMP in a time zone that has summer time, where one text stands for two moments',
          'Order by UNIX_TIMESTAMP(column), or set the time_zone of the session to an offset such as +00:00.',
        )
      return (cell) => (typeof cell === 'string' ? cell : null)
    case 'time':
      return readTime
    case 'bit':
      return readBits
    case 'binary':
      return (cell) => (typeof cell === 'string' ? cell.slice(0, maxSortBytes) : null)
    case 'null':
      return () => null
    case 'any':
      return readLoose(isAlways(key.caseless, rows), isAlways(key.trimmed, rows))
    case 'enum':
      throw refuseOrder(
        'by an ENUM or SET, which the server orders by the number of the word',
        'Order by the column + 0, or by CAST(column AS CHAR).',
      )
    case 'string':
    case 'json':
    case 'other':
      throw refuseOrder(
        'by a column of a type that sherd does not compare',
        'Order by another column, or by an expression of a plain type.',
      )
  }
}

/** Strings are compared by the weights that the server gives them, never by themselves. */
function readStrings(
  { value, weight, collation }: SortKey,
  rows: readonly RawRow[],
  { collations, maxSortBytes }: OrderFacts,
): Pick<SortTerm, 'cell' | 'read' | 'space'> {
  if (weight === undefined || collation === undefined)
    throw refuseOrder(
      'by a string whose collation is not known',
      'Order by a column instead of an expression.',
    )
  const name = collationOf(rows, collation)
  const facts = name === undefined ? undefined : collations.get(name)
  // Without a row there is nothing to compare.
  const space = facts?.isPadded === true ? { space: facts.space } : {}
  if (name !== undefined && hasLevels(name))
    throw refuseOrder(
      `by the collation ${name}, whose weights have several levels`,
      'Order by the column COLLATE utf8mb4_bin, or by a collation that ignores accents and case alike.',
    )
  return {
    cell: facts === undefined ? value : weight,
    read: (cell) => (typeof cell === 'string' ? cell.slice(0, maxSortBytes) : null),
    ...space,
  }
}

/** The collation that all rows have. Throws where shards differ. */
export function collationOf(rows: readonly RawRow[], cell: number): string | undefined {
  const names = new Set(rows.map((row) => row[cell]))
  const [name] = names
  if (names.size > 1)
    throw refuseOrder(
      'by a string whose collation differs between logical shards',
      'Give the column one collation on all logical shards.',
    )
  return typeof name === 'string' ? name : undefined
}

function isAlways(cell: number | undefined, rows: readonly RawRow[]): boolean {
  return cell !== undefined && rows.every((row) => row[cell] === null || row[cell] === 1 || row[cell] === 1n)
}

export function refuseOrder(how: string, remedy: string): SherdError {
  return new SherdError('SHERD_SCATTER_VALUE', {
    message: `The answer of several logical shards cannot be ordered ${how}.`,
    remedy,
  })
}
