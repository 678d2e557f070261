import type { Pin } from '../session/pin.ts'
import type { Session } from '../session/session.ts'
import { participantOn, type Transaction } from '../session/transaction.ts'
import { commitUnknown } from './commit-participant.ts'
import type { Engine } from './engine.ts'
import { noteCommit } from './note-write.ts'
import { rollBack } from './roll-back.ts'
import { pinLost } from './session-pin.ts'
import { transactionGone, transactionLost } from './transaction-loss.ts'

/**
 * COMMIT or ROLLBACK: sent only where the transaction has a server; the connections go back to their pools, and
 * the session's transaction is over whatever comes back.
 */
export function endTransaction(
  engine: Engine,
  session: Session,
  action: 'COMMIT' | 'ROLLBACK',
  callback: (error: unknown) => void,
): void {
  const { transaction, pin } = session
  session.finish()
  const isBegunElsewhere =
    pin?.mayHaveBegun === true &&
    (transaction?.kind !== 'open' || participantOn(transaction, pin.server) === undefined)
  if (!isBegunElsewhere) return endOpen(engine, transaction, action, callback)
  endOnPin(engine, session, pin, action, (error) => {
    if (error) rollBackOpen(transaction, () => callback(error))
    else endOpen(engine, transaction, action, callback)
  })
}

function endOpen(
  engine: Engine,
  transaction: Transaction | undefined,
  action: 'COMMIT' | 'ROLLBACK',
  callback: (error: unknown) => void,
): void {
  if (transaction === undefined || transaction.kind === 'pending') return callback(null)
  if (transaction.kind === 'lost') return callback(action === 'COMMIT' ? transactionGone(transaction) : null)
  const { participants } = transaction
  if (action === 'ROLLBACK') return rollBack(participants, () => callback(null))
  const lost = participants.find(({ lease }) => lease.isLost)
  if (lost === undefined) return engine.transactions.commit(engine, participants, callback)
  rollBack(participants, () => callback(transactionLost(lost.server)))
}

function rollBackOpen(transaction: Transaction | undefined, done: () => void): void {
  if (transaction?.kind === 'open') rollBack(transaction.participants, done)
  else done()
}

/** A transaction that a procedure may have begun on the connection that the session keeps. */
function endOnPin(
  engine: Engine,
  session: Session,
  pin: Pin,
  action: 'COMMIT' | 'ROLLBACK',
  callback: (error: unknown) => void,
): void {
  const { lease, server } = pin
  if (lease.isLost) return callback(action === 'COMMIT' ? pinLost(server) : null)
  lease.connection.run({ text: action, values: [], protocol: 'text' }, (error, packet) => {
    if (action === 'ROLLBACK') return callback(null)
    if (error) return callback(engine.driver.isFatal(error) ? commitUnknown(engine, [server], error) : error)
    session.pin = { ...pin, mayHaveBegun: false }
    noteCommit(engine, [server], lease.connection, packet, () => callback(null))
  })
}
