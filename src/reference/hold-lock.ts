import { SherdError } from '../errors/sherd-error.ts'
import { keepHeld } from '../locks/keep-held.ts'
import type { Locks } from '../locks/lock.ts'
import type { ReferenceCopy } from '../topology/reference-copies.ts'
import type { SyncOptions } from './sync-context.ts'

/** The locks that order who works at a copy. */
export interface CopyLocks {
  readonly locks: Locks
  readonly leaseMs: number
}

/** The same in all processes: one lock for each copy. */
export function lockNameOf({ table, shard }: ReferenceCopy): string {
  return `sherd/reference/${table.table}/${shard.name}`
}

/**
 * Runs `work` while the lock of the copy is held; undefined when somebody else holds it. A number that the copy has outgrown,
 * as after the store of the locks lost its memory, is followed by one greater one.
 */
export async function holdLock<Report>(
  { locks, leaseMs }: CopyLocks,
  copy: ReferenceCopy,
  signal: AbortSignal | undefined,
  work: (options: SyncOptions) => Promise<Report>,
): Promise<Report | undefined> {
  const runOnce = async (fenceAbove: number): Promise<Report | undefined> => {
    signal?.throwIfAborted()
    const lock = await locks.acquire(lockNameOf(copy), { leaseMs, fenceAbove })
    if (lock === undefined) return undefined
    const kept = keepHeld(lock, { leaseMs, ...(signal === undefined ? {} : { signal }) })
    try {
      return await work({ fence: lock.fence, signal: kept.signal })
    } finally {
      // What was done is committed, and a lease that cannot be given back ends by itself.
      await kept.release().catch(() => false)
    }
  }
  try {
    return await runOnce(0)
  } catch (error) {
    const fence = fenceMet(error)
    if (fence === undefined) throw error
    return runOnce(fence)
  }
}

function fenceMet(error: unknown): number | undefined {
  const isFenced = error instanceof SherdError && error.code === 'SHERD_REFERENCE_FENCED'
  return isFenced ? error.details.fence : undefined
}
