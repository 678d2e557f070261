import type { CurrentEngine } from '../engine/current-engine.ts'
import { type CancelTimer, type Clock, systemClock } from '../pools/clock.ts'
import { isSameTopology } from '../topology/check-reload.ts'
import type { Topology } from '../topology/topology.ts'

/** Where the topology comes from: a file, a service, a name server. May fail; then the one that is known stays. */
export type TopologySource = () => Topology | PromiseLike<Topology>

/** What became of the last question. */
export interface TopologyQuestions {
  readonly asked: number
  /** Why the last answer was not taken: the error of the source, or SHERD_RELOAD_REFUSED. Absent: it was. */
  readonly error?: unknown
}

const pauseMs = 1_000
const timeoutMs = 10_000

/**
 * Asks the source of the topology again when a primary gives cause: in the background, one question at a time and at most one a
 * second, for as long as there is cause.
 */
export class TopologyWatch {
  readonly #source: TopologySource
  readonly #take: (topology: Topology) => void
  readonly #clock: Clock
  #asked = 0
  #error: unknown = undefined
  #isAsking = false
  /** There was cause while nobody could be asked. */
  #isWanted = false
  #isStopped = false
  #askedAt = -Infinity
  #cancelTimer: CancelTimer | undefined

  constructor(source: TopologySource, take: (topology: Topology) => void, clock: Clock = systemClock) {
    this.#source = source
    this.#take = take
    this.#clock = clock
  }

  get questions(): TopologyQuestions {
    return { asked: this.#asked, ...(this.#error === undefined ? {} : { error: this.#error }) }
  }

  /** There is cause to ask. */
  want(): void {
    if (this.#isStopped || this.#cancelTimer !== undefined) return
    this.#isWanted = true
    if (this.#isAsking) return
    const delayMs = Math.max(this.#askedAt + pauseMs - this.#clock.now(), 0)
    this.#cancelTimer = this.#clock.setTimer(() => this.#ask(), delayMs, 'background')
  }

  stop(): void {
    this.#isStopped = true
    this.#cancelTimer?.()
  }

  #ask(): void {
    this.#cancelTimer = undefined
    this.#isWanted = false
    this.#isAsking = true
    this.#askedAt = this.#clock.now()
    this.#asked++
    let isOver = false
    const finish = (settle: () => void): void => {
      if (isOver) return
      isOver = true
      cancel()
      this.#isAsking = false
      if (!this.#isStopped) this.#settle(settle)
      if (this.#isWanted) this.want()
    }
    const cancel = this.#clock.setTimer(() => finish(giveUp), timeoutMs, 'background')
    // The source is the caller's own: whatever it throws or rejects with ends here.
    Promise.resolve()
      .then(this.#source)
      .then(
        (topology) => finish(() => this.#take(topology)),
        (error: unknown) =>
          finish(() => {
            throw error
          }),
      )
  }

  #settle(settle: () => void): void {
    try {
      settle()
      this.#error = undefined
    } catch (error) {
      this.#error = error ?? new Error('The topology source failed without an error.')
    }
  }
}

function giveUp(): void {
  throw new Error(`The topology source gave no answer in ${timeoutMs} ms.`)
}

/** Swaps the topology when the answer is another one. */
export function takeWhenChanged(
  current: CurrentEngine,
  topology: Topology,
  drainTimeoutMs: number | undefined,
): void {
  if (!isSameTopology(current.engine.topology, topology)) current.reload(topology, drainTimeoutMs)
}
