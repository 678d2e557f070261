import type { ResultCallback } from '../drivers/driver.ts'
import { SherdError } from '../errors/sherd-error.ts'
import { emptyWrite } from '../merge/empty-write.ts'
import type { SessionPlan } from '../plan/plan.ts'
import { readSettings } from '../session/session-settings.ts'
import type { Session } from '../session/session.ts'
import type { TransactionStatement } from '../sql/ast.ts'
import { applySettings } from './apply-settings.ts'
import type { Engine } from './engine.ts'
import { endTransaction } from './end-transaction.ts'
import type { Request } from './request.ts'

/** Transaction control and SET. Most of it is only remembered: nothing is sent before a statement names a server. */
export function runSessionStatement(
  engine: Engine,
  session: Session,
  plan: SessionPlan,
  request: Request,
  done: ResultCallback,
): void {
  const { statement } = plan
  const finish = (error: unknown): void => (error ? done(error) : done(null, emptyWrite()))
  if (session.isShared) throw sharedSession(request)
  if (statement.kind === 'set') return applySettings(engine, session, readSettings(statement), finish)
  refuseUnsupported(statement)
  switch (statement.action) {
    case 'begin':
      return endTransaction(engine, session, 'COMMIT', (error) => {
        if (!error) session.begin(textOf(statement))
        finish(error)
      })
    case 'commit':
    case 'rollback':
      return endTransaction(engine, session, textOf(statement), finish)
    case 'savepoint':
    case 'release':
    case 'rollbackTo':
      return runSavepoint(session, statement, finish)
    case 'setTransaction':
      return setTransaction(engine, session, statement, finish)
    case 'xa':
      throw unsupported(statement, 'XA is not available through the pool.')
  }
}

function runSavepoint(
  session: Session,
  statement: TransactionStatement,
  finish: (error: unknown) => void,
): void {
  const { transaction } = session
  if (transaction === undefined) {
    throw new SherdError('SHERD_NO_TRANSACTION', {
      message: 'A savepoint needs a transaction, and none is open here.',
      sql: statement.sql,
    })
  }
  if (transaction.kind === 'pending') {
    session.hold(transaction, textOf(statement))
    return finish(null)
  }
  transaction.lease.connection.run({ text: textOf(statement), values: [], protocol: 'text' }, finish)
}

function setTransaction(
  engine: Engine,
  session: Session,
  statement: TransactionStatement,
  finish: (error: unknown) => void,
): void {
  if (statement.scope === 'session') {
    return applySettings(engine, session, [{ name: 'transaction', text: textOf(statement) }], finish)
  }
  session.holdForNext(textOf(statement))
  finish(null)
}

/** Throws SHERD_TRANSACTION_UNSUPPORTED. */
export function refuseUnsupported(statement: TransactionStatement): void {
  if (statement.isChained || statement.isReleased)
    throw unsupported(statement, 'AND CHAIN and RELEASE are not available.')
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
