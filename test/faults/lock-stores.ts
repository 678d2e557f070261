import { createPool } from 'mysql2/promise'

import { databaseLocks } from '../../src/locks/database-locks.ts'
import type { Locks } from '../../src/locks/lock.ts'
import { redisLocks } from '../../src/locks/redis-locks.ts'
import { openRedis, type RedisLibrary } from '../locks/redis-clients.ts'

/** Where locks are kept; can be sent to another process. */
export interface LockPlace {
  readonly maker: RedisLibrary | 'mysql2'
  readonly url: string
}

export interface OpenedLocks {
  readonly locks: Locks
  readonly close: () => Promise<void>
}

export async function openLocks({ maker, url }: LockPlace): Promise<OpenedLocks> {
  if (maker !== 'mysql2') {
    const { client, close } = await openRedis(maker, url)
    return { locks: redisLocks(client), close }
  }
  const pool = createPool({ uri: url, supportBigNumbers: true })
  const locks = databaseLocks(async (sql, values) => (await pool.query(sql, [...values]))[0])
  return { locks, close: () => pool.end() }
}
