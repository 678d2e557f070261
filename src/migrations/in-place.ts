import { createHash } from 'node:crypto'

import type { ServerDoor, ServerSession } from '../engine/run-on-server.ts'
import { type Ledger, openLedger } from './ledger.ts'
import { busyRun } from './migration-errors.ts'
import type { Place } from './places.ts'

export interface PlaceSession {
  readonly session: ServerSession
  readonly ledger: Ledger
}

/**
 * Runs `body` on a connection of its own to one database, while nobody else does. The connection itself holds that right: when its
 * process is killed the server keeps it until the statement under way is over, so whoever comes next sees what the statement did.
 * SHERD_MIGRATE_BUSY. SQLite has no statement that outlives its process.
 */
export async function inPlace<T>(
  door: ServerDoor,
  place: Place,
  busyTimeoutMs: number,
  body: (parts: PlaceSession) => Promise<T>,
): Promise<T> {
  return door.inDatabase({ server: place.server, database: place.name }, async (session) => {
    const parts = { session, ledger: openLedger(door, session, place) }
    if (door.dialect === 'sqlite') return body(parts)
    const name = door.escape(lockNameOf(place))
    const { rows } = await session.rows(`SELECT GET_LOCK(${name}, ${busyTimeoutMs / 1000})`)
    if (String(rows[0]?.[0]) !== '1')
      throw busyRun(
        `A statement of another run is still under way in ${place.name} on server ${place.server.id}.`,
        { shard: place.name, server: place.server.id },
      )
    await session.run('SET autocommit = 1')
    const answer = await body(parts)
    // When it fails, the connection is closed, and with it the lock is gone.
    await session.rows(`SELECT RELEASE_LOCK(${name})`)
    return answer
  })
}

/** Servers take 64 characters. */
function lockNameOf({ database }: Place): string {
  return `sherd_migrate_${createHash('sha256').update(database).digest('hex').slice(0, 32)}`
}
