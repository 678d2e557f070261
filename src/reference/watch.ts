import { intervalJobs } from '../jobs/interval-jobs.ts'
import type { Job, RunningJobs, StopOptions } from '../jobs/jobs.ts'
import { systemClock } from '../locks/clock.ts'
import type { ReferenceCopy } from '../topology/reference-copies.ts'
import type { CopyFilter } from './filter-copies.ts'
import { holdLock } from './hold-lock.ts'
import { readFreshness } from './read-freshness.ts'
import type { SyncOptions } from './sync-context.ts'
import { compareHeld, type CopyWork, syncHeld } from './work-at-copy.ts'

export interface WatchOptions extends CopyFilter {
  /**
   * From one round of a copy to the next, in milliseconds. Default 5,000. Too low: each round costs a small question to
   * source and shard, and for a table without a cursor the checksums of all its rows. Too high: copies are as old as that.
   */
  readonly everyMs?: number
  /**
   * From one comparison of a copy with its source to the next, in milliseconds; what differs is repaired. Default 3,600,000.
   * Too low: all rows of both sides are read that often. Too high: what the cursor misses, such as rows deleted without a
   * mark, stays wrong that long.
   */
  readonly compareEveryMs?: number
  /** Runs the jobs, one for each copy, such as those of BullMQ. Default: `intervalJobs` in this process. */
  readonly startJobs?: (jobs: readonly Job[]) => RunningJobs | Promise<RunningJobs>
}

/** Keeps copies fresh until it is stopped. */
export interface Supervisor {
  /** Begins no round any more and waits for those under way; to be called before the sherd is closed. */
  readonly stop: (options?: StopOptions) => Promise<void>
}

/** What a supervisor watches: copies found anew at each round, because a reload may have moved their shards. */
export interface WatchedCopies {
  readonly work: CopyWork
  readonly list: () => readonly ReferenceCopy[]
}

/** Starts a job for each copy there is now. A copy that somebody else works at is left alone, which is no error. */
export async function watchCopies(
  watched: WatchedCopies,
  { everyMs = 5_000, compareEveryMs = 3_600_000, startJobs = startHere }: WatchOptions,
): Promise<Supervisor> {
  const jobs = watched.list().map((copy): Job => {
    const comparisons = new Comparisons(compareEveryMs)
    const run = async (signal: AbortSignal): Promise<void> => {
      const now = watched
        .list()
        .find(({ table, shard }) => table.table === copy.table.table && shard.name === copy.shard.name)
      if (now === undefined) return
      await holdLock(watched.work, now, signal, (options) =>
        runRound(watched.work, now, comparisons, options),
      )
    }
    return { name: `sherd/reference/${copy.table.table}/${copy.shard.name}`, everyMs, run }
  })
  const running = await startJobs(jobs)
  return { stop: (options) => running.stop(options) }
}

/** Failures are told by `events.reference`, and kept in the status row of the copy. */
function startHere(jobs: readonly Job[]): RunningJobs {
  return intervalJobs(jobs, { onError: () => undefined })
}

async function runRound(
  work: CopyWork,
  copy: ReferenceCopy,
  comparisons: Comparisons,
  options: SyncOptions,
): Promise<void> {
  const { kind } = await syncHeld(work, copy, options)
  // These have just compared everything.
  if (kind === 'compare' || kind === 'snapshot') return comparisons.note(0)
  if (!comparisons.isDue || !(await comparisons.ask(work, copy))) return
  await compareHeld(work, copy, true, options)
  comparisons.note(0)
}

/** When a copy was compared last, by whomever. */
class Comparisons {
  readonly #everyMs: number
  /** The monotonic clock of the process. */
  #lastMs = -Infinity

  constructor(everyMs: number) {
    this.#everyMs = everyMs
  }

  get isDue(): boolean {
    return systemClock.now() - this.#lastMs >= this.#everyMs
  }

  note(agoMs: number): void {
    this.#lastMs = systemClock.now() - agoMs
  }

  /** Whether nobody else has compared the copy meanwhile, as its status row tells. */
  async ask(work: CopyWork, copy: ReferenceCopy): Promise<boolean> {
    const [freshness] = await readFreshness(work.context(), [copy])
    const comparedAt = freshness?.comparedAt
    if (comparedAt !== undefined) this.note(Math.max(0, Date.now() - comparedAt.getTime()))
    return this.isDue
  }
}
