import type * as BullmqLibrary from 'bullmq'
import type { ConnectionOptions, Job as BullmqJob, Queue, Worker } from 'bullmq'

import { loadPeer } from '../errors/load-peer.ts'
import { type CancelTimer, systemClock } from '../locks/clock.ts'
import type { RunScript } from '../locks/redis-client.ts'
import { scriptedLocks } from '../locks/redis-locks.ts'
import type { Job, JobsOptions, RunningJobs, StopOptions } from './jobs.ts'
import { checkCount, type CheckedOptions, readOptions, stoppedJobs, unknownJob } from './read-options.ts'
import { runTurn, type Turn, type TurnBoard } from './run-turn.ts'
import { backOffMs, spread } from './waits.ts'

export type { BackOff, Job, JobsOptions, RunningJobs, StopOptions } from './jobs.ts'

export interface BullmqJobsOptions extends JobsOptions {
  /** A client of ioredis or node-redis, which stays its owner's to close, or BullMQ's options for connections of its own. */
  readonly connection: ConnectionOptions
  /**
   * The queue in Redis. Every process that names it must start the same jobs: schedules of other names are removed at the start.
   * Default: `sherd`.
   */
  readonly queueName?: string
  /** BullMQ's prefix of keys in Redis; its tools must be told the same. Default: `bull`. */
  readonly prefix?: string
  /**
   * Runs of a failing turn until BullMQ counts it as failed; the next turn then begins after `backOff.maxMs`. Default: 10.
   * Too low: waits are short again soon. Too high: nothing is ever listed as failed.
   */
  readonly attempts?: number
  /** Turns that BullMQ keeps in its lists of completed and of failed ones, each. Default: 1,000. Too high: memory of Redis. */
  readonly keepTurns?: number
  /**
   * The lease of a turn, and of the lock that keeps two runs of one name apart; both are extended while a run goes on. Default:
   * 30,000. Too low: lost in short pauses. Too high: after a crash the name rests for up to twice that long.
   */
  readonly leaseMs?: number
  /** Hears when Redis cannot be reached. Default: one warning of the process. */
  readonly onConnectionError?: (error: Error) => void
}

/** A turn that waits for another run of its name looks again this often, and so does who waits for a turn. */
const lookAgainMs = 100
/** A Redis that was restarted without its data has lost the schedules; each process looks this often. */
const lookForLossMs = 5000
/**
 * A worker makes the next turn of a scheduler after it has taken one (BullMQ 6.7). If it dies in between, the schedule stands still until
 * the turn is found stalled and taken again; given up, it would stand still for ever.
 */
const maxStalledCount = 1_000_000
/** How long connections may take to close. */
const goodbyeMs = 2000
/** A wait after an error is known for this much longer, so that the retry comes before the next scheduled turn. */
const waitMarginMs = 1000

/**
 * Runs jobs by BullMQ: one scheduler in Redis for each name, and a worker in every process that calls this. A turn that comes while
 * its name runs, or waits after an error, is completed as skipped. SHERD_PEER_MISSING without bullmq, SHERD_JOB_OPTION
 * for names and numbers that cannot be used. Waits until Redis answers.
 */
export async function bullmqJobs(jobs: readonly Job[], options: BullmqJobsOptions): Promise<RunningJobs> {
  const checked = readOptions(jobs, options)
  const { attempts = 10, keepTurns = 1000, leaseMs = 30_000 } = options
  for (const [what, value] of Object.entries({ attempts, keepTurns, leaseMs })) checkCount(what, value)
  // The module itself: its types are those of the version that is installed.
  const library = (await loadPeer('bullmq', '^6.7.0', () => import('bullmq'))) as typeof BullmqLibrary
  const running = new BullmqJobs(library, jobs, checked, { ...options, attempts, keepTurns, leaseMs })
  try {
    await running.start()
  } catch (error) {
    await running.stop()
    throw error
  }
  return running
}

type FullOptions = BullmqJobsOptions & Required<Pick<BullmqJobsOptions, 'attempts' | 'keepTurns' | 'leaseMs'>>

class BullmqJobs implements RunningJobs {
  readonly #library: typeof BullmqLibrary
  readonly #jobs: ReadonlyMap<string, Job>
  readonly #checked: CheckedOptions
  readonly #options: FullOptions
  readonly #queueName: string
  readonly #base: { readonly connection: ConnectionOptions; readonly prefix: string }
  readonly #queue: Queue
  readonly #controller = new AbortController()
  readonly #runs = new Set<Promise<unknown>>()
  readonly #stopped: Promise<never>
  #refuseWaiters: () => void = () => undefined
  #worker: Worker | undefined
  #stopping: Promise<void> | undefined
  #cancelLook: CancelTimer = () => undefined
  #hasWarned = false

  constructor(
    library: typeof BullmqLibrary,
    jobs: readonly Job[],
    checked: CheckedOptions,
    options: FullOptions,
  ) {
    this.#library = library
    this.#jobs = new Map(jobs.map((job) => [job.name, job]))
    this.#checked = checked
    this.#options = options
    this.#queueName = options.queueName ?? 'sherd'
    this.#base = { connection: options.connection, prefix: options.prefix ?? 'bull' }
    this.#queue = new library.Queue(this.#queueName, this.#base)
    this.#queue.on('error', this.#onConnectionError)
    this.#stopped = new Promise((_, reject) => {
      this.#refuseWaiters = () => reject(stoppedJobs())
    })
    // Nobody may be waiting when it rejects.
    this.#stopped.catch(() => undefined)
  }

  async start(): Promise<void> {
    const board = await this.#openBoard()
    for (const { key } of await this.#queue.getJobSchedulers())
      if (!this.#jobs.has(key)) await this.#queue.removeJobScheduler(key)
    await this.#schedule()
    this.#worker = new this.#library.Worker(this.#queueName, (job, token) => this.#work(board, job, token), {
      ...this.#base,
      concurrency: this.#checked.concurrency,
      lockDuration: this.#options.leaseMs,
      stalledInterval: this.#options.leaseMs,
      maxStalledCount,
      settings: {
        backoffStrategy: (failures) => spread(backOffMs(failures, this.#checked), this.#checked, Math.random),
      },
    })
    this.#worker.on('error', this.#onConnectionError)
    this.#lookForLoss()
  }

  readonly runNow = async (name: string): Promise<void> => {
    if (!this.#jobs.has(name)) throw unknownJob(name)
    if (this.#stopping !== undefined) throw stoppedJobs()
    await Promise.race([this.#runAsked(name), this.#stopped])
  }

  /**
   * Looks at the turn again and again. Not by BullMQ's QueueEvents: they begin to read a moment after they are ready, and an event
   * of that moment is never heard (6.7).
   */
  async #runAsked(name: string): Promise<void> {
    let asked = await this.#queue.add(name, {}, this.#bounds())
    while (this.#stopping === undefined) {
      await new Promise<void>((resolve) => void systemClock.setTimer(resolve, lookAgainMs, 'foreground'))
      const turn = await this.#library.Job.fromId(this.#queue, asked.id ?? '')
      // Gone with the data of Redis, or from a short list before it was seen.
      if (turn === undefined) asked = await this.#queue.add(name, {}, this.#bounds())
      else if (turn.finishedOn !== undefined) return readOutcome(turn)
    }
  }

  readonly stop = (options: StopOptions = {}): Promise<void> => {
    this.#stopping ??= this.#end(options.timeoutMs ?? 10_000)
    return this.#stopping
  }

  readonly #onConnectionError = (error: Error): void => {
    if (this.#options.onConnectionError !== undefined) return this.#options.onConnectionError(error)
    if (this.#hasWarned) return
    this.#hasWarned = true
    const text = `Redis of the jobs ${this.#queueName} gave an error: ${error.message}. Give onConnectionError to hear of all.`
    process.emitWarning(text, 'SherdWarning')
  }

  #bounds(): { readonly removeOnComplete: { count: number }; readonly removeOnFail: { count: number } } {
    const count = this.#options.keepTurns
    return { removeOnComplete: { count }, removeOnFail: { count } }
  }

  /** Idempotent: a scheduler that is there keeps its turn. */
  async #schedule(): Promise<void> {
    const { attempts } = this.#options
    const opts = { attempts, backoff: { type: 'sherd' }, ...this.#bounds() }
    for (const { name, everyMs } of this.#jobs.values())
      await this.#queue.upsertJobScheduler(name, { every: everyMs }, { name, data: {}, opts })
  }

  #lookForLoss(): void {
    const look = async (): Promise<void> => {
      try {
        if ((await this.#queue.getJobSchedulersCount()) < this.#jobs.size) await this.#schedule()
      } catch {
        // Redis is away, which its own events tell; the next look follows.
      }
      if (this.#stopping === undefined) this.#lookForLoss()
    }
    this.#cancelLook = systemClock.setTimer(() => void look(), lookForLossMs, 'background')
  }

  async #openBoard(): Promise<TurnBoard> {
    const client = await this.#queue.backend.client
    const own = `sherd:jobs:${this.#base.prefix}:${this.#queueName}`
    const names = new Map<string, string>()
    const run: RunScript = (script, key, values) => {
      let name = names.get(script)
      if (name === undefined) {
        name = `sherdLock${names.size}`
        names.set(script, name)
        client.defineCommand(name, { numberOfKeys: 1, lua: script })
      }
      return client.runCommand(name, [key, ...values])
    }
    const waitKey = (name: string): string => `${own}:wait:${name}`
    return {
      locks: scriptedLocks(run, { prefix: `${own}:run:` }),
      leaseMs: this.#options.leaseMs,
      signal: this.#controller.signal,
      isStopping: () => this.#stopping !== undefined,
      isWaiting: async (name) => (await client.get(waitKey(name))) !== null,
      endWait: async (name) => void (await client.del(waitKey(name))),
      onFailure: async (job, turn, error) => {
        queueMicrotask(() => this.#checked.onError(job.name, error))
        if (turn.kind === 'asked') return
        await client.set(waitKey(job.name), 1, { PX: this.#longestWaitMs(turn.failures + 1) })
      },
    }
  }

  /** How long scheduled turns stand back after the n-th failure of a turn. */
  #longestWaitMs(failures: number): number {
    const { maxMs, jitter } = this.#checked
    if (failures >= this.#options.attempts) return Math.ceil(maxMs)
    return Math.ceil(backOffMs(failures, this.#checked) * (1 + jitter)) + waitMarginMs
  }

  #work(board: TurnBoard, bullmqJob: BullmqJob, token: string | undefined): Promise<string> {
    const work = this.#runOrPutOff(board, bullmqJob, token)
    this.#runs.add(work)
    const forget = (): void => void this.#runs.delete(work)
    work.then(forget, forget)
    return work
  }

  /** What it resolves to is shown as the result in BullMQ's tools. */
  async #runOrPutOff(board: TurnBoard, bullmqJob: BullmqJob, token: string | undefined): Promise<string> {
    const job = this.#jobs.get(bullmqJob.name)
    // Left by a process with other jobs, whose schedule is gone by now.
    if (job === undefined) return 'skipped: no such job here'
    const outcome = await runTurn(board, job, describeTurn(bullmqJob))
    if (outcome !== 'later') return outcome
    await bullmqJob.moveToDelayed(Date.now() + lookAgainMs, token)
    throw new this.#library.DelayedError()
  }

  async #end(timeoutMs: number): Promise<void> {
    this.#cancelLook()
    this.#refuseWaiters()
    const closing = this.#worker?.close()
    const abort = (): void => this.#controller.abort(stoppedJobs())
    const cancelAbort = systemClock.setTimer(abort, timeoutMs, 'foreground')
    await Promise.allSettled(this.#runs)
    cancelAbort()
    await this.#leave(Promise.all([closing, this.#queue.close()]))
  }

  /** Connections say goodbye to Redis, for which they would wait for ever while it is away: those that are BullMQ's own are cut then. */
  async #leave(closed: Promise<unknown>): Promise<void> {
    let cancel: CancelTimer = () => undefined
    const isLate = new Promise<true>((resolve) => {
      cancel = systemClock.setTimer(() => resolve(true), goodbyeMs, 'foreground')
    })
    const hasToCut = await Promise.race([closed.then(() => false), isLate])
    cancel()
    if (!hasToCut) return
    const cuts = [this.#worker?.backend.disconnectBlocking(false)]
    // A client that was passed in stays open: it has this method, options have none.
    if (!('duplicate' in this.#base.connection))
      cuts.push(this.#worker?.disconnect(), this.#queue.disconnect())
    void Promise.allSettled([closed, ...cuts])
  }
}

/** Only the text of an error passes through Redis. */
function readOutcome({ failedReason }: BullmqJob): void {
  if (failedReason !== undefined) throw new Error(failedReason)
}

function describeTurn(job: BullmqJob): Turn {
  const { attemptsMade: failures, repeatJobKey } = job
  if (repeatJobKey === undefined) return { kind: 'asked', failures }
  return { kind: failures > 0 ? 'retry' : 'scheduled', failures }
}
