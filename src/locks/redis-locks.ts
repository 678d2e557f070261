import { type Clock, systemClock } from './clock.ts'
import { createLocks } from './lock-store.ts'
import type { Locks } from './lock.ts'
import { readFence } from './read-fence.ts'
import { type RedisClient, type RunScript, scriptRunner } from './redis-client.ts'
import { acquireScript, extendScript, isHeldScript, releaseScript } from './redis-scripts.ts'

export interface RedisLocksOptions {
  /** Stands before each name in Redis, so that others who share it are not met. Default: `sherd:lock:`. */
  readonly prefix?: string
  /** Measures how long a lease lasts for certain. Default: the monotonic clock of the process. */
  readonly clock?: Clock
}

/**
 * Locks in Redis 5 or newer, among all who use the same Redis and prefix. Takes a client of ioredis or node-redis, which stays
 * its owner's to close. SHERD_LOCK_OPTION when it is neither.
 */
export function redisLocks(client: RedisClient, options: RedisLocksOptions = {}): Locks {
  return scriptedLocks(scriptRunner(client), options)
}

/** Locks in a Redis that is reached by something else than a client. */
export function scriptedLocks(run: RunScript, options: RedisLocksOptions): Locks {
  const { prefix = 'sherd:lock:', clock = systemClock } = options
  const ask = async (script: string, name: string, values: readonly string[]): Promise<boolean> =>
    (await run(script, prefix + name, values)) === 1
  return createLocks(
    {
      take: async (name, owner, leaseMs, fenceAbove) => {
        const values = [owner, toMicroseconds(leaseMs), String(fenceAbove)]
        const fence = await run(acquireScript, prefix + name, values)
        return fence === null ? undefined : readFence(fence, 'Redis')
      },
      extend: (name, owner, leaseMs) => ask(extendScript, name, [owner, toMicroseconds(leaseMs)]),
      isOwner: (name, owner) => ask(isHeldScript, name, [owner]),
      isHeld: (name) => ask(isHeldScript, name, ['']),
      release: (name, owner) => ask(releaseScript, name, [owner]),
    },
    clock,
  )
}

function toMicroseconds(milliseconds: number): string {
  return String(milliseconds * 1000)
}
