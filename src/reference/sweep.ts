import type { RawRow } from '../drivers/raw-rows.ts'
import { compareChunk } from './compare-chunk.ts'
import type { KeyRange } from './key-conditions.ts'
import { reconcileRange } from './reconcile.ts'
import { holdCopy, type TableRound } from './round.ts'
import type { Progress, StatusRow, Sweep } from './status-row.ts'

/** What a walk over the whole table found. */
export interface SweepResult {
  readonly chunks: number
  readonly differences: number
  readonly differingChunks: readonly { readonly chunk: number; readonly differences: number }[]
  /** Rows of the source. */
  readonly rows: number
}

/** The place of a sweep is written once for so many chunks that were equal. */
const chunksBetweenNotes = 10
const maxToldChunks = 1_000

/** Fills the copy from the place where an earlier process stopped. */
export async function takeSnapshot(round: TableRound, from: RawRow | undefined): Promise<void> {
  let after = from
  for (;;) {
    const { next } = await reconcileRange(round, rangeAfter(after), (reached, { progress }) => ({
      progress:
        reached === undefined ? follow(progress) : withSweep(progress, { kind: 'snapshot', after: reached }),
    }))
    if (next === undefined) return
    after = next
  }
}

/**
 * Compares the whole table: from where an earlier sweep stopped to the end, then from the beginning to there.
 * `kind`: under which the place is remembered; absent: nothing is, as when differences are only counted.
 */
export async function runSweep(
  round: TableRound,
  from: RawRow | undefined,
  kind: Sweep['kind'] | undefined,
  isRepairing: boolean,
): Promise<SweepResult> {
  const found: Found = { chunks: 0, differences: 0, differingChunks: [], rows: 0, sinceNote: 0 }
  await walk(round, rangeAfter(from), kind, isRepairing, found)
  // A first comparison saw what is before its place already.
  if (from !== undefined && kind !== 'confirm') await walk(round, { upTo: from }, kind, isRepairing, found)
  return found
}

interface Found {
  chunks: number
  differences: number
  differingChunks: { readonly chunk: number; readonly differences: number }[]
  rows: number
  sinceNote: number
}

async function walk(
  round: TableRound,
  segment: KeyRange,
  kind: Sweep['kind'] | undefined,
  isRepairing: boolean,
  found: Found,
): Promise<void> {
  let range = segment
  for (;;) {
    const { next, differences, rows } = await compareChunk(round, range, isRepairing)
    found.chunks++
    found.differences += differences
    found.rows += rows
    if (differences > 0 && found.differingChunks.length < maxToldChunks)
      found.differingChunks.push({ chunk: found.chunks, differences })
    if (next === undefined) return
    if (kind !== undefined) await notePlace(round, kind, next, found)
    range = { ...segment, after: next }
  }
}

async function notePlace(round: TableRound, kind: Sweep['kind'], after: RawRow, found: Found): Promise<void> {
  found.sinceNote++
  if (found.sinceNote < chunksBetweenNotes) return
  found.sinceNote = 0
  await holdCopy(round, async ({ status }) => ({
    status: { progress: withSweep(status.progress, { kind, after }) },
    answer: undefined,
  }))
}

function withSweep(progress: Progress, sweep: Sweep | undefined): Progress {
  const { sweep: _old, ...rest } = progress
  return sweep === undefined ? rest : { ...rest, sweep }
}

/** From the end of a snapshot on: whatever changed after its beginning comes by increments. */
function follow({ start, ...progress }: Progress): Progress {
  return withSweep({ ...progress, ...(start === undefined ? {} : { watermark: start }) }, { kind: 'confirm' })
}

/** What a status row says after a sweep over everything. */
export function compared(
  { progress }: StatusRow,
  now: string,
  { rows, differences }: SweepResult,
  isEqual: boolean,
): Partial<StatusRow> {
  return { progress: withSweep(progress, undefined), comparedAt: now, rows, differences, isEqual }
}

function rangeAfter(after: RawRow | undefined): KeyRange {
  return after === undefined ? {} : { after }
}
