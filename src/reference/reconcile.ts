import type { RawRow } from '../drivers/raw-rows.ts'
import { fitRows } from './fit-rows.ts'
import type { KeyRange } from './key-conditions.ts'
import { type HeldCopy, rowsOf, type TableRound } from './round.ts'
import { runBatch } from './run-batch.ts'
import type { StatusRow } from './status-row.ts'
import { keyOf, selectByKeys, selectRange, selectSizes } from './table-text.ts'

/** Brings the rows of these keys up to date with the source, whatever the two sides have. Gives how many changed. */
export async function reconcileKeys(round: TableRound, keys: readonly RawRow[]): Promise<number> {
  const { table, context } = round
  const read = (held: HeldCopy, side: 'source' | 'copy'): Promise<readonly RawRow[]> =>
    rowsOf(side === 'source' ? held.source : held.target, selectByKeys(context.door, table, keys, side))
  const { changed } = await runBatch(round, async (held) => ({
    source: await read(held, 'source'),
    readCopies: () => read(held, 'copy'),
    answer: undefined,
  }))
  return changed
}

/** What a batch over a range did. */
export interface RangeBatch {
  /** Key of the last row that was looked at; absent when the range is done. */
  readonly next: RawRow | undefined
  readonly changed: number
  /** Rows of the source in it. */
  readonly rows: number
}

/** Brings the next batch of rows of a range up to date. `status` is what the status row is then. */
export async function reconcileRange(
  round: TableRound,
  range: KeyRange,
  status: (next: RawRow | undefined, before: StatusRow) => Partial<StatusRow> | undefined,
): Promise<RangeBatch> {
  const { answer, changed } = await runBatch(round, async (held) => {
    const { source, copies, next } = await readRange(round, held, range)
    const readAgain = (): Promise<readonly RawRow[]> =>
      rowsOf(held.target, selectRange(round.context.door, round.table, 'copy', { ...range, ...upTo(next) }))
    let first: readonly RawRow[] | undefined = copies
    return {
      source,
      readCopies: () => {
        const given = first
        first = undefined
        return given === undefined ? readAgain() : Promise.resolve(given)
      },
      advance: () => status(next, held.status),
      answer: { next, rows: source.length },
    }
  })
  return { ...answer, changed }
}

/** Rows of both sides up to the same key, at most a batch of the source's and two of the copy's. */
export async function readRange(
  round: TableRound,
  { source, target }: HeldCopy,
  range: KeyRange,
): Promise<{
  readonly source: readonly RawRow[]
  readonly copies: readonly RawRow[]
  readonly next: RawRow | undefined
}> {
  const { table, context, limits } = round
  const { door } = context
  const limit = await fitRows(round, source, (rows) => selectSizes(door, table, range, rows))
  const rows = await rowsOf(source, selectRange(door, table, 'source', range, limit))
  const next = rows.length < limit ? undefined : lastKey(round, rows)
  const most = 2 * limits.batchRows
  const copies = await rowsOf(target, selectRange(door, table, 'copy', { ...range, ...upTo(next) }, most))
  if (copies.length < most) return { source: rows, copies, next }
  // Many rows that the source has not: a shorter range, of which the server says what is in it.
  const end = lastKey(round, copies)
  const fewer = await rowsOf(source, selectRange(door, table, 'source', { ...range, ...upTo(end) }))
  return { source: fewer, copies, next: end }
}

function lastKey({ table }: TableRound, rows: readonly RawRow[]): RawRow | undefined {
  const row = rows.at(-1)
  return row === undefined ? undefined : keyOf(table, row)
}

function upTo(next: RawRow | undefined): KeyRange {
  return next === undefined ? {} : { upTo: next }
}
