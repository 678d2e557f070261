import { type Clock, systemClock } from './clock.ts'
import { type DatabaseTexts, writeDatabaseTexts } from './database-texts.ts'
import { createLocks } from './lock-store.ts'
import type { Locks } from './lock.ts'
import { failStore, readFence } from './read-fence.ts'

/**
 * Runs one statement on a primary, committed when it resolves, and gives its rows as objects, or what it wrote. With mysql2:
 * `async (sql, values) => (await pool.query(sql, values))[0]`.
 */
export type AskDatabase = (sql: string, values: readonly unknown[]) => Promise<unknown>

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

/** The table is created at need and not beforehand, so that a user without the right to create is enough once it is there. */
async function askTable(
  ask: AskDatabase,
  texts: DatabaseTexts,
  sql: string,
  values: readonly unknown[],
): Promise<unknown> {
  try {
    return await ask(sql, values)
  } catch (error) {
    // ER_NO_SUCH_TABLE
    if (typeof error !== 'object' || error === null || !('errno' in error) || error.errno !== 1146)
      throw error
    await ask(texts.createTable, [])
    return ask(sql, values)
  }
}

const remedyOfShape = 'its `ask` must give the rows, or an object with affectedRows'

function readAffected(answer: unknown): boolean {
  if (typeof answer === 'object' && answer !== null && 'affectedRows' in answer)
    return answer.affectedRows === 1
  return failStore(`The database of locks gave no number of rows written: ${remedyOfShape}.`)
}

function readRows(answer: unknown): readonly Readonly<Record<string, unknown>>[] {
  const isRow = (row: unknown): boolean => typeof row === 'object' && row !== null && !Array.isArray(row)
  if (!Array.isArray(answer) || !answer.every(isRow))
    return failStore(`The database of locks gave no rows: ${remedyOfShape}.`)
  // Each is an object, as was looked at above.
  return answer as readonly Readonly<Record<string, unknown>>[]
}
