import { isNoSuchTable } from '../engine/no-such-table.ts'
import type { RawRow } from '../drivers/raw-rows.ts'
import type { ServerSession } from '../engine/run-on-server.ts'
import type { ReferenceCopy } from '../topology/reference-copies.ts'
import { fenced } from './reference-errors.ts'
import { clockOf, createStatus, lockStatus, type StatusRow, writeStatus } from './status-row.ts'
import type { ReferenceContext, ReferenceLimits, SyncOptions } from './sync-context.ts'
import type { SyncedTable } from './synced-table.ts'

/** One call for one copy. */
export interface Round {
  readonly context: ReferenceContext
  readonly copy: ReferenceCopy
  readonly options: SyncOptions
  readonly limits: Required<ReferenceLimits>
  /** Counted as the round goes on. */
  readonly tally: Tally
}

export interface Tally {
  inserted: number
  updated: number
  deleted: number
  batches: number
  /** Rows that could not be deleted. */
  blocked: number
}

/** A round whose definitions are read. */
export interface TableRound extends Round {
  readonly table: SyncedTable
}

/** The copy's status row is locked, so that nobody else writes the copy, and the source may be read. */
export interface HeldCopy {
  readonly source: ServerSession
  readonly target: ServerSession
  readonly status: StatusRow
  /** Throws when the lock was lost. Before each write. */
  readonly requireLock: () => void
}

/** What the transaction writes into the status row at its end; undefined leaves it. */
export interface Held<T> {
  readonly status?: Partial<StatusRow> | undefined
  readonly answer: T
}

const maxAttempts = 5

export function startRound(context: ReferenceContext, copy: ReferenceCopy, options: SyncOptions): Round {
  const {
    batchRows = 1_000,
    batchBytes = 8 * 1024 * 1024,
    chunkRows = 5_000,
    overlapMs = 60_000,
  } = context.limits ?? {}
  const limits = { batchRows, batchBytes, chunkRows, overlapMs }
  const tally = { inserted: 0, updated: 0, deleted: 0, batches: 0, blocked: 0 }
  return { context, copy, options, limits, tally }
}

/** Runs `body` with a connection to the source and one to the shard. */
export function withSessions<T>(
  { context, copy }: Pick<Round, 'context' | 'copy'>,
  body: (source: ServerSession, target: ServerSession) => Promise<T>,
): Promise<T> {
  const places = [
    { server: copy.source.server, database: copy.source.name },
    { server: copy.shard.server, database: copy.shard.name },
  ]
  return context.door.onPrimaries(places, ([source, target]) => {
    if (source === undefined || target === undefined) throw new TypeError('two places give two sessions')
    return body(source, target)
  })
}

/**
 * One transaction on the copy. `isUnchecked`: foreign keys are not checked and cascade nothing; the body checks them.
 * Throws SHERD_REFERENCE_FENCED, and the reason of the signal.
 */
export async function holdCopy<T>(
  round: Round,
  body: (held: HeldCopy) => Promise<Held<T>>,
  isUnchecked = false,
): Promise<T> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await withSessions(round, (source, target) => holdOnce(round, source, target, body, isUnchecked))
    } catch (error) {
      if (attempt >= maxAttempts || !isLockTrouble(error)) throw error
    }
  }
}

async function holdOnce<T>(
  round: Round,
  source: ServerSession,
  target: ServerSession,
  body: (held: HeldCopy) => Promise<Held<T>>,
  isUnchecked: boolean,
): Promise<T> {
  const { context, copy, options } = round
  const { door } = context
  const requireLock = (): void => options.signal?.throwIfAborted()
  requireLock()
  if (isUnchecked) await target.run(checksText(door.dialect, false))
  try {
    const status = await beginAndLock(round, target)
    const { fence } = options
    if (status.fence > fence) throw fenced(copy, status.fence)
    const { status: changes, answer } = await body({
      source,
      target,
      status: { ...status, fence },
      requireLock,
    })
    requireLock()
    if (changes !== undefined || status.fence < fence)
      await writeStatus(door, target, copy, { ...status, ...changes, fence })
    requireLock()
    await target.commit()
    if (isUnchecked) await target.run(checksText(door.dialect, true))
    return answer
  } catch (error) {
    // The foreign keys of SQLite cannot be switched inside a transaction; what fails here fails in the door too.
    if (isUnchecked) {
      await target.run('ROLLBACK').catch(() => undefined)
      await target.run(checksText(door.dialect, true)).catch(() => undefined)
    }
    throw error
  }
}

async function beginAndLock({ context, copy }: Round, target: ServerSession): Promise<StatusRow> {
  const { door, copies } = context
  await target.run('BEGIN')
  const found = await lockStatus(door, target, copy).catch((error: unknown) => {
    if (isNoSuchTable(error)) return undefined
    throw error
  })
  if (found !== undefined) return found
  await target.run('ROLLBACK')
  await createStatus(door, target, copy, copies)
  await target.run('BEGIN')
  const made = await lockStatus(door, target, copy)
  if (made === undefined) throw new TypeError('a status row that was just made is not there')
  return made
}

function checksText(dialect: 'mysql' | 'sqlite', isOn: boolean): string {
  if (dialect === 'mysql') return `SET foreign_key_checks = ${isOn ? 1 : 0}`
  return `PRAGMA foreign_keys = ${isOn ? 'ON' : 'OFF'}`
}

/** 1213 deadlock, 1020 row changed since it was read: nothing was kept, another try may succeed at once. Not 1205: it waited long enough. */
function isLockTrouble(error: unknown): boolean {
  if (typeof error !== 'object' || error === null || !('errno' in error)) return false
  return error.errno === 1213 || error.errno === 1020
}

/** The source's clock, and where its log is. Asked before rows are read, so that they are at least as new. */
export async function readSourceClock(
  { context: { door } }: Pick<Round, 'context'>,
  source: ServerSession,
): Promise<{ readonly now: string; readonly position: string | undefined }> {
  const isMariadb = /mariadb/iu.test(source.version)
  const position = door.dialect === 'sqlite' ? 'NULL' : isMariadb ? '@@gtid_binlog_pos' : '@@gtid_executed'
  const [row] = (await source.rows(`SELECT ${clockOf(door)}, ${position}`)).rows
  const told = String(row?.[1] ?? '').replaceAll('\n', '')
  return { now: String(row?.[0]), position: told === '' ? undefined : told }
}

/** Of SQL in UTC. */
export function readTime(text: string): Date {
  return new Date(`${text.replace(' ', 'T')}Z`)
}

/** A list in parts of at most `size`. */
export function cutList<T>(list: readonly T[], size: number): readonly (readonly T[])[] {
  const parts: (readonly T[])[] = []
  for (let from = 0; from < list.length; from += size) parts.push(list.slice(from, from + size))
  return parts
}

/** The rows of an answer. */
export async function rowsOf(session: ServerSession, text: string): Promise<readonly RawRow[]> {
  return (await session.rows(text)).rows
}
