import { SherdError } from '../errors/sherd-error.ts'

/** A fencing number as a store gives it, for a number, a bigint or digits. Throws SHERD_LOCK_STORE for anything else. */
export function readFence(value: unknown, store: string): number {
  const isNumeric = typeof value === 'number' || typeof value === 'bigint' || typeof value === 'string'
  const fence = isNumeric ? Number(value) : NaN
  if (!Number.isSafeInteger(fence) || fence < 1)
    failStore(`${store} gave something else than a fencing number.`)
  return fence
}

/** Throws SHERD_LOCK_STORE: what a store answered cannot be read, so nobody may believe to hold a lock. */
export function failStore(message: string): never {
  throw new SherdError('SHERD_LOCK_STORE', { message })
}
