import type { CancelTimer, Clock } from './clock.ts'
import type { Position } from './gtid.ts'
import type { ReplicaPosition } from './replica-position.ts'

/** Lets the replica itself wait until it is at `position`; false when it is not in time, or does not answer. */
export type AskToWait = (
  position: Position,
  timeoutMs: number,
  callback: (isReached: boolean) => void,
) => void

interface Waiter {
  readonly needed: Position
  readonly dueAt: number
  readonly cancelTimer: CancelTimer
  readonly callback: (isReached: boolean) => void
}

/** Reads that wait for a replica to catch up. However many wait, the replica is asked one question at a time. */
export class ReplicaWait {
  readonly #position: ReplicaPosition
  readonly #ask: AskToWait
  readonly #clock: Clock
  /** In the order they came. */
  readonly #waiters = new Set<Waiter>()
  #isAsking = false

  constructor(position: ReplicaPosition, ask: AskToWait, clock: Clock) {
    this.#position = position
    this.#ask = ask
    this.#clock = clock
  }

  /** Calls back once: true as soon as the replica is known to have `needed`, false after `waitMs`. */
  waitFor(needed: Position, waitMs: number, callback: (isReached: boolean) => void): void {
    const cancelTimer = this.#clock.setTimer(() => this.#giveUp(waiter), waitMs, 'foreground')
    const waiter: Waiter = { needed, dueAt: this.#clock.now() + waitMs, cancelTimer, callback }
    this.#waiters.add(waiter)
    this.#askForFirst()
  }

  #askForFirst(): void {
    const [first] = this.#waiters
    if (first === undefined || this.#isAsking) return
    this.#isAsking = true
    const remainingMs = Math.max(first.dueAt - this.#clock.now(), 1)
    this.#ask(first.needed, remainingMs, (isReached) => {
      this.#isAsking = false
      if (isReached) this.#position.reach(first.needed)
      this.#settle()
      // One that was answered no, before its time, would only ask the same again.
      if (!isReached && this.#waiters.has(first)) this.#giveUp(first)
      this.#askForFirst()
    })
  }

  #settle(): void {
    for (const waiter of this.#waiters) if (this.#position.has(waiter.needed)) this.#end(waiter, true)
  }

  #giveUp(waiter: Waiter): void {
    const isReached = this.#position.has(waiter.needed)
    if (!isReached) this.#position.noteVain(waiter.needed)
    this.#end(waiter, isReached)
  }

  #end(waiter: Waiter, isReached: boolean): void {
    waiter.cancelTimer()
    this.#waiters.delete(waiter)
    waiter.callback(isReached)
  }
}
