import { SherdError } from '../errors/sherd-error.ts'
import type { AcquireOptions } from './lock.ts'

const maxNameBytes = 255
/** A day: whoever needs longer extends. */
const maxLeaseMs = 86_400_000

/** Throws SHERD_LOCK_OPTION for a name or number that no store could keep. */
export function checkAcquire(name: string, { leaseMs, fenceAbove = 0 }: AcquireOptions): void {
  const bytes = Buffer.byteLength(name)
  if (bytes < 1 || bytes > maxNameBytes)
    refuse(
      `A lock cannot have a name of ${bytes} bytes.`,
      `Give it a name of 1 to ${maxNameBytes} bytes of UTF-8.`,
    )
  checkLease(leaseMs)
  if (!Number.isSafeInteger(fenceAbove) || fenceAbove < 0 || fenceAbove >= Number.MAX_SAFE_INTEGER)
    refuse(
      'fenceAbove of a lock is no fencing number.',
      'Give the number that was seen where the lock is put to use, a safe integer from 0.',
    )
}

/** Throws SHERD_LOCK_OPTION for a length of a lease that cannot be kept. */
export function checkLease(leaseMs: number): void {
  if (!Number.isSafeInteger(leaseMs) || leaseMs < 1 || leaseMs > maxLeaseMs)
    refuse(
      'leaseMs of a lock is no time that can be kept.',
      `Give whole milliseconds from 1 to ${maxLeaseMs}; extend the lock to hold it longer.`,
    )
}

function refuse(message: string, remedy: string): never {
  throw new SherdError('SHERD_LOCK_OPTION', { message, remedy })
}
