import { randomUUID } from 'node:crypto'

import { checkAcquire, checkLease } from './check-options.ts'
import type { Clock } from './clock.ts'
import type { HeldLock, Locks } from './lock.ts'

/** What a place that keeps locks must be able to do, each in one step that nobody can come between. */
export interface LockStore {
  /** The fencing number; undefined when another owner holds the name. */
  readonly take: (
    name: string,
    owner: string,
    leaseMs: number,
    fenceAbove: number,
  ) => Promise<number | undefined>
  readonly extend: (name: string, owner: string, leaseMs: number) => Promise<boolean>
  readonly isOwner: (name: string, owner: string) => Promise<boolean>
  readonly isHeld: (name: string) => Promise<boolean>
  readonly release: (name: string, owner: string) => Promise<boolean>
}

/** Makes locks of a store. Each acquisition is an owner of its own, so that two in one process exclude each other too. */
export function createLocks(store: LockStore, clock: Clock): Locks {
  return {
    acquire: async (name, options) => {
      checkAcquire(name, options)
      const { leaseMs, fenceAbove = 0 } = options
      const owner = randomUUID()
      const askedAtMs = clock.now()
      const fence = await store.take(name, owner, leaseMs, fenceAbove)
      if (fence === undefined) return undefined
      return new StoredLock(store, clock, { name, owner, fence, heldUntilMs: askedAtMs + leaseMs })
    },
    isHeld: (name) => store.isHeld(name),
    close: () => Promise.resolve(),
  }
}

interface Acquired {
  readonly name: string
  readonly owner: string
  readonly fence: number
  readonly heldUntilMs: number
}

class StoredLock implements HeldLock {
  readonly name: string
  readonly fence: number
  readonly #owner: string
  readonly #store: LockStore
  readonly #clock: Clock
  #heldUntilMs: number

  constructor(store: LockStore, clock: Clock, acquired: Acquired) {
    this.name = acquired.name
    this.fence = acquired.fence
    this.#owner = acquired.owner
    this.#heldUntilMs = acquired.heldUntilMs
    this.#store = store
    this.#clock = clock
  }

  get heldUntilMs(): number {
    return this.#heldUntilMs
  }

  readonly extend = async (leaseMs: number): Promise<boolean> => {
    checkLease(leaseMs)
    const askedAtMs = this.#clock.now()
    const isExtended = await this.#store.extend(this.name, this.#owner, leaseMs)
    this.#heldUntilMs = isExtended ? askedAtMs + leaseMs : -Infinity
    return isExtended
  }

  readonly isHeld = (): Promise<boolean> => this.#store.isOwner(this.name, this.#owner)

  readonly release = (): Promise<boolean> => {
    this.#heldUntilMs = -Infinity
    return this.#store.release(this.name, this.#owner)
  }
}
