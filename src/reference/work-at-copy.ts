import { events, type ReferenceEvent } from '../observe/events.ts'
import type { ReferenceCopy } from '../topology/reference-copies.ts'
import { compareCopy } from './compare-copy.ts'
import { type CopyLocks, holdLock } from './hold-lock.ts'
import type { CompareReport, ReferenceContext, SyncOptions, SyncReport } from './sync-context.ts'
import { syncCopy } from './sync-copy.ts'

/** What all work at copies needs. */
export interface CopyWork extends CopyLocks {
  /** Made anew for each piece of work, so that it follows a reload. */
  readonly context: () => ReferenceContext
}

/** One round under the lock of the copy, told to those who listen; undefined when somebody else holds it. */
export function syncUnderLock(
  work: CopyWork,
  copy: ReferenceCopy,
  signal?: AbortSignal,
): Promise<SyncReport | undefined> {
  return holdLock(work, copy, signal, (options) => syncHeld(work, copy, options))
}

/** A comparison under the lock of the copy. */
export function compareUnderLock(
  work: CopyWork,
  copy: ReferenceCopy,
  repair: boolean,
  signal?: AbortSignal,
): Promise<CompareReport | undefined> {
  return holdLock(work, copy, signal, (options) => compareHeld(work, copy, repair, options))
}

/** A round of whoever holds the lock. */
export function syncHeld(work: CopyWork, copy: ReferenceCopy, options: SyncOptions): Promise<SyncReport> {
  return tell(copy, 'sync', async () => {
    const report = await syncCopy(work.context(), copy, options)
    const { kind, inserted, updated, deleted } = report
    return { report, told: { round: kind, inserted, updated, deleted } }
  })
}

/** A comparison of whoever holds the lock. */
export function compareHeld(
  work: CopyWork,
  copy: ReferenceCopy,
  repair: boolean,
  options: SyncOptions,
): Promise<CompareReport> {
  return tell(copy, 'compare', async () => {
    const report = await compareCopy(work.context(), copy, { ...options, repair })
    const { differences, inserted, updated, deleted } = report
    return { report, told: { differences, inserted, updated, deleted } }
  })
}

interface Told<Report> {
  readonly report: Report
  readonly told: Partial<ReferenceEvent>
}

async function tell<Report>(
  { table, shard }: ReferenceCopy,
  action: ReferenceEvent['action'],
  run: () => Promise<Told<Report>>,
): Promise<Report> {
  const place = { action, table: table.table, shard: shard.name, server: shard.server.id }
  try {
    const { report, told } = await run()
    events.reference.publish({ ...place, ...told })
    return report
  } catch (error) {
    events.reference.publish({ ...place, error })
    throw error
  }
}
