/*
 * The contract of locks. A lock is a lease: it ends by itself when its holder does not extend it, so it can end while a
 * holder that was paused or cut off still works. What such a holder writes is refused by its fencing number, never by the lock.
 */

export interface AcquireOptions {
  /** How long the lease lasts unless it is extended. Too low: lost in short pauses. Too high: a dead holder blocks the others that long. */
  readonly leaseMs: number
  /** A number that was seen where the lock is put to use; the new one will be greater. Default: 0. */
  readonly fenceAbove?: number
}

/** Locks by name, kept in one place: a process, a database, Redis. Errors of the store pass through as they are. */
export interface Locks {
  /**
   * Tries once. Undefined: somebody else holds it. The fencing number is greater than that of every earlier holder of this
   * name that the store remembers, than the store's clock in microseconds when it was asked before, and than `fenceAbove`.
   * A name has 1 to 255 bytes. SHERD_LOCK_OPTION for a name or number that cannot be used.
   */
  readonly acquire: (name: string, options: AcquireOptions) => Promise<HeldLock | undefined>
  readonly isHeld: (name: string) => Promise<boolean>
  /** Ends what the maker itself began; an object that was passed in stays open, and locks that are held stay held. */
  readonly close: () => Promise<void>
}

/** A lock that was acquired. It may be lost at any moment: see `keepHeld`. */
export interface HeldLock {
  readonly name: string
  /** The fencing number, a safe integer. */
  readonly fence: number
  /**
   * The moment of the maker's clock, by default `performance.now()`, until which the lease lasts for certain: counted from
   * before the store was asked. Moves with `extend`; `-Infinity` once the lock is known to be lost or was released.
   */
  readonly heldUntilMs: number
  /** False: it was lost; a lost lock is never taken back. */
  readonly extend: (leaseMs: number) => Promise<boolean>
  /** Asks the store. */
  readonly isHeld: () => Promise<boolean>
  /** False: it was not ours any more. Another's lock is never touched. */
  readonly release: () => Promise<boolean>
}
