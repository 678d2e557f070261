import type { ResultCallback } from '../drivers/driver.ts'
import { SherdError } from '../errors/sherd-error.ts'
import { emptyWrite } from '../merge/empty-write.ts'
import type { SessionPlan } from '../plan/plan.ts'
import type { SavepointAction } from '../session/savepoints.ts'
import { readAutocommit, readSettings } from '../session/session-settings.ts'
import type { Session } from '../session/session.ts'
import { sqlModeRule } from '../session/session-sql-mode.ts'
import type { SetStatement, TransactionStatement } from '../sql/ast.ts'
import { applySettings } from './apply-settings.ts'
import { changeSavepoint } from './change-savepoint.ts'
import type { Engine } from './engine.ts'
import { endTransaction } from './end-transaction.ts'
import { limitEnding } from './limit-time.ts'
import { missSavepoint } from './miss-savepoint.ts'
import type { Request } from './request.ts'
import { transactionGone } from './transaction-loss.ts'

type Finish = (error: unknown) => void

/** Transaction control and SET. Most of it is only remembered: nothing is sent before a statement names a server. */
export function runSessionStatement(
  engine: Engine,
  session: Session,
  plan: SessionPlan,
  request: Request,
  done: ResultCallback,
): void {
  const { statement } = plan
  const finish: Finish = (error) => (error ? done(error) : done(null, emptyWrite()))
  if (session.isShared) throw sharedSession(request)
  session.lastConnection = undefined
  if (statement.kind === 'set') return runSet(engine, session, statement, finish)
  refuseUnsupported(statement)
  switch (statement.action) {
    case 'begin':
      return begin(engine, session, statement, finish)
    case 'commit':
    case 'rollback':
      return complete(engine, session, statement, limitEnding(engine, session, request, finish))
    case 'savepoint':
    case 'release':
    case 'rollbackTo':
      return runSavepoint(engine, session, statement, statement.action, finish)
    case 'setTransaction':
      return setTransaction(engine, session, statement, finish)
    case 'xa':
      throw unsupported(statement, 'XA is not available through the pool.')
  }
}

/** autocommit is switched only after the other variables were taken, so that a SET that fails changes nothing. */
function runSet(engine: Engine, session: Session, statement: SetStatement, finish: Finish): void {
  const settings = readSettings(statement, sqlModeRule(engine.topology, engine.defaults.modes))
  const isOn = readAutocommit(statement)
  applySettings(engine, session, settings, (error) => {
    if (error || isOn === undefined) return finish(error)
    const change = (failure: unknown): void => {
      if (!failure) session.setAutocommit(isOn)
      finish(failure)
    }
    if (isOn && !session.isAutocommit) endTransaction(engine, session, 'COMMIT', change)
    else change(null)
  })
}

/** Commits what is open, as on a server. A transaction that is gone is over, its caller has been told. */
function begin(engine: Engine, session: Session, statement: TransactionStatement, finish: Finish): void {
  const action = session.transaction?.kind === 'lost' ? 'ROLLBACK' : 'COMMIT'
  endTransaction(engine, session, action, (error) => {
    if (!error) session.begin(textOf(statement))
    finish(error)
  })
}

function complete(engine: Engine, session: Session, statement: TransactionStatement, finish: Finish): void {
  const { opening } = session
  endTransaction(engine, session, statement.action === 'commit' ? 'COMMIT' : 'ROLLBACK', (error) => {
    if (!error && statement.isChained) session.beginAgain(opening.length === 0 ? ['BEGIN'] : opening)
    finish(error)
  })
}

function runSavepoint(
  engine: Engine,
  session: Session,
  statement: TransactionStatement,
  action: SavepointAction,
  finish: Finish,
): void {
  const { transaction } = session
  const name = statement.name?.name ?? ''
  if (transaction?.kind === 'lost') throw transactionGone(transaction)
  const isMade = action === 'savepoint'
  if (isMade && transaction === undefined) return keepNone(engine, statement, finish)
  // Where the transaction has a server, that knows its savepoints.
  const isUnknown = transaction?.kind === 'pending' && !session.hasSavepoint(name)
  if (!isMade && (transaction === undefined || isUnknown))
    return missSavepoint(engine, session, textOf(statement), finish)
  changeSavepoint(engine, session, action, { name, text: textOf(statement) }, finish)
}

/**
 * MariaDB and MySQL take a SAVEPOINT outside of a transaction and keep nothing of it: migrators go on with the next migration's after a
 * schema statement has ended their transaction. On SQLite it would begin a transaction, on which server nobody could say.
 */
function keepNone(engine: Engine, { sql }: TransactionStatement, finish: Finish): void {
  if (engine.topology.dialect === 'mysql') return finish(null)
  throw new SherdError('SHERD_NO_TRANSACTION', { message: 'A savepoint needs a transaction.', sql })
}

function setTransaction(
  engine: Engine,
  session: Session,
  statement: TransactionStatement,
  finish: Finish,
): void {
  if (statement.scope === 'session') {
    return applySettings(engine, session, [{ name: 'transaction', text: textOf(statement) }], finish)
  }
  const { transaction } = session
  if (transaction !== undefined && !(transaction.kind === 'pending' && transaction.isImplicit)) {
    throw new SherdError('SHERD_TRANSACTION_OPEN', {
      message: 'SET TRANSACTION was sent inside a transaction, whose characteristics are fixed.',
      sql: statement.sql,
    })
  }
  session.holdForNext(textOf(statement))
  finish(null)
}

/** Throws SHERD_TRANSACTION_UNSUPPORTED. */
export function refuseUnsupported(statement: TransactionStatement): void {
  if (statement.isReleased) throw unsupported(statement, 'RELEASE is not available.')
  if (statement.scope === 'global')
    throw unsupported(statement, 'SET GLOBAL TRANSACTION would change one server only.')
}

function unsupported(statement: TransactionStatement, message: string): SherdError {
  return new SherdError('SHERD_TRANSACTION_UNSUPPORTED', { message, sql: statement.sql })
}

function sharedSession(request: Request): SherdError {
  return new SherdError('SHERD_SESSION_ON_POOL', {
    message:
      'A transaction or SET was sent to the pool itself, where the next statement may run on any connection.',
    sql: request.sql,
  })
}

/** Without the semicolon and comments around it, so that held texts can be replayed one by one. */
function textOf(statement: TransactionStatement): string {
  return statement.sql.slice(statement.start, statement.end)
}
