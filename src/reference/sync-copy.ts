import type { RawRow } from '../drivers/raw-rows.ts'
import type { ServerSession } from '../engine/run-on-server.ts'
import type { ReferenceCopy } from '../topology/reference-copies.ts'
import { hasNews, readNewest, runIncrement } from './increment.ts'
import { noteFailure } from './note-failure.ts'
import { deleteBlocked, fenced } from './reference-errors.ts'
import { holdCopy, readSourceClock, type Round, startRound, type TableRound, withSessions } from './round.ts'
import { readStatus, type StatusRow } from './status-row.ts'
import { compared, runSweep, type SweepResult, takeSnapshot } from './sweep.ts'
import type { ReferenceContext, SyncOptions, SyncReport } from './sync-context.ts'
import { describeSyncedTable } from './synced-table.ts'
import { quoteName } from '../sql/quote-name.ts'

/**
 * One round for one copy: the rest of its first snapshot, or what has changed since the last round. As many batches as there
 * are, each of them a transaction. Throws SHERD_REFERENCE_FENCED, SHERD_REFERENCE_DEFINITION, SHERD_REFERENCE_BLOCKED,
 * SHERD_REFERENCE_CONFLICT, the reason of the signal, and errors of the servers; what was committed before stays and is not done again.
 */
export async function syncCopy(
  context: ReferenceContext,
  copy: ReferenceCopy,
  options: SyncOptions,
): Promise<SyncReport> {
  const round = startRound(context, copy, options)
  try {
    const kind = await runRound(round)
    if (round.tally.blocked > 0) throw deleteBlocked(copy, round.tally.blocked)
    const { batches, inserted, updated, deleted } = round.tally
    const place = { table: copy.table.table, shard: copy.shard.name }
    return { ...place, kind, batches, inserted, updated, deleted, isComplete: true }
  } catch (error) {
    await noteFailure(round, error)
    throw error
  }
}

type Seen =
  | { readonly kind: 'nothing' }
  | { readonly kind: 'work'; readonly status: StatusRow | undefined; readonly round: TableRound }

async function runRound(round: Round): Promise<SyncReport['kind']> {
  const seen = await withSessions(round, (source, target) => look(round, source, target))
  if (seen.kind === 'nothing') return 'nothing'
  const { status, round: tableRound } = seen
  if (status?.isComplete !== true) {
    await fill(tableRound, status)
    return 'snapshot'
  }
  if (status.definition !== tableRound.table.digest) {
    await startAnew(tableRound)
    await compareAll(tableRound, undefined)
    return 'compare'
  }
  if (usesCursor(tableRound)) {
    await runIncrement(tableRound)
    return 'increment'
  }
  await compareAll(tableRound, status.progress.sweep?.after)
  return 'compare'
}

/** A round in which nothing happened ends here, after one question to each side. */
async function look(round: Round, source: ServerSession, target: ServerSession): Promise<Seen> {
  const { context, copy, options } = round
  options.signal?.throwIfAborted()
  const status = await readStatus(context.door, target, copy)
  if (status !== undefined && status.fence > options.fence) throw fenced(copy, status.fence)
  const { cursor } = copy.table
  const { watermark, isSettled } = status?.progress ?? {}
  if (
    context.door.dialect === 'mysql' &&
    status?.isComplete === true &&
    cursor !== undefined &&
    watermark !== undefined &&
    isSettled === true &&
    // A round without trouble takes the trouble of an earlier one out of the status row.
    status.lastError === undefined &&
    !(await hasNews(context.door, source, placeOfSource(copy), cursor, watermark))
  )
    return { kind: 'nothing' }
  const table = await describeSyncedTable(context.door, copy, source, target)
  return { kind: 'work', status, round: { ...round, table } }
}

function placeOfSource({ source, table }: ReferenceCopy): string {
  return `${quoteName(source.server.primary.database ?? source.name, 'mysql')}.${quoteName(table.table, 'mysql')}`
}

/** Reads of SQLite are cheap, its dates have no one form, and no commit is late: all its rounds compare. */
function usesCursor({ context, table }: TableRound): boolean {
  return table.cursor !== undefined && context.door.dialect === 'mysql'
}

/** The first filling: snapshot, then what changed meanwhile, then a comparison, and only then the copy is complete. */
async function fill(round: TableRound, status: StatusRow | undefined): Promise<void> {
  const isSame = status?.definition === round.table.digest
  const sweep = isSame ? status.progress.sweep : undefined
  if (sweep === undefined) await begin(round)
  if (sweep?.kind !== 'confirm') await takeSnapshot(round, sweep?.after)
  if (usesCursor(round)) await runIncrement(round)
  const result = await runSweep(round, sweep?.kind === 'confirm' ? sweep.after : undefined, 'confirm', true)
  // A row that could not be taken away would be read as if it were there.
  if (round.tally.blocked === 0) await finish(round, result)
}

/** Remembers where the source stood before any row was copied. */
async function begin(round: TableRound): Promise<void> {
  await holdCopy(round, async ({ source }) => {
    const start = usesCursor(round) ? await readNewest(round, source) : undefined
    const progress = { ...(start === undefined ? {} : { start }), sweep: { kind: 'snapshot' as const } }
    return { status: { progress, definition: round.table.digest }, answer: undefined }
  })
}

/**
 * Another definition, source or cursor: what was reached says nothing of it. The new watermark is where the source stands before
 * all is compared; if that does not come to its end, the next round starts here again.
 */
async function startAnew(round: TableRound): Promise<void> {
  await holdCopy(round, async ({ source, status }) => {
    const { now } = await readSourceClock(round, source)
    const watermark = usesCursor(round) ? await readNewest(round, source) : undefined
    const { watermark: _old, ...rest } = status.progress
    const progress = {
      ...rest,
      ...(watermark === undefined ? {} : { watermark }),
      changedAt: now,
      isSettled: false,
    }
    return { status: { ...status, progress }, answer: undefined }
  })
}

async function finish(round: TableRound, result: SweepResult): Promise<void> {
  await holdCopy(round, async ({ source, status }) => {
    const { now, position } = await readSourceClock(round, source)
    const noted = { syncedAt: now, sourcePosition: position, lastError: undefined, errorAt: undefined }
    return {
      status: { ...compared(status, now, result, round.tally.blocked === 0), ...noted, isComplete: true },
      answer: undefined,
    }
  })
}

/** A comparison of everything, repaired, as a round of its own. */
export async function compareAll(round: TableRound, from: RawRow | undefined): Promise<SweepResult> {
  const result = await runSweep(round, from, 'compare', true)
  await holdCopy(round, async ({ source, status }) => {
    const { now, position } = await readSourceClock(round, source)
    const noted = { syncedAt: now, sourcePosition: position, lastError: undefined, errorAt: undefined }
    return {
      status: {
        ...compared(status, now, result, round.tally.blocked === 0),
        ...noted,
        definition: round.table.digest,
      },
      answer: undefined,
    }
  })
  return result
}
