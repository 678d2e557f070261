import { SherdError } from '../errors/sherd-error.ts'
import { type CancelTimer, type Clock, systemClock } from '../locks/clock.ts'
import type { LogicalShard } from '../topology/topology.ts'
import { type IdLayout, safeIdLayout, timeIdLayout } from './id-layout.ts'
import { ShardIds } from './shard-ids.ts'
import type { WorkerLease, WorkerLeases } from './worker-lease.ts'

export interface IdsOptions {
  /** Where worker numbers come from: `databaseWorkers`, `redisWorkers` or `fixedWorker`. */
  readonly workers: WorkerLeases
  /**
   * How long a worker number stays ours without a word from us, in milliseconds; also how far ids may run ahead of the clock in a burst. Renewed at a
   * third of it. Default 60,000. Too low: a short outage of the store stops new ids. Too high: after a crash the number rests that long.
   */
  readonly leaseMs?: number
  /** Called when a renewal failed; it is tried again. Default: nobody. */
  readonly onError?: (error: unknown) => void
  /** Milliseconds since 1970. Default: the clock of the process. */
  readonly now?: () => number
  /** For renewals. Default: the timers of the process. */
  readonly clock?: Clock
}

type Settings = Required<Omit<IdsOptions, 'onError'>> & Pick<IdsOptions, 'onError'>

/** The part of a logical shard that an id carries: `sherd.locate('product', userId)` gives one. */
export type ShardOfId = Pick<LogicalShard, 'index'>

/**
 * Makes ids that carry the logical shard of their row, without asking anybody: only the worker number is leased. Closed by its owner, so that the
 * number is free for the next process.
 */
export class Ids<Id> {
  readonly #layout: IdLayout
  readonly #convert: (id: bigint) => Id
  readonly #options: Settings
  readonly #generator: ShardIds
  #lease: WorkerLease
  #cancelTimer: CancelTimer = () => undefined
  #isClosed = false

  constructor(layout: IdLayout, convert: (id: bigint) => Id, lease: WorkerLease, options: Settings) {
    this.#layout = layout
    this.#convert = convert
    this.#options = options
    this.#lease = lease
    this.#generator = new ShardIds(layout, lease, options.now)
    this.#renewLater()
  }

  /**
   * The next id for a row of the logical shard, greater than all before for the same shard. SHERD_ID_LEASE when the worker number could not be
   * renewed, SHERD_ID_RANGE for a logical shard beyond 1,023.
   */
  next(shard: ShardOfId): Id {
    return this.#convert(this.#generator.next(shard.index))
  }

  /** Gives the worker number back; later calls of `next` throw SHERD_ID_LEASE. */
  async close(): Promise<void> {
    if (this.#isClosed) return
    this.#isClosed = true
    this.#cancelTimer()
    this.#generator.use({ worker: this.#lease.worker, fromMs: 0, untilMs: 0 })
    await this.#lease.release()
  }

  #renewLater(): void {
    const { clock, leaseMs } = this.#options
    this.#cancelTimer = clock.setTimer(() => void this.#renew(), leaseMs / 3, 'background')
  }

  async #renew(): Promise<void> {
    try {
      await this.#extend()
    } catch (error) {
      this.#options.onError?.(error)
    }
    if (!this.#isClosed) this.#renewLater()
  }

  async #extend(): Promise<void> {
    const { now, leaseMs } = this.#options
    const untilMs = Math.ceil(Math.max(now(), this.#generator.latestMs) + leaseMs)
    if (await this.#lease.renew(untilMs)) return this.#use({ ...this.#lease, untilMs })
    if (this.#isClosed) return
    const lease = await acquireWorker(this.#layout, this.#options)
    return this.#isClosed ? lease.release() : this.#use(lease)
  }

  #use(lease: WorkerLease): void {
    if (this.#isClosed) return
    this.#lease = lease
    this.#generator.use(lease)
  }
}

/** Ids of 63 bits as bigints, for BIGINT columns: to the millisecond, until 2094 (see `timeIdLayout`). SHERD_ID_LEASE when all 256 worker numbers are taken. */
export function openTimeIds(options: IdsOptions): Promise<Ids<bigint>> {
  return open(timeIdLayout, (id) => id, options)
}

/** Ids of 53 bits as numbers, for those who read BIGINT into JavaScript numbers: to the quarter of a second, until 2093 (see `safeIdLayout`). SHERD_ID_LEASE when all 32 worker numbers are taken. */
export function openSafeIds(options: IdsOptions): Promise<Ids<number>> {
  return open(safeIdLayout, Number, options)
}

async function open<Id>(
  layout: IdLayout,
  convert: (id: bigint) => Id,
  { leaseMs = 60_000, now = Date.now, clock = systemClock, workers, onError }: IdsOptions,
): Promise<Ids<Id>> {
  const options: Settings = { workers, leaseMs, now, clock, ...(onError === undefined ? {} : { onError }) }
  return new Ids(layout, convert, await acquireWorker(layout, options), options)
}

async function acquireWorker(
  { name, workerBits }: IdLayout,
  { workers, leaseMs, now }: Settings,
): Promise<WorkerLease> {
  const count = 2 ** workerBits
  const wanted = { workers: count, leaseMs, stretchMs: leaseMs, nowMs: Math.ceil(now()) }
  const lease = await workers.acquire(wanted)
  if (lease !== undefined) return lease
  throw new SherdError('SHERD_ID_LEASE', {
    message: `All ${count} worker numbers of the layout ${name} are taken.`,
  })
}
