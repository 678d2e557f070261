import { noteFailure } from './note-failure.ts'
import type { ReferenceCopy } from '../topology/reference-copies.ts'
import { deleteBlocked, fenced } from './reference-errors.ts'
import { holdCopy, readSourceClock, type Round, startRound, type TableRound, withSessions } from './round.ts'
import { readStatus, type StatusRow } from './status-row.ts'
import { runSweep, type SweepResult } from './sweep.ts'
import { compareAll } from './sync-copy.ts'
import type { CompareOptions, CompareReport, ReferenceContext } from './sync-context.ts'
import { describeSyncedTable } from './synced-table.ts'

/**
 * Compares a copy with its source, chunk by chunk, and repairs what differs. Without `repair` differences are counted, and
 * what was not synced yet is one. Goes on where an earlier call was stopped, and ends when every row was compared once.
 * Throws what `syncCopy` throws.
 */
export async function compareCopy(
  context: ReferenceContext,
  copy: ReferenceCopy,
  options: CompareOptions,
): Promise<CompareReport> {
  const round = startRound(context, copy, options)
  try {
    const result = await compare(round, options.repair)
    if (round.tally.blocked > 0) throw deleteBlocked(copy, round.tally.blocked)
    const { inserted, updated, deleted } = round.tally
    const { chunks, differences, differingChunks } = result
    const place = { table: copy.table.table, shard: copy.shard.name }
    return { ...place, chunks, differences, differingChunks, inserted, updated, deleted }
  } catch (error) {
    await noteFailure(round, error)
    throw error
  }
}

async function compare(round: Round, isRepairing: boolean): Promise<SweepResult> {
  const { context, copy, options } = round
  const { status, tableRound } = await withSessions(round, async (source, target) => {
    options.signal?.throwIfAborted()
    const before = await readStatus(context.door, target, copy)
    if (before !== undefined && before.fence > options.fence) throw fenced(copy, before.fence)
    const table = await describeSyncedTable(context.door, copy, source, target)
    return { status: before, tableRound: { ...round, table } }
  })
  if (isRepairing && status?.isComplete === true) return compareAll(tableRound, placeOf(status, tableRound))
  // Before the first snapshot is through its own place must not be lost.
  return countAll(tableRound, isRepairing)
}

function placeOf({ progress, definition }: StatusRow, { table }: TableRound) {
  return definition === table.digest && progress.sweep?.kind === 'compare' ? progress.sweep.after : undefined
}

async function countAll(round: TableRound, isRepairing: boolean): Promise<SweepResult> {
  const result = await runSweep(round, undefined, undefined, isRepairing)
  const { rows, differences } = result
  await holdCopy(round, async ({ source }) => {
    const { now } = await readSourceClock(round, source)
    const isEqual = isRepairing ? round.tally.blocked === 0 : differences === 0
    return { status: { comparedAt: now, rows, differences, isEqual }, answer: undefined }
  })
  return result
}
