import type { RawColumn, RawRow } from '../drivers/raw-rows.ts'
import { OrderedHeads } from './ordered-heads.ts'
import { refuseOrder, type SortTerm } from './sort-terms.ts'

/** All rows of one logical shard, in its order. */
export interface ShardRows {
  readonly fields: readonly unknown[]
  readonly columns: readonly RawColumn[]
  /** In the driver's own form, without the raw columns. */
  readonly rows: readonly unknown[]
  readonly raw: readonly RawRow[]
}

/** Rows of the answer that are left out at its beginning, and how many are given at most. */
export interface RowWindow {
  readonly offset: number
  readonly count: number
}

/** Puts the rows of all shards in one order; without terms one shard after the other. */
export function mergeRows(
  parts: readonly ShardRows[],
  terms: readonly SortTerm[],
  { offset, count }: RowWindow,
): readonly unknown[] {
  if (terms.length === 0) return parts.flatMap(({ rows }) => rows).slice(offset, offset + count)
  const heads = new OrderedHeads(terms)
  const next = parts.map(() => 0)
  const advance = (source: number): void => {
    const part = parts[source]
    const at = next[source] ?? 0
    const raw = part?.raw[at]
    if (part === undefined || raw === undefined) return
    next[source] = at + 1
    heads.add(source, part.rows[at], raw)
  }
  for (const source of parts.keys()) advance(source)
  const merged: unknown[] = []
  for (let taken = 0; taken < offset + count; taken++) {
    const head = heads.take()
    if (head === undefined) break
    if (taken >= offset) merged.push(head.row)
    advance(head.source)
  }
  return merged
}

/** The raw columns, which must be of the same types on all shards. Throws SHERD_SCATTER_VALUE. */
export function requireSameColumns(parts: readonly Pick<ShardRows, 'columns'>[]): readonly RawColumn[] {
  const [first, ...others] = parts
  const columns = first?.columns ?? []
  for (const { columns: theirs } of others)
    for (const [index, column] of columns.entries()) {
      const other = theirs[index]
      if (other?.type !== column.type || other.decimals !== column.decimals)
        throw refuseOrder(
          'by a column whose type differs between logical shards',
          'Bring the table to the same columns on all logical shards.',
        )
    }
  return columns
}
