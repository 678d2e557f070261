import { loadPeer } from '../errors/load-peer.ts'
import { SherdError } from '../errors/sherd-error.ts'
import type { Sherd } from '../facade/sherd.ts'
import type { Locks } from '../locks/lock.ts'
import { memoryLocks } from '../locks/memory-locks.ts'
import type { IoredisClient } from '../locks/redis-client.ts'
import { redisLocks } from '../locks/redis-locks.ts'
import type { Terminal } from './terminal.ts'

export interface LockOptions {
  readonly locks: 'memory' | 'database' | 'redis'
  /** `redis://…`; of the environment: REDIS_URL. */
  readonly redis?: string
}

interface RedisModule {
  readonly Redis: new (
    url: string,
    options: object,
  ) => IoredisClient & {
    disconnect(): void
    on(event: 'error', listener: () => void): void
  }
}

/** Runs `body` with the locks that were asked for, and closes what they needed. */
export async function withLocks<T>(
  terminal: Terminal,
  sherd: Sherd,
  options: LockOptions,
  body: (locks: Locks) => Promise<T>,
): Promise<T> {
  if (options.redis === undefined && options.locks === 'memory') return body(memoryLocks())
  if (options.locks === 'database') return body(sherd.databaseLocks())
  const url = options.redis ?? terminal.env['REDIS_URL']
  if (url === undefined || !/^rediss?:\/\//u.test(url))
    throw new SherdError('SHERD_CLI_ARGUMENT', {
      message: 'Locks in Redis need its URL.',
      remedy: 'Give --redis redis://host:6379, or set REDIS_URL.',
    })
  // ioredis 5 exports its client as Redis.
  const { Redis } = (await loadPeer('ioredis', '^5.11.1', () => import('ioredis'))) as RedisModule
  const client = new Redis(url, { commandTimeout: 5_000, maxRetriesPerRequest: 1 })
  // The failure of each command tells; without a listener the library would print the address.
  client.on('error', () => undefined)
  try {
    return await body(redisLocks(client))
  } finally {
    client.disconnect()
  }
}
