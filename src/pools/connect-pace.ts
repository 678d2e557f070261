import type { Clock } from './clock.ts'

/** More at once fill a server's queue of unanswered hand-shakes (MariaDB's `back_log`, 80 by default) and help nobody. */
const mostAtOnce = 10
const firstPauseMs = 50
const longestPauseMs = 1_000

/**
 * How fast one pool may try to connect. After a refused attempt there is a pause, which doubles from 50 ms up to 1 s, and
 * then one attempt at a time until one succeeds: however many wait, a dead or full server is asked about once a second.
 */
export class ConnectPace {
  readonly #clock: Clock
  #pauseMs = 0
  #pauseEndsMs = 0

  constructor(clock: Clock) {
    this.#clock = clock
  }

  /** How many attempts may be under way now. */
  get allowed(): number {
    if (this.#pauseMs === 0) return mostAtOnce
    return this.remainingMs > 0 ? 0 : 1
  }

  /** Milliseconds until the pause is over; 0 when there is none. */
  get remainingMs(): number {
    return this.#pauseMs === 0 ? 0 : Math.max(this.#pauseEndsMs - this.#clock.now(), 0)
  }

  /** Attempts that were under way together and fail together count once. */
  noteFailure(): void {
    if (this.remainingMs > 0) return
    this.#pauseMs = Math.min(Math.max(this.#pauseMs * 2, firstPauseMs), longestPauseMs)
    this.#pauseEndsMs = this.#clock.now() + this.#pauseMs
  }

  noteSuccess(): void {
    this.#pauseMs = 0
  }
}
