import { Redis } from 'ioredis'
import { createClient } from 'redis'

import type { RedisClient } from '../../src/locks/redis-client.ts'

/** A client and how to close it. */
export interface OpenedClient {
  readonly client: RedisClient
  readonly close: () => Promise<void>
}

/** Both libraries, so that a suite can be run with each. */
export const redisLibraries = ['ioredis', 'node-redis'] as const
export type RedisLibrary = (typeof redisLibraries)[number]

/** Connects; comes back by itself after a loss, a tenth of a second later at most. */
export async function openRedis(library: RedisLibrary, url: string): Promise<OpenedClient> {
  if (library === 'ioredis') {
    const client = new Redis(url, { maxRetriesPerRequest: null, retryStrategy: () => 50 })
    // Without a listener, a server that is killed would fill the output.
    client.on('error', () => undefined)
    return { client, close: async () => client.disconnect() }
  }
  const client = createClient({ url, socket: { reconnectStrategy: () => 50 } })
  client.on('error', () => undefined)
  await client.connect()
  return { client, close: async () => client.destroy() }
}
