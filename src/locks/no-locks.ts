import { checkAcquire, checkLease } from './check-options.ts'
import { createFenceCounter } from './fence-counter.ts'
import type { HeldLock, Locks } from './lock.ts'

/**
 * No locks at all, for a program that runs once and does one thing at a time: `acquire` always succeeds, whoever else holds
 * the name. Fencing numbers still rise, so that two such programs by mistake refuse each other instead of both writing.
 */
export function noLocks(): Locks {
  const nextFence = createFenceCounter(Date.now)
  return {
    acquire: async (name, options) => {
      checkAcquire(name, options)
      return holdFree(name, nextFence(options.fenceAbove ?? 0))
    },
    isHeld: async () => false,
    close: async () => undefined,
  }
}

function holdFree(name: string, fence: number): HeldLock {
  let isHeld = true
  return {
    name,
    fence,
    get heldUntilMs() {
      return isHeld ? Infinity : -Infinity
    },
    extend: async (leaseMs) => {
      checkLease(leaseMs)
      return isHeld
    },
    isHeld: async () => isHeld,
    release: async () => {
      const wasHeld = isHeld
      isHeld = false
      return wasHeld
    },
  }
}
