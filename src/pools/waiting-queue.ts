import type { CancelTimer, Clock } from './clock.ts'
import type { Slot } from './lease.ts'

export type SlotCallback = (error: unknown, slot?: Slot) => void

/** Someone who waits for a connection. */
export interface Waiter {
  readonly callback: SlotCallback
  isWaiting: boolean
  /** His number among all uses of the pool. */
  readonly use: number
  readonly cancelTimer: CancelTimer
}

/** Those who wait for a connection, first come, first served, each with his time-out. */
export class WaitingQueue {
  readonly #clock: Clock
  /** In order of arrival; a Set, because a time-out leaves from the middle. */
  readonly #waiters = new Set<Waiter>()

  constructor(clock: Clock) {
    this.#clock = clock
  }

  get size(): number {
    return this.#waiters.size
  }

  add(callback: SlotCallback, use: number, timeoutMs: number, explainTimeout: () => unknown): Waiter {
    const cancelTimer = this.#clock.setTimer(
      () => this.fail(waiter, explainTimeout()),
      timeoutMs,
      'foreground',
    )
    const waiter: Waiter = { callback, isWaiting: true, use, cancelTimer }
    this.#waiters.add(waiter)
    return waiter
  }

  first(): Waiter | undefined {
    for (const waiter of this.#waiters) return waiter
    return undefined
  }

  /** Takes out the first in line. */
  shift(): Waiter | undefined {
    for (const waiter of this.#waiters) {
      this.#remove(waiter)
      return waiter
    }
    return undefined
  }

  /** Gives an error to one who still waits. As a microtask, so that his code cannot disturb the pool's. */
  fail(waiter: Waiter, error: unknown): void {
    if (!waiter.isWaiting) return
    this.#remove(waiter)
    queueMicrotask(() => waiter.callback(error))
  }

  failAll(error: () => unknown): void {
    for (const waiter of this.#waiters) this.fail(waiter, error())
  }

  #remove(waiter: Waiter): void {
    waiter.isWaiting = false
    waiter.cancelTimer()
    this.#waiters.delete(waiter)
  }
}
