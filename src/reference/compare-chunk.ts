import type { RawRow } from '../drivers/raw-rows.ts'
import type { ServerSession } from '../engine/run-on-server.ts'
import { countChanges, diffRows } from './diff-rows.ts'
import { identify, type KeyRange } from './key-conditions.ts'
import { readRange, reconcileKeys, reconcileRange } from './reconcile.ts'
import { cutList, holdCopy, rowsOf, type TableRound, withSessions } from './round.ts'
import { keyColumns, type Side, selectChecksum, selectChunkEnd, selectDigests } from './table-text.ts'

/** What a comparison of one chunk found. */
export interface ComparedChunk {
  /** The last key of the chunk; absent: it was the last one. */
  readonly next: RawRow | undefined
  readonly differences: number
  /** Rows of the source. */
  readonly rows: number
}

/** Compares the next chunk of a range. The first chunk begins below, and the last ends above, all keys of both sides. */
export async function compareChunk(
  round: TableRound,
  range: KeyRange,
  isRepairing: boolean,
): Promise<ComparedChunk> {
  if (round.context.door.dialect === 'sqlite') return compareRows(round, range, isRepairing)
  const seen = await withSessions(round, (source, target) => readChecksums(round, source, target, range))
  const { next, chunk, rows, copied, isEqual } = seen
  if (isEqual) return { next, differences: 0, rows }
  if (copied > 4 * round.limits.chunkRows) return compareRows(round, range, isRepairing)
  if (!isRepairing) return { next, differences: await countUnderLock(round, chunk), rows }
  const keys = await withSessions(round, async (source, target) =>
    differingKeys(
      round,
      await readDigests(round, source, 'source', chunk),
      await readDigests(round, target, 'copy', chunk),
    ),
  )
  let differences = 0
  for (const part of cutList(keys, batchSize(round))) differences += await reconcileKeys(round, part)
  return { next, differences, rows }
}

async function readChecksums(
  round: TableRound,
  source: ServerSession,
  target: ServerSession,
  range: KeyRange,
) {
  const { table, context, limits } = round
  const { door } = context
  const [next] = await rowsOf(source, selectChunkEnd(door, table, range, limits.chunkRows))
  const chunk = next === undefined ? range : { ...range, upTo: next }
  const [[one = []], [other = []]] = await Promise.all([
    rowsOf(source, selectChecksum(door, table, 'source', chunk)),
    rowsOf(target, selectChecksum(door, table, 'copy', chunk)),
  ])
  const isEqual = identify(one) === identify(other)
  return { next, chunk, rows: Number(one[0]), copied: Number(other[0]), isEqual }
}

/** SQLite has no checksum, and nothing between the two sides that a checksum could spare. */
async function compareRows(round: TableRound, range: KeyRange, isRepairing: boolean): Promise<ComparedChunk> {
  if (isRepairing) {
    const { next, changed, rows } = await reconcileRange(round, range, () => undefined)
    return { next, differences: changed, rows }
  }
  return holdCopy(round, async (held) => {
    const { source, copies, next } = await readRange(round, held, range)
    const differences = countChanges(diffRows(round.table, source, copies))
    return { answer: { next, differences, rows: source.length } }
  })
}

/** Under the lock of the status row, so that a batch on its way is not taken for a difference. */
function countUnderLock(round: TableRound, chunk: KeyRange): Promise<number> {
  return holdCopy(round, async ({ source, target }) => {
    const original = await readDigests(round, source, 'source', chunk)
    const copied = await readDigests(round, target, 'copy', chunk)
    return { answer: differingKeys(round, original, copied).length }
  })
}

function readDigests(
  { table, context }: TableRound,
  session: ServerSession,
  side: Side,
  chunk: KeyRange,
): Promise<readonly RawRow[]> {
  return rowsOf(session, selectDigests(context.door, table, side, chunk))
}

function differingKeys(
  { table }: TableRound,
  original: readonly RawRow[],
  copied: readonly RawRow[],
): readonly RawRow[] {
  const width = keyColumns(table).length
  const byKey = (rows: readonly RawRow[]): Map<string, RawRow> =>
    new Map(rows.map((row) => [identify(row.slice(0, width)), row]))
  const [one, other] = [byKey(original), byKey(copied)]
  const keys: RawRow[] = []
  for (const [id, row] of one) {
    const twin = other.get(id)
    if (twin === undefined || identify(twin) !== identify(row)) keys.push(row.slice(0, width))
    other.delete(id)
  }
  return [...keys, ...[...other.values()].map((row) => row.slice(0, width))]
}

/** Of wide rows so few that their bytes need no measuring. */
function batchSize({ table, limits }: TableRound): number {
  return table.isWide ? Math.max(1, Math.floor(limits.batchRows / 100)) : limits.batchRows
}
