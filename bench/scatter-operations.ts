import { customerCount, orderCount } from './orders.ts'

/** A row as mysql2 gives it. */
export type OrderRow = Readonly<Record<string, unknown>>

/** One kind of read, as one database is asked and as somebody fans it out by hand. */
export interface Operation {
  readonly name: string
  /** Numbers for its markers; they are keys of the table when `isByKey`. */
  readonly values: (position: number) => readonly number[]
  /** Keys lead to some of the shards; without them all are asked. */
  readonly isByKey: boolean
  readonly write: (table: string, values: readonly number[]) => string
  /** What a shard is asked, where that is something else. */
  readonly writePart?: (table: string) => string
  /** The answer from the rows of all shards; without it they are the answer. */
  readonly merge?: (rows: readonly OrderRow[]) => readonly OrderRow[]
}

const columns = 'id, customer_id, cents, note'
const none = (): readonly number[] => []

export const operations: readonly Operation[] = [
  {
    name: 'point select',
    values: (position) => [idAt(position)],
    isByKey: true,
    write: (table) => `SELECT ${columns} FROM ${table} WHERE id = ?`,
  },
  {
    name: 'IN of 10 keys',
    values: (position) => Array.from({ length: 10 }, (_, i) => idAt(position * 10 + i)),
    isByKey: true,
    write: (table, ids) => `SELECT ${columns} FROM ${table} WHERE id IN (${ids.map(() => '?').join(', ')})`,
  },
  {
    name: 'look-up without key, index',
    values: (position) => [idAt(position) % customerCount],
    isByKey: false,
    write: (table) => `SELECT ${columns} FROM ${table} WHERE customer_id = ?`,
  },
  {
    name: 'COUNT(*)',
    values: none,
    isByKey: false,
    write: (table) => `SELECT COUNT(*) AS orders FROM ${table}`,
    merge: (rows) => [{ orders: sumOf(rows, 'orders') }],
  },
  {
    name: 'GROUP BY',
    values: none,
    isByKey: false,
    write: (table) =>
      `SELECT country, COUNT(*) AS orders, SUM(cents) AS cents FROM ${table} GROUP BY country`,
    merge: mergeCountries,
  },
  {
    name: 'AVG, MAX, MIN',
    values: none,
    isByKey: false,
    write: (table) => `SELECT AVG(cents) AS mean, MAX(cents) AS most, MIN(cents) AS least FROM ${table}`,
    writePart: (table) =>
      `SELECT SUM(cents) AS total, COUNT(cents) AS orders, MAX(cents) AS most, MIN(cents) AS least FROM ${table}`,
    merge: (rows) => [
      {
        mean: (sumOf(rows, 'total') / sumOf(rows, 'orders')).toFixed(4),
        most: Math.max(...rows.map(({ most }) => Number(most))),
        least: Math.min(...rows.map(({ least }) => Number(least))),
      },
    ],
  },
  {
    name: 'ORDER BY LIMIT 10, index',
    values: none,
    isByKey: false,
    write: (table) => `SELECT ${columns}, placed FROM ${table} ORDER BY placed LIMIT 10`,
    merge: (rows) => firstTen(rows, 'placed'),
  },
  {
    name: 'ORDER BY LIMIT 10, no index',
    values: none,
    isByKey: false,
    write: (table) => `SELECT ${columns}, shipped FROM ${table} ORDER BY shipped LIMIT 10`,
    merge: (rows) => firstTen(rows, 'shipped'),
  },
]

/** Keys in an order without a pattern, the same in each run: 4,801 shares no factor with 50,000. */
function idAt(position: number): number {
  return ((position * 4801) % orderCount) + 1
}

function sumOf(rows: readonly OrderRow[], column: string): number {
  return rows.reduce((sum, row) => sum + Number(row[column]), 0)
}

function firstTen(rows: readonly OrderRow[], column: string): readonly OrderRow[] {
  return rows.toSorted((a, b) => Number(a[column]) - Number(b[column])).slice(0, 10)
}

/** Right for these countries and sums only: others need the server's collation and more digits than a double has. */
function mergeCountries(rows: readonly OrderRow[]): readonly OrderRow[] {
  const groups = new Map<string, { orders: number; cents: number }>()
  for (const { country, orders, cents } of rows) {
    const group = groups.get(String(country)) ?? { orders: 0, cents: 0 }
    group.orders += Number(orders)
    group.cents += Number(cents)
    groups.set(String(country), group)
  }
  return [...groups].map(([country, { orders, cents }]) => ({ country, orders, cents: String(cents) }))
}
