import type { CancelTimer, Clock } from './clock.ts'
import { type Position, hasReachedPosition } from './gtid.ts'
import type { ReportChange } from './replica-health.ts'
import type { ReplicaPosition } from './replica-position.ts'

/** A primary's log was no further than `position` at `askedMs`: whoever has it misses nothing written before. */
export interface LagSample {
  readonly position: Position
  readonly askedMs: number
}

/**
 * How far behind a replica is at most, in milliseconds: 0 when it has all that was seen of its primary, otherwise
 * the age of the newest sample it has; `undefined` when it has none. `Seconds_Behind_Master` says 0 while
 * the primary hangs or the replica is cut off from it.
 */
export function measureLag(
  samples: readonly LagSample[],
  has: (position: Position) => boolean,
  nowMs: number,
): number | undefined {
  const newest = samples.findLastIndex(({ position }) => has(position))
  const sample = samples[newest]
  if (sample === undefined) return undefined
  return newest === samples.length - 1 ? 0 : nowMs - sample.askedMs
}

/** Asks one endpoint how far it is; `undefined` when it does not tell. */
export type AskOne = (callback: (position: Position | undefined) => void) => void

/** The lag of one replica as last measured. */
export class ReplicaLag {
  readonly position: ReplicaPosition
  readonly ask: AskOne
  readonly report: ReportChange
  /** At most so many milliseconds; `undefined` while it is not known. */
  lagMs: number | undefined
  isWithinLimit = false
  askedMs: number | undefined

  constructor(position: ReplicaPosition, ask: AskOne, report: ReportChange) {
    this.position = position
    this.ask = ask
    this.report = report
  }
}

const shortestPollMs = 50
const longestPollMs = 1_000
const pollsWithoutReads = 60
const maxSamples = 64

/**
 * Measures the lag of the replicas of one server, as long as the server is read and for 60 polls after. Nobody waits for
 * another: a server that hangs leaves the measures of the others alone.
 */
export class LagWatch {
  readonly #clock: Clock
  readonly #askPrimary: AskOne
  readonly #replicas: readonly ReplicaLag[]
  readonly #maxLagMs: number
  readonly #pollMs: number
  #samples: readonly LagSample[] = []
  #isAskingPrimary = false
  #quietPolls = 0
  #isRunning = false
  #isStopped = false
  #cancelTimer: CancelTimer | undefined

  constructor(clock: Clock, maxLagMs: number, askPrimary: AskOne, replicas: readonly ReplicaLag[]) {
    this.#clock = clock
    this.#maxLagMs = maxLagMs
    this.#askPrimary = askPrimary
    this.#replicas = replicas
    this.#pollMs = Math.min(Math.max(maxLagMs / 4, shortestPollMs), longestPollMs)
  }

  /** Tells that the server is read. */
  noteRead(): void {
    this.#quietPolls = 0
    if (this.#isRunning || this.#isStopped) return
    this.#isRunning = true
    this.#poll()
  }

  stop(): void {
    this.#isStopped = true
    this.#cancelTimer?.()
  }

  #poll(): void {
    this.#pollPrimary()
    for (const replica of this.#replicas) this.#pollReplica(replica)
    if (!this.#isStopped)
      this.#cancelTimer = this.#clock.setTimer(() => this.#next(), this.#pollMs, 'background')
  }

  #next(): void {
    this.#quietPolls++
    if (this.#quietPolls <= pollsWithoutReads) return this.#poll()
    this.#isRunning = false
    this.#samples = []
    for (const replica of this.#replicas) {
      replica.lagMs = undefined
      replica.isWithinLimit = false
    }
  }

  /** A primary that does not answer gives no samples: its replicas stay as far as they are. */
  #pollPrimary(): void {
    if (this.#isAskingPrimary) return
    this.#isAskingPrimary = true
    const askedMs = this.#clock.now()
    this.#askPrimary((position) => {
      this.#isAskingPrimary = false
      if (position === undefined || !this.#isRunning) return
      const isFirst = this.#samples.length === 0
      this.#addSample({ position, askedMs })
      if (isFirst) for (const replica of this.#replicas) this.#measure(replica)
    })
  }

  #pollReplica(replica: ReplicaLag): void {
    const nowMs = this.#clock.now()
    if (replica.askedMs !== undefined) {
      if (nowMs - replica.askedMs > this.#maxLagMs) setLag(replica, nowMs - replica.askedMs, this.#maxLagMs)
      return
    }
    replica.askedMs = nowMs
    replica.ask((position) => {
      replica.askedMs = undefined
      if (position !== undefined) replica.position.reach(position)
      this.#measure(replica)
    })
  }

  #measure(replica: ReplicaLag): void {
    const [oldest] = this.#samples
    if (oldest === undefined) return
    const nowMs = this.#clock.now()
    const lagMs = measureLag(this.#samples, (position) => replica.position.has(position), nowMs)
    if (lagMs !== undefined) return setLag(replica, lagMs, this.#maxLagMs)
    // Behind of all that was seen: by how much is not known, only that it is more than the oldest sample's age.
    if (nowMs - oldest.askedMs > this.#maxLagMs) setLag(replica, nowMs - oldest.askedMs, this.#maxLagMs)
  }

  /** The same position again only makes the sample younger. Those that every replica is past are of no more use. */
  #addSample(sample: LagSample): void {
    const last = this.#samples.at(-1)
    const isSame = last !== undefined && hasReachedPosition(last.position, sample.position)
    const samples = [...(isSame ? this.#samples.slice(0, -1) : this.#samples), sample]
    const passed = samples.findLastIndex(({ position }) =>
      this.#replicas.every((replica) => replica.position.has(position)),
    )
    const kept = samples.slice(Math.max(passed, 0))
    // A lag measured with fewer samples is too high, never too low.
    this.#samples = kept.length <= maxSamples ? kept : kept.filter((_, index) => index % 2 === 0)
  }
}

function setLag(replica: ReplicaLag, lagMs: number, maxLagMs: number): void {
  const isFirst = replica.lagMs === undefined
  const wasWithinLimit = replica.isWithinLimit
  replica.lagMs = lagMs
  replica.isWithinLimit = lagMs <= maxLagMs
  if (replica.isWithinLimit === wasWithinLimit) return
  if (!isFirst || wasWithinLimit) replica.report(wasWithinLimit ? 'ejected' : 'readmitted', 'lag')
}
