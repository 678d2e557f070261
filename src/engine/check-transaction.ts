import type { Session } from '../session/session.ts'
import type { Participant } from '../session/transaction.ts'
import { brokenConnection, loseTransaction, transactionLost } from './transaction-loss.ts'
import type { Engine } from './engine.ts'
import { commitsImplicitly, keepsTransaction } from './implicit-commit.ts'
import { noteCommit } from './note-write.ts'

/** A statement that has run in a transaction, and how it ended. */
export interface RanInTransaction {
  readonly engine: Engine
  readonly session: Session
  readonly participant: Participant
  readonly isRead: boolean
  readonly sql: string
  /** For the error texts. */
  readonly shard?: string
  readonly error: unknown
  readonly rows?: unknown
}

/**
 * Learns from the server whether the transaction still stands after a statement: a deadlock has rolled it back,
 * a schema statement has committed it. Otherwise the next statements would run by themselves, one by one, and
 * nobody would know. OK packets tell it; after errors the server is asked once. Gives the error to be told.
 */
export function checkTransaction(ran: RanInTransaction, next: (error: unknown) => void): void {
  const { engine, session, participant, isRead, error, rows } = ran
  const { lease, server } = participant
  if (lease.isLost) {
    loseTransaction(session, server, brokenConnection)
    return next(transactionLost(server, error))
  }
  // A procedure that fails has kept what it did before.
  if (!isRead) participant.noteWrite(ran.shard)
  if (engine.topology.dialect !== 'mysql') return next(error)
  if (error) return isOfServer(error) ? ask(ran, next) : next(error)
  if (isRead) return next(null)
  const isInTransaction = engine.driver.readWrite(rows)?.isInTransaction
  if (isInTransaction === undefined && !keepsTransaction(ran.sql)) return ask(ran, next)
  if (isInTransaction === false) return settle(ran, next)
  next(null)
}

/** `DO 0` changes nothing, and its OK packet has the flag. */
function ask(ran: RanInTransaction, next: (error: unknown) => void): void {
  const { engine, session, participant, error } = ran
  participant.lease.connection.run({ text: 'DO 0', values: [], protocol: 'text' }, (failure, packet) => {
    if (!failure && engine.driver.readWrite(packet)?.isInTransaction !== false) return next(error)
    if (!failure) return settle({ ...ran, rows: packet }, next)
    loseTransaction(session, participant.server, brokenConnection)
    next(error || transactionLost(participant.server, failure))
  })
}

/** The server has ended the transaction: by a commit, as it does around schema statements, or by taking all back. */
function settle(ran: RanInTransaction, next: (error: unknown) => void): void {
  const { engine, session, participant, error, rows } = ran
  const { server, lease } = participant
  const isAlone = session.transaction?.kind === 'open' && session.transaction.participants.length === 1
  const isCommit = !isRollback(error) && (!error || commitsImplicitly(ran.sql))
  if (isAlone && isCommit) {
    session.finish()
    return noteCommit(engine, participant.servers, lease.connection, rows, () => {
      lease.release()
      next(error)
    })
  }
  const reason = isCommit ? 'a statement has committed it' : 'the server has rolled it back'
  // A branch of XA stays on its connection until that is cut.
  loseTransaction(session, server, reason, participant.branch === undefined ? participant : undefined)
  next(error)
}

/**
 * 1213 deadlock, 1205 lock wait time-out with innodb_rollback_on_timeout, 1206 lock table full, 1020 row changed
 * since the snapshot (MariaDB 11), 1402, 1613, 1614 the same said by XA.
 */
const rollbackNumbers: ReadonlySet<unknown> = new Set([1213, 1205, 1206, 1020, 1402, 1613, 1614])

function isRollback(error: unknown): boolean {
  return typeof error === 'object' && error !== null && 'errno' in error && rollbackNumbers.has(error.errno)
}

/** Errors of the network have numbers below zero, those of sherd and the library none that a server gives. */
function isOfServer(error: unknown): boolean {
  return (
    typeof error === 'object' &&
    error !== null &&
    'sqlState' in error &&
    'errno' in error &&
    typeof error.errno === 'number' &&
    error.errno > 0
  )
}
