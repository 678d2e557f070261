import { keepHeld } from '../locks/keep-held.ts'
import type { Locks } from '../locks/lock.ts'
import type { Job } from './jobs.ts'

/** One turn of a job, for which a worker was called. */
export interface Turn {
  /** `scheduled` by the interval, `retry` of one that failed, `asked` for by `runNow`. */
  readonly kind: 'scheduled' | 'retry' | 'asked'
  /** How often this turn has failed before. */
  readonly failures: number
}

/** What became of a turn that did not fail. `later`: its name runs elsewhere or this process stops, and the turn may not be dropped. */
export type TurnOutcome = 'done' | 'later' | 'skipped: it runs already' | 'skipped: it waits after an error'

/** What workers share: locks by name, and names that wait after an error. */
export interface TurnBoard {
  readonly locks: Locks
  readonly leaseMs: number
  /** Aborts the run from outside. */
  readonly signal: AbortSignal
  /** True once nothing more may begin here. */
  readonly isStopping: () => boolean
  readonly isWaiting: (name: string) => Promise<boolean>
  readonly endWait: (name: string) => Promise<void>
  /** Hears of a failure while the name is still locked, so that no other turn comes in before the wait begins. */
  readonly onFailure: (job: Job, turn: Turn, error: unknown) => Promise<void>
}

/** Runs a job unless its name runs or waits elsewhere. Rejects as the job does, with all said to the board before. */
export async function runTurn(board: TurnBoard, job: Job, turn: Turn): Promise<TurnOutcome> {
  const held = await board.locks.acquire(job.name, { leaseMs: board.leaseMs })
  if (held === undefined) return turn.kind === 'scheduled' ? 'skipped: it runs already' : 'later'
  const kept = keepHeld(held, { leaseMs: board.leaseMs, signal: board.signal })
  try {
    if (board.isStopping()) return 'later'
    if (turn.kind === 'scheduled' && (await board.isWaiting(job.name)))
      return 'skipped: it waits after an error'
    await runJob(board, job, turn, kept.signal)
    await board.endWait(job.name)
    return 'done'
  } finally {
    // A lock that cannot be released ends with its lease.
    await kept.release().catch(() => false)
  }
}

async function runJob(board: TurnBoard, job: Job, turn: Turn, signal: AbortSignal): Promise<void> {
  try {
    await job.run(signal)
  } catch (error) {
    await board.onFailure(job, turn, error)
    throw error
  }
}
