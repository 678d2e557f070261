import type { ServerDoor, ServerPlace, ServerSession, StatementAnswer } from '../engine/run-on-server.ts'
import { SherdError } from '../errors/sherd-error.ts'
import type { FileStatement } from '../sql/split-statements.ts'

export interface ExecOptions {
  /** All statements of a database in one transaction, which is rolled back when one of them fails. Default false: each by itself. */
  readonly isTransaction?: boolean
  /** In a transaction in which the server refuses writes. Default false. */
  readonly isReadOnly?: boolean
  /** Databases at once. Default 4. Too low: slow. Too high: every server works at all of its databases at once. */
  readonly concurrency?: number
  /** `stop`: after a failure no other database is begun, and those under way go on to their end. Default `stop`. */
  readonly onError?: 'stop' | 'continue'
  /** When it aborts, no other statement is begun. */
  readonly signal?: AbortSignal
  /** Told of each database that is over. */
  readonly onPlace?: (report: ExecReport) => void
}

/** `unknown`: the connection was lost while a statement or COMMIT was under way. */
export type ExecOutcome = 'done' | 'failed' | 'not started' | 'unknown'

/** What became of the statements in one database. */
export interface ExecReport {
  /** Logical shard or unsharded database. */
  readonly database: string
  readonly server: string
  /** `product/0/primary`. */
  readonly endpoint: string
  readonly outcome: ExecOutcome
  /** Of each statement that was answered, in their order. All rows are kept, so a result should fit into memory. */
  readonly answers: readonly (readonly StatementAnswer[])[]
  /**
   * What became of the answered ones when the outcome is `failed`. `partly`: not all was taken back, as by a table without
   * transactions, or not all was kept, as when the text has a transaction of its own.
   */
  readonly kept?: 'yes' | 'no' | 'partly'
  readonly error?: unknown
}

/** Runs statements in databases, each on one connection of its own with that database as the default one; reports are in the order of `places`. */
export async function execStatements(
  door: ServerDoor,
  places: readonly ServerPlace[],
  statements: readonly FileStatement[],
  options: ExecOptions = {},
): Promise<readonly ExecReport[]> {
  requireServers(door)
  const { concurrency = 4, onError = 'stop', signal, onPlace } = options
  const reports = new Map<ServerPlace, ExecReport>()
  const waiting = [...places]
  let isStopped = false
  const work = async (): Promise<void> => {
    while (!isStopped && signal?.aborted !== true) {
      const place = waiting.shift()
      if (place === undefined) return
      const report = await runPlace(door, place, statements, options)
      reports.set(place, report)
      if (report.outcome !== 'done' && onError === 'stop') isStopped = true
      onPlace?.(report)
    }
  }
  await Promise.all(Array.from({ length: Math.min(concurrency, places.length) }, work))
  return places.map(
    (place) => reports.get(place) ?? { ...describe(place), outcome: 'not started', answers: [] },
  )
}

/** SQLite has no default database that could be changed: its logical shards are attached to one connection. */
function requireServers({ dialect }: ServerDoor): void {
  if (dialect === 'mysql') return
  throw new SherdError('SHERD_ENGINE', {
    message: 'Statements are run as they stand on MariaDB and MySQL only, and this topology is on SQLite.',
    remedy: 'Open the file of the logical shard with the program sqlite3.',
  })
}

function describe({ server, database, endpoint = server.primary }: ServerPlace) {
  return { database, server: server.id, endpoint: endpoint.id }
}

/** How far a database has come, as its error cannot tell. */
interface Progress {
  readonly answers: (readonly StatementAnswer[])[]
  isCommitting: boolean
  isSent: boolean
  isDone: boolean
  kept: NonNullable<ExecReport['kept']>
}

async function runPlace(
  door: ServerDoor,
  place: ServerPlace,
  statements: readonly FileStatement[],
  options: ExecOptions,
): Promise<ExecReport> {
  const progress: Progress = { answers: [], isCommitting: false, isSent: false, isDone: false, kept: 'yes' }
  const { answers } = progress
  const isBound = options.isTransaction === true || options.isReadOnly === true
  const run = isBound ? runInTransaction : runOneByOne
  try {
    await door.inDatabase(place, (session) => run(door, session, statements, options, progress))
  } catch (error) {
    // What went wrong afterwards, as when the connection is given back, changes nothing of it.
    if (!progress.isDone) {
      const isUnknown = door.isLost(error) && (isBound ? progress.isCommitting : progress.isSent)
      const { kept } = progress
      const outcome = isUnknown ? 'unknown' : 'failed'
      return { ...describe(place), outcome, answers, ...(isUnknown ? {} : { kept }), error }
    }
  }
  return { ...describe(place), outcome: 'done', answers }
}

type Run = (
  door: ServerDoor,
  session: ServerSession,
  statements: readonly FileStatement[],
  options: ExecOptions,
  progress: Progress,
) => Promise<void>

const runOneByOne: Run = async (_door, session, statements, { signal }, progress) => {
  for (const { text } of statements) {
    requireGoing(signal)
    progress.isSent = true
    const answers = await session.answers(text)
    progress.answers.push(answers)
    progress.isSent = false
    const last = answers.at(-1)
    if (last?.kind === 'write' && last.isInTransaction === true) progress.kept = 'partly'
  }
  const state = await session.run('DO 0')
  if (state?.isInTransaction === true) {
    await rollBack(session)
    throw new SherdError('SHERD_EXEC_OPEN_TRANSACTION', {
      message: `The statements left a transaction open in ${session.database}.`,
      details: { shard: session.database, server: session.server.id },
    })
  }
  progress.isDone = true
}

const runInTransaction: Run = async (door, session, statements, options, progress) => {
  progress.kept = 'no'
  await session.run(options.isReadOnly === true ? 'START TRANSACTION READ ONLY' : 'START TRANSACTION')
  try {
    for (const { text } of statements) {
      requireGoing(options.signal)
      progress.answers.push(await session.answers(text))
    }
  } catch (error) {
    // A server rolls back what it lost the connection of.
    if (!door.isLost(error)) progress.kept = await rollBack(session)
    throw error
  }
  progress.isCommitting = true
  await session.commit()
  progress.isDone = true
}

/** ER_WARNING_NOT_COMPLETE_ROLLBACK: MyISAM, Aria and MEMORY keep what was written. */
async function rollBack(session: ServerSession): Promise<'no' | 'partly'> {
  await session.run('ROLLBACK')
  const { rows } = await session.rows('SHOW WARNINGS')
  return rows.some(([, code]) => String(code) === '1196') ? 'partly' : 'no'
}

function requireGoing(signal: AbortSignal | undefined): void {
  if (signal?.aborted !== true) return
  throw new SherdError('SHERD_EXEC_INTERRUPTED', {
    message: 'It was interrupted before its next statement.',
  })
}
