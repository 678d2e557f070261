/*
 * The contract of jobs: something done every so often, by name. A name never overlaps itself; how many names run at once is
 * bounded; a name that fails waits longer each time and is back at its interval once it succeeds.
 */

/** Something to do again and again. */
export interface Job {
  /** Unique among the jobs that are started together. */
  readonly name: string
  /** From the beginning of one run to the beginning of the next; a run that takes longer is followed at once. 1 to 1,000,000,000. */
  readonly everyMs: number
  /** One run. It ends soon after the signal aborts, or holds up `stop`. */
  readonly run: (signal: AbortSignal) => Promise<void>
}

/** Waits after errors: `firstMs`, twice that, four times that … up to `maxMs`. */
export interface BackOff {
  /** Default: 1,000. Too low: a server that is down is asked at every turn. Too high: a short trouble costs freshness. */
  readonly firstMs?: number
  /** Default: 60,000. Too low: as for `firstMs`. Too high: work goes on late after a long trouble. */
  readonly maxMs?: number
}

export interface JobsOptions {
  /**
   * The share by which each wait is made shorter or longer at random, from 0 to below 1. Default: 0.1. Too low: all jobs of all
   * processes ask at the same moment. Too high: intervals mean little.
   */
  readonly jitter?: number
  /** Runs at once in this process. Default: 4. Too low: names wait for each other. Too high: servers are asked by all at once. */
  readonly concurrency?: number
  readonly backOff?: BackOff
  /**
   * Hears of every run that fails in this process. Default: a warning of the process with the job's name and the error's code,
   * without its text, which may hold values.
   */
  readonly onError?: (name: string, error: unknown) => void
}

export interface StopOptions {
  /** How long runs may end by themselves before their signals abort with SHERD_JOBS_STOPPED. Default: 10,000. */
  readonly timeoutMs?: number
}

/** Jobs that were started. Whoever starts them stops them. */
export interface RunningJobs {
  /** Begins nothing more, waits for what runs, and aborts it when that takes too long. Resolves when all runs of this process have ended. */
  readonly stop: (options?: StopOptions) => Promise<void>
  /**
   * Runs a job before its time, after the run that may be under way, and resolves when that has ended, or rejects as it failed.
   * SHERD_JOB_OPTION for a name that no job has; SHERD_JOBS_STOPPED after `stop`.
   */
  readonly runNow: (name: string) => Promise<void>
}
