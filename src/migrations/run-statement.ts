import { SherdError } from '../errors/sherd-error.ts'
import { readEvidence } from './evidence.ts'
import type { PlaceSession } from './in-place.ts'
import type { Place } from './places.ts'
import type { PlannedMigration, PlannedStatement } from './plan-files.ts'
import type { RunContext } from './run-context.ts'

/** One statement on one database, on a connection that is alone there. */
export interface StatementRun extends PlaceSession {
  readonly context: Pick<RunContext, 'door'>
  readonly place: Place
  readonly migration: PlannedMigration
  readonly statement: PlannedStatement
}

/** A statement whose end nobody saw: its connection was lost, or it failed and changed its tables all the same. */
export class UnseenEnd extends Error {
  override readonly name = 'UnseenEnd'
}

/** Runs it and notes it. Throws the error of the server when it took no effect, `UnseenEnd` around it when that cannot be told. */
export async function runStatement(run: StatementRun): Promise<void> {
  const { context, statement } = run
  const isOneTransaction =
    context.door.dialect === 'sqlite' || (statement.work === 'rows' && (await isTransactional(run)))
  if (isOneTransaction) await runWithLedger(run)
  else await runBesideLedger(run)
}

/** The rows and the note of them are committed together or not at all. */
async function runWithLedger(run: StatementRun): Promise<void> {
  const { session, ledger, migration, statement, context } = run
  const { name, checksum } = migration
  const { index } = statement
  await session.run(context.door.dialect === 'sqlite' ? 'BEGIN IMMEDIATE' : 'BEGIN')
  try {
    await ledger.write({ name, index, checksum, state: 'done' })
    await session.run(textOf(run))
  } catch (error) {
    // A lost connection has rolled back already.
    if (!isAnswer(error) && context.door.dialect === 'mysql') throw error
    await session.run('ROLLBACK')
    await ledger.write({ name, index, checksum, state: 'failed', error: codeOf(error) })
    throw error
  }
  try {
    await session.commit()
  } catch (error) {
    throw new UnseenEnd('the answer to COMMIT was lost', { cause: error })
  }
}

/** Schema statements commit by themselves, so that they are noted before and after. */
async function runBesideLedger(run: StatementRun): Promise<void> {
  const { session, ledger, migration, statement, context } = run
  const { name, checksum } = migration
  const { index } = statement
  const look = async (): Promise<string> =>
    statement.statement === undefined || statement.work !== 'schema'
      ? ''
      : readEvidence(context.door, session, statement.statement)
  const before = await look()
  await ledger.write({ name, index, checksum, state: 'started', evidence: before })
  try {
    await session.run(textOf(run))
  } catch (error) {
    // What makes or drops one thing does it whole or not at all, though it cannot be seen in a table.
    const isSingle = statement.work === 'other' && /^(?:create|drop|alter)\b/iu.test(statement.text)
    const isAsBefore = isSingle || (before !== '' && (await look().catch(() => '')) === before)
    if (!isAnswer(error) || !isAsBefore) throw new UnseenEnd('its end was not seen', { cause: error })
    await ledger.end(name, index, 'failed', codeOf(error))
    throw error
  }
  await noteDone(run)
}

/** Committed in a transaction of its own, whose position readers of replicas then wait for. */
export async function noteDone({ session, ledger, migration, statement }: StatementRun): Promise<void> {
  await session.run('BEGIN')
  await ledger.end(migration.name, statement.index, 'done')
  await session.commit()
}

function textOf({ statement, place }: StatementRun): string {
  const text = statement.texts.get(place.name)
  if (text === undefined) throw new TypeError('a statement is run only where it has a text')
  return text
}

/** False where a change of rows cannot be taken back: the note of it could be lost, or it. */
async function isTransactional({ context, session, statement }: StatementRun): Promise<boolean> {
  const tables = statement.statement?.tables ?? []
  if (tables.some(({ database }) => database !== undefined)) return false
  const names = [...new Set(tables.map(({ table }) => context.door.escape(table.name)))]
  if (names.length === 0) return false
  // Those are counted that are: an empty answer, as a question that was killed may give, must not mean yes.
  const { rows } = await session.rows(
    `SELECT 1 FROM information_schema.TABLES t JOIN information_schema.ENGINES e ON e.ENGINE = t.ENGINE
      WHERE t.TABLE_SCHEMA = DATABASE() AND t.TABLE_NAME IN (${names.join(', ')}) AND e.TRANSACTIONS = 'YES'`,
  )
  return rows.length === names.length
}

/** Sent by a server that has ended the statement, unlike a connection that was lost, or killed, or is shut down. */
function isAnswer(error: unknown): boolean {
  if (typeof error !== 'object' || error === null || error instanceof SherdError) return false
  if (!('sqlState' in error) || typeof error.sqlState !== 'string') return false
  const errno = 'errno' in error ? Number(error.errno) : 0
  // ER_SERVER_SHUTDOWN, ER_CONNECTION_KILLED
  return errno > 0 && errno !== 1053 && errno !== 1927 && !('fatal' in error && error.fatal === true)
}

function codeOf(error: unknown): string {
  const code = typeof error === 'object' && error !== null && 'code' in error ? error.code : undefined
  return typeof code === 'string' ? code.slice(0, 190) : 'no code'
}
