import type { ServerDoor, ServerSession } from '../engine/run-on-server.ts'
import type { AskDatabase } from '../locks/ask-database.ts'
import { type Clock, systemClock } from '../locks/clock.ts'
import { databaseLocks } from '../locks/database-locks.ts'
import { keepHeld, type KeptLock } from '../locks/keep-held.ts'
import type { Locks } from '../locks/lock.ts'
import { memoryLocks } from '../locks/memory-locks.ts'
import type { Topology } from '../topology/topology.ts'
import { busyRun } from './migration-errors.ts'
import { listPlaces, type Place } from './places.ts'

/** Of all runs on SQLite in this process; each statement there is one transaction with its ledger row, so more is not needed. */
const inProcess = memoryLocks()
const lockName = 'sherd/migrate'
const askAgainAfterMs = 200

export interface RunLockOptions {
  readonly leaseMs: number
  /** Longest wait for the lock. */
  readonly waitMs: number
  /** Ends the waiting. */
  readonly signal?: AbortSignal | undefined
  readonly clock?: Clock
}

/** Holds the one lock of all runs around `body`; it is kept in `default`, or in the first database there is. SHERD_MIGRATE_BUSY. */
export async function withRunLock<T>(
  door: ServerDoor,
  topology: Topology,
  { leaseMs, waitMs, signal, clock = systemClock }: RunLockOptions,
  body: (lock: KeptLock) => Promise<T>,
): Promise<T> {
  const place = placeOfLock(topology)
  const locks = door.dialect === 'sqlite' ? inProcess : databaseLocks(askPlace(door, place), { clock })
  const name = door.dialect === 'sqlite' ? `${lockName}/${topology.version}` : lockName
  const kept = keepHeld(await acquire(locks, name, { leaseMs, waitMs, signal, clock }, place), {
    leaseMs,
    clock,
  })
  try {
    return await body(kept)
  } finally {
    // What was done is noted, and a lease that cannot be given back ends by itself.
    await kept.release().catch(() => false)
  }
}

async function acquire(
  locks: Locks,
  name: string,
  { leaseMs, waitMs, signal, clock }: RunLockOptions & { readonly clock: Clock },
  place: Place,
) {
  const dueAt = clock.now() + waitMs
  for (;;) {
    const lock = await locks.acquire(name, { leaseMs })
    if (lock !== undefined) return lock
    if (clock.now() >= dueAt || signal?.aborted === true)
      throw busyRun(`Another run holds the lock ${name} in ${place.name} on server ${place.server.id}.`, {
        server: place.server.id,
      })
    await new Promise<void>((resolve) => clock.setTimer(resolve, askAgainAfterMs, 'foreground'))
  }
}

function placeOfLock(topology: Topology): Place {
  const places = listPlaces(topology)
  const place = places.find(({ name, group }) => name === 'default' && group === undefined) ?? places[0]
  if (place === undefined) throw new TypeError('a topology has a database')
  return place
}

/** What `databaseLocks` asks, past plan and routing. */
function askPlace(door: ServerDoor, place: Place): AskDatabase {
  return async (sql, values) => {
    const text = sql
      .split('?')
      .map((part, at) => (at === 0 ? part : door.escape(values[at - 1]) + part))
      .join('')
    let failure: unknown
    const answer = await door.inDatabase({ server: place.server, database: place.name }, (session) =>
      askSession(session, text).catch((error: unknown) => {
        // An error of a statement leaves the connection as it was.
        failure = error
      }),
    )
    if (failure !== undefined) throw failure
    return answer
  }
}

function askSession(session: ServerSession, text: string): Promise<unknown> {
  return text.startsWith('SELECT') ? session.texts(text) : session.run(text)
}
