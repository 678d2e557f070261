import { type AskDatabase, askTable, readAffected, readRows } from './ask-database.ts'
import { type Clock, systemClock } from './clock.ts'
import { type DatabaseTexts, writeDatabaseTexts } from './database-texts.ts'
import { createLocks } from './lock-store.ts'
import type { Locks } from './lock.ts'
import { readFence } from './read-fence.ts'

export interface DatabaseLocksOptions {
  /** The table of the leases, with its database if the connection has none. Created when it is missing. Default: `sherd_locks`. */
  readonly table?: string
  /** Measures how long a lease lasts for certain. Default: the monotonic clock of the process. */
  readonly clock?: Clock
}

/**
 * Locks in a table of MariaDB or MySQL, a row for each name, by the clock of the server. Among all who use the same table on
 * the same primary. SHERD_LOCK_OPTION for a table's name that is none, SHERD_LOCK_STORE for an `ask` of another shape.
 */
export function databaseLocks(ask: AskDatabase, options: DatabaseLocksOptions = {}): Locks {
  const { table = 'sherd_locks', clock = systemClock } = options
  const texts = writeDatabaseTexts(table)
  const write = async (sql: string, values: readonly unknown[]): Promise<boolean> =>
    readAffected(await ask(sql, values))
  const has = async (sql: string, values: readonly unknown[]): Promise<boolean> =>
    readRows(await askTable(ask, texts, sql, values)).length > 0
  return createLocks(
    {
      take: (name, owner, leaseMs, fenceAbove) =>
        takeRow(ask, texts, { name, owner, leaseMicroseconds: leaseMs * 1000, fenceAbove }),
      extend: (name, owner, leaseMs) => write(texts.extend, [leaseMs * 1000, name, owner]),
      isOwner: (name, owner) => has(texts.isOwner, [name, owner]),
      isHeld: (name) => has(texts.isHeld, [name]),
      release: (name, owner) => write(texts.release, [name, owner]),
    },
    clock,
  )
}

interface Taking {
  readonly name: string
  readonly owner: string
  readonly leaseMicroseconds: number
  readonly fenceAbove: number
}

/** Each of the two writes is one statement and decides alone; the row is then read by an owner that nobody else has. */
async function takeRow(ask: AskDatabase, texts: DatabaseTexts, taking: Taking): Promise<number | undefined> {
  const { name, owner, leaseMicroseconds, fenceAbove } = taking
  const taken = await askTable(ask, texts, texts.takeOver, [owner, fenceAbove, leaseMicroseconds, name])
  const isTaken =
    readAffected(taken) || readAffected(await ask(texts.insert, [name, owner, fenceAbove, leaseMicroseconds]))
  if (!isTaken) return undefined
  const [row] = readRows(await ask(texts.readFence, [name, owner]))
  // Gone already: the lease was shorter than the way of the statement, and somebody took it over.
  return row === undefined ? undefined : readFence(row['fence'], 'The database')
}
