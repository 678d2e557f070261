import { type Clock, systemClock } from './clock.ts'
import { createFenceCounter } from './fence-counter.ts'
import { createLocks } from './lock-store.ts'
import type { Locks } from './lock.ts'

export interface MemoryLocksOptions {
  /** Measures the leases. Default: the monotonic clock of the process. */
  readonly clock?: Clock
  /** Where fencing numbers begin. Default: `Date.now`. */
  readonly wallClockMs?: () => number
}

interface Lease {
  readonly owner: string
  readonly untilMs: number
}

/** Locks among the tasks of this process; other processes know nothing of them. */
export function memoryLocks(options: MemoryLocksOptions = {}): Locks {
  const { clock = systemClock, wallClockMs = Date.now } = options
  const leases = new Map<string, Lease>()
  const nextFence = createFenceCounter(wallClockMs)
  const find = (name: string): Lease | undefined => {
    const lease = leases.get(name)
    return lease !== undefined && lease.untilMs > clock.now() ? lease : undefined
  }
  const isOwner = (name: string, owner: string): boolean => find(name)?.owner === owner
  const set = (name: string, owner: string, leaseMs: number): void => {
    leases.set(name, { owner, untilMs: clock.now() + leaseMs })
  }
  return createLocks(
    {
      take: async (name, owner, leaseMs, fenceAbove) => {
        if (find(name) !== undefined) return undefined
        set(name, owner, leaseMs)
        return nextFence(fenceAbove)
      },
      extend: async (name, owner, leaseMs) => {
        if (!isOwner(name, owner)) return false
        set(name, owner, leaseMs)
        return true
      },
      isOwner: async (name, owner) => isOwner(name, owner),
      isHeld: async (name) => find(name) !== undefined,
      release: async (name, owner) => isOwner(name, owner) && leases.delete(name),
    },
    clock,
  )
}
