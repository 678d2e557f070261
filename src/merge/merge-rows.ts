import type { RawColumn, RawRow } from '../drivers/raw-rows.ts'
import { SherdError } from '../errors/sherd-error.ts'
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

/**
 * The raw columns. Those of `values` must be of the same types on all shards that gave rows; of an empty table the server
 * may tell others, and of a weight or a collation beside them, which is told of numbers too, each shard its own. Throws
 * SHERD_SCATTER_VALUE.
 */
export function requireSameColumns(
  parts: readonly Pick<ShardRows, 'columns' | 'raw'>[],
  values: readonly { readonly value: number }[],
): readonly RawColumn[] {
  const [first, ...others] = parts.filter(({ raw }) => raw.length > 0)
  const columns = (first ?? parts[0])?.columns ?? []
  for (const { columns: theirs } of others)
    for (const { value } of values) {
      const [column, other] = [columns[value], theirs[value]]
      if (other?.type !== column?.type || other?.decimals !== column?.decimals)
        throw refuseOrder(
          'by a column whose type differs between logical shards',
          'Bring the table to the same columns on all logical shards.',
        )
    }
  return columns
}

/** Columns without an alias may be named by a text that has the shard in it. Throws SHERD_SCATTER_VALUE. */
export function requireSameNames(all: readonly (readonly unknown[])[]): void {
  // Fields of every driver have a name.
  const names = all.map((fields) => (fields as readonly { name: string }[]).map(({ name }) => name))
  const [first = []] = names
  const at = first.findIndex((name, index) => names.some((own) => own[index] !== name))
  if (at === -1) return
  throw new SherdError('SHERD_SCATTER_VALUE', {
    message: `Column ${at + 1} of the answer has another name on each logical shard.`,
    remedy: 'Give the expression an alias.',
  })
}
