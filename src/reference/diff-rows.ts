import type { RawRow } from '../drivers/raw-rows.ts'
import { identify } from './key-conditions.ts'
import type { SyncedTable } from './synced-table.ts'
import { keyOf } from './table-text.ts'

/** What makes rows of the copy equal to those of the source. */
export interface RowChanges {
  readonly inserts: readonly RawRow[]
  readonly updates: readonly RawRow[]
  /** Keys. */
  readonly deletes: readonly RawRow[]
}

/** Compares rows byte by byte, by their keys. Equal rows are in none of the lists. */
export function diffRows(
  table: SyncedTable,
  source: readonly RawRow[],
  copies: readonly RawRow[],
): RowChanges {
  const wanted = new Map(source.map((row) => [identify(keyOf(table, row)), row]))
  const updates: RawRow[] = []
  const deletes: RawRow[] = []
  for (const copied of copies) {
    const key = keyOf(table, copied)
    const id = identify(key)
    const row = wanted.get(id)
    if (row === undefined) deletes.push(key)
    else if (identify(row) !== identify(copied)) updates.push(row)
    wanted.delete(id)
  }
  return { inserts: [...wanted.values()], updates, deletes }
}

export function countChanges({ inserts, updates, deletes }: RowChanges): number {
  return inserts.length + updates.length + deletes.length
}
