import type { CancelTimer, Clock } from '../pools/clock.ts'

/** Something that is over at a moment. */
export interface Expiring {
  /** By the clock of the deadlines. */
  readonly dueAt: number
  readonly expire: () => void
}

/**
 * All deadlines of a process behind one timer: one for each statement would cost more than most of them take.
 * It wakes for the earliest; those that are over by then were taken out before.
 */
export class Deadlines {
  readonly #clock: Clock
  readonly #waiting = new Set<Expiring>()
  #wakesAt = Infinity
  #cancelTimer: CancelTimer | undefined

  constructor(clock: Clock) {
    this.#clock = clock
  }

  now(): number {
    return this.#clock.now()
  }

  /** How many are waited for. */
  get size(): number {
    return this.#waiting.size
  }

  add(expiring: Expiring): void {
    this.#waiting.add(expiring)
    if (expiring.dueAt < this.#wakesAt) this.#wakeAt(expiring.dueAt)
  }

  remove(expiring: Expiring): void {
    this.#waiting.delete(expiring)
  }

  #wakeAt(time: number): void {
    this.#cancelTimer?.()
    this.#wakesAt = time
    // Whoever waits has a socket or a timer of his own that keeps the process alive.
    this.#cancelTimer = this.#clock.setTimer(
      () => this.#wake(),
      Math.max(time - this.#clock.now(), 1),
      'background',
    )
  }

  #wake(): void {
    this.#wakesAt = Infinity
    this.#cancelTimer = undefined
    const now = this.#clock.now()
    let next = Infinity
    for (const expiring of this.#waiting) {
      if (expiring.dueAt <= now) {
        this.#waiting.delete(expiring)
        expiring.expire()
      } else next = Math.min(next, expiring.dueAt)
    }
    // Those that were added meanwhile have set a timer for themselves.
    if (next < this.#wakesAt) this.#wakeAt(next)
  }
}
