import { type CancelTimer, type Clock, systemClock } from '../locks/clock.ts'
import type { Job, JobsOptions, RunningJobs, StopOptions } from './jobs.ts'
import { type CheckedOptions, readOptions, stoppedJobs, unknownJob } from './read-options.ts'
import { backOffMs, spread } from './waits.ts'

export interface IntervalJobsOptions extends JobsOptions {
  /** Default: timers of Node, which keep the process alive until `stop`. */
  readonly clock?: Clock
  /** A number from 0 to below 1 at each call, for the jitter. Default: `Math.random`. */
  readonly chance?: () => number
}

/**
 * Runs jobs in this process. The first run of each begins at once, in the order given. Processes know nothing of each other:
 * what must not run in two at a time takes a lock. SHERD_JOB_OPTION for names and numbers that cannot be used.
 */
export function intervalJobs(jobs: readonly Job[], options: IntervalJobsOptions = {}): RunningJobs {
  return new IntervalJobs(jobs, readOptions(jobs, options), options)
}

/** Who waits for a run that has not begun. */
interface Waiter {
  readonly resolve: () => void
  readonly reject: (error: unknown) => void
}

/** Where a job stands: it waits for its timer, waits in the line, or runs. */
interface Entry {
  readonly job: Job
  failures: number
  isRunning: boolean
  waiters: Waiter[]
  cancelTimer: CancelTimer
}

class IntervalJobs implements RunningJobs {
  readonly #options: CheckedOptions
  readonly #clock: Clock
  readonly #chance: () => number
  readonly #entries: ReadonlyMap<string, Entry>
  /** First in, first out. A name stands here at most once, so that no name has two turns before another's first. */
  readonly #line: Entry[] = []
  readonly #runs = new Map<AbortController, Promise<void>>()
  #stopping: Promise<void> | undefined

  constructor(
    jobs: readonly Job[],
    checked: CheckedOptions,
    { clock = systemClock, chance = Math.random }: IntervalJobsOptions,
  ) {
    this.#options = checked
    this.#clock = clock
    this.#chance = chance
    this.#entries = new Map(jobs.map((job) => [job.name, newEntry(job)]))
    this.#line.push(...this.#entries.values())
    this.#startNext()
  }

  readonly runNow = (name: string): Promise<void> => {
    const entry = this.#entries.get(name)
    if (entry === undefined) return Promise.reject(unknownJob(name))
    if (this.#stopping !== undefined) return Promise.reject(stoppedJobs())
    return new Promise((resolve, reject) => {
      entry.waiters.push({ resolve, reject })
      if (!entry.isRunning) this.#putFirst(entry)
    })
  }

  readonly stop = (options: StopOptions = {}): Promise<void> => {
    this.#stopping ??= this.#end(options.timeoutMs ?? 10_000)
    return this.#stopping
  }

  #putFirst(entry: Entry): void {
    entry.cancelTimer()
    const place = this.#line.indexOf(entry)
    if (place >= 0) this.#line.splice(place, 1)
    this.#line.unshift(entry)
    this.#startNext()
  }

  #startNext(): void {
    while (this.#runs.size < this.#options.concurrency) {
      const entry = this.#line.shift()
      if (entry === undefined) return
      const controller = new AbortController()
      this.#runs.set(controller, this.#run(entry, controller))
    }
  }

  async #run(entry: Entry, controller: AbortController): Promise<void> {
    const begunAtMs = this.#clock.now()
    const waiters = entry.waiters
    entry.waiters = []
    entry.isRunning = true
    // The run is in the map only after this function's first wait.
    await Promise.resolve()
    try {
      await entry.job.run(controller.signal)
      entry.failures = 0
      for (const { resolve } of waiters) resolve()
    } catch (error) {
      entry.failures += 1
      // What a listener throws is not an error of the job: it goes to the process, and the jobs go on.
      queueMicrotask(() => this.#options.onError(entry.job.name, error))
      for (const { reject } of waiters) reject(error)
    }
    entry.isRunning = false
    this.#runs.delete(controller)
    if (this.#stopping !== undefined) return
    if (entry.waiters.length > 0) return this.#putFirst(entry)
    this.#waitForTurn(entry, begunAtMs)
    this.#startNext()
  }

  #waitForTurn(entry: Entry, begunAtMs: number): void {
    const { failures, job } = entry
    const waitMs = failures > 0 ? backOffMs(failures, this.#options) : job.everyMs
    const passedMs = failures > 0 ? 0 : this.#clock.now() - begunAtMs
    const leftMs = spread(waitMs, this.#options, this.#chance) - passedMs
    const queue = (): void => {
      this.#line.push(entry)
      this.#startNext()
    }
    entry.cancelTimer = this.#clock.setTimer(queue, Math.max(1, leftMs), 'foreground')
  }

  async #end(timeoutMs: number): Promise<void> {
    this.#line.length = 0
    for (const entry of this.#entries.values()) {
      entry.cancelTimer()
      for (const { reject } of entry.waiters.splice(0)) reject(stoppedJobs())
    }
    const abort = (): void => {
      for (const controller of this.#runs.keys()) controller.abort(stoppedJobs())
    }
    const cancelAbort = this.#clock.setTimer(abort, timeoutMs, 'foreground')
    await Promise.all(this.#runs.values())
    cancelAbort()
  }
}

function newEntry(job: Job): Entry {
  return { job, failures: 0, isRunning: false, waiters: [], cancelTimer: () => undefined }
}
