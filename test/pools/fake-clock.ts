import type { Clock } from '../../src/pools/clock.ts'

interface Timer {
  readonly dueAt: number
  readonly callback: () => void
}

/** Time that stands still until it is turned. */
export class FakeClock implements Clock {
  #now = 0
  readonly #timers = new Set<Timer>()
  readonly now = (): number => this.#now

  readonly setTimer = (callback: () => void, delayMs: number): (() => void) => {
    const timer: Timer = { dueAt: this.#now + delayMs, callback }
    this.#timers.add(timer)
    return () => this.#timers.delete(timer)
  }

  get timers(): number {
    return this.#timers.size
  }

  /** Turns the clock, runs what falls due in its order, and lets promises and microtasks settle after each. */
  async turn(byMs: number): Promise<void> {
    const until = this.#now + byMs
    for (;;) {
      const due = [...this.#timers]
        .filter(({ dueAt }) => dueAt <= until)
        .toSorted((one, other) => one.dueAt - other.dueAt)[0]
      if (due === undefined) break
      this.#timers.delete(due)
      this.#now = due.dueAt
      due.callback()
      await settle()
    }
    this.#now = until
    await settle()
  }
}

/** Resolves when all microtasks of now, and those they start, have run. */
export function settle(): Promise<void> {
  return new Promise((resolve) => {
    setImmediate(resolve)
  })
}
