import type { DriverConnection } from '../drivers/driver.ts'

/** A connection in its pool. */
export interface Slot {
  readonly connection: DriverConnection
  state: 'idle' | 'leased' | 'gone'
  /** When it came back, by the pool's clock. */
  idleSince: number
  /** Number of its present use among all uses of the pool. */
  use: number
}

/** What a lease tells its pool. */
export interface LeaseOwner {
  readonly takeBack: (slot: Slot) => void
  readonly discard: (slot: Slot) => void
}

/** A connection for one user at a time. Whoever holds it calls `release` or `destroy`; a second call does nothing. */
export class Lease {
  readonly connection: DriverConnection
  readonly #owner: LeaseOwner
  readonly #slot: Slot
  #isOver = false

  constructor(owner: LeaseOwner, slot: Slot) {
    this.connection = slot.connection
    this.#owner = owner
    this.#slot = slot
  }

  /** True when the connection broke, or the pool cut it, while it was leased. */
  get isLost(): boolean {
    return !this.#isOver && this.#slot.state === 'gone'
  }

  /** Gives the connection back, in whatever session state it is: the next user compares `connection.settings`. */
  release(): void {
    if (this.#isOver) return
    this.#isOver = true
    this.#owner.takeBack(this.#slot)
  }

  /** Cuts the connection: for one whose state is unknown. */
  destroy(): void {
    if (this.#isOver) return
    this.#isOver = true
    this.#owner.discard(this.#slot)
  }
}
