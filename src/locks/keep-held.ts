import { SherdError } from '../errors/sherd-error.ts'
import { checkLease } from './check-options.ts'
import { type CancelTimer, type Clock, systemClock } from './clock.ts'
import type { HeldLock } from './lock.ts'

export interface KeepHeldOptions {
  /**
   * The length of each renewed lease; the one given to `acquire` suits. Too low: a short pause of the process or the store
   * loses the lock. Too high: after a crash nobody else gets it for that long.
   */
  readonly leaseMs: number
  /** Ends the work from outside: the signal of the kept lock then aborts with the same reason. */
  readonly signal?: AbortSignal
  /** The clock of the maker of the lock. Default: the monotonic clock of the process, which no change of the time of day moves. */
  readonly clock?: Clock
}

/** A lock that is extended in the background until it is released or lost. */
export interface KeptLock {
  readonly lock: HeldLock
  /**
   * Aborts with SHERD_LOCK_LOST when the lock was lost, when it could not be extended before its lease ran out, and when the
   * process was paused for longer than the lease. Never takes back an abort.
   */
  readonly signal: AbortSignal
  /**
   * Looks at the clock and at the signal. Ask it before a step that must not be done without the lock: after a pause of the
   * process other code may run before the timer that aborts the signal.
   */
  readonly isLost: () => boolean
  /** Ends the extending and releases the lock; false when it was not ours any more. The signal does not abort. */
  readonly release: () => Promise<boolean>
}

/** A lease is extended when a third of it is over, and tried again four times as often while the store gives errors. */
const renewalShare = 1 / 3
const retryShare = 1 / 12

/** Keeps a lock while work goes on. Call `release` in `finally`. SHERD_LOCK_OPTION for a lease that cannot be kept. */
export function keepHeld(lock: HeldLock, options: KeepHeldOptions): KeptLock {
  checkLease(options.leaseMs)
  return new Keeper(lock, options)
}

class Keeper implements KeptLock {
  readonly lock: HeldLock
  readonly #leaseMs: number
  readonly #clock: Clock
  readonly #controller = new AbortController()
  readonly #outside: AbortSignal | undefined
  #cancelRenewal: CancelTimer = () => undefined
  #cancelDeadline: CancelTimer = () => undefined
  #hasEnded = false
  #lastError: unknown

  constructor(lock: HeldLock, { leaseMs, signal, clock = systemClock }: KeepHeldOptions) {
    this.lock = lock
    this.#leaseMs = leaseMs
    this.#clock = clock
    this.#outside = signal
    if (signal?.aborted === true) this.#abort(signal.reason)
    else this.#begin()
  }

  #begin(): void {
    this.#outside?.addEventListener('abort', this.#onOutside, { once: true })
    this.#watchDeadline()
    this.#renewAfter(this.#leaseMs * renewalShare)
  }

  get signal(): AbortSignal {
    return this.#controller.signal
  }

  readonly isLost = (): boolean => {
    if (!this.#hasEnded && this.#isOver()) this.#lose('its lease ran out before it could be extended')
    return this.signal.aborted
  }

  readonly release = (): Promise<boolean> => {
    this.#end()
    return this.lock.release()
  }

  readonly #onOutside = (): void => this.#abort(this.#outside?.reason)

  #isOver(): boolean {
    return this.#clock.now() >= this.lock.heldUntilMs
  }

  /** A timer of its own: an extension that never gets an answer must not hide the end of the lease. */
  #watchDeadline(): void {
    const leftMs = this.lock.heldUntilMs - this.#clock.now()
    // `noLocks` holds for ever, which no timer can count.
    if (leftMs === Infinity) return
    const check = (): void => {
      if (!this.isLost() && !this.#hasEnded) this.#watchDeadline()
    }
    // Timers of Node may fire a fraction of a millisecond early.
    this.#cancelDeadline = this.#clock.setTimer(check, Math.max(1, Math.ceil(leftMs)), 'background')
  }

  #renewAfter(delayMs: number): void {
    this.#cancelRenewal = this.#clock.setTimer(() => void this.#renew(), Math.max(1, delayMs), 'background')
  }

  async #renew(): Promise<void> {
    // After a pause this timer may run first: what is over is not extended, somebody else may have had it meanwhile.
    if (this.isLost()) return
    try {
      const isExtended = await this.lock.extend(this.#leaseMs)
      if (this.#hasEnded) return
      if (!isExtended) return this.#lose('the store gave it to somebody else or forgot it')
      this.#lastError = undefined
      this.#renewAfter(this.#leaseMs * renewalShare)
    } catch (error) {
      this.#lastError = error
      if (!this.#hasEnded) this.#renewAfter(this.#leaseMs * retryShare)
    }
  }

  #lose(why: string): void {
    const message = `The lock ${this.lock.name} was lost: ${why}.`
    this.#abort(new SherdError('SHERD_LOCK_LOST', { message, cause: this.#lastError }))
  }

  #abort(reason: unknown): void {
    this.#end()
    this.#controller.abort(reason)
  }

  #end(): void {
    this.#hasEnded = true
    this.#outside?.removeEventListener('abort', this.#onOutside)
    this.#cancelRenewal()
    this.#cancelDeadline()
  }
}
