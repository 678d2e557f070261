import type { Session } from '../session/session.ts'
import type { Engine } from './engine.ts'
import { rollBack } from './roll-back.ts'
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
  const { transaction } = session
  session.finish()
  if (transaction === undefined || transaction.kind === 'pending') return callback(null)
  if (transaction.kind === 'lost') return callback(action === 'COMMIT' ? transactionGone(transaction) : null)
  const { participants } = transaction
  if (action === 'ROLLBACK') return rollBack(participants, () => callback(null))
  const lost = participants.find(({ lease }) => lease.isLost)
  if (lost === undefined) return engine.transactions.commit(engine, participants, callback)
  rollBack(participants, () => callback(transactionLost(lost.server)))
}
