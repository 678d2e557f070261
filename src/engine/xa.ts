import { createTransactionIds } from './xa-branch.ts'
import { refuseSnapshot } from './best-effort.ts'
import { joinTransaction } from './join-transaction.ts'
import type { TransactionStrategy } from './transaction-strategy.ts'
import { commitXa } from './xa-commit.ts'
import type { XaRecovery } from './xa-recovery.ts'

/**
 * Two-phase commit. The first server of a transaction always has a local one, so that nothing is paid before a second
 * server joins; its COMMIT is the decision. All others are branches of XA.
 */
export function createXa(recovery: XaRecovery): TransactionStrategy {
  const nextId = createTransactionIds()
  return {
    join: (engine, session, transaction, server, callback, guard) => {
      const refusal = refuseSnapshot(transaction, server)
      if (refusal !== undefined) return callback(refusal)
      const { participants } = transaction
      // What cannot write has nothing to agree on.
      const isReadOnly = /\bread\s+only\b/i.test(transaction.opening.join(' '))
      if (isReadOnly) return joinTransaction(engine, session, server, undefined, callback, guard)
      const join = (transactionId: string): void =>
        joinTransaction(
          engine,
          session,
          server,
          { transactionId, number: participants.length },
          callback,
          guard,
        )
      const known = participants.find(({ branch }) => branch !== undefined)?.branch
      if (known !== undefined) return join(known.transactionId)
      const [first] = participants
      if (first === undefined) return joinTransaction(engine, session, server, undefined, callback, guard)
      recovery.identify(first.server, first.lease.connection, (error, identity) =>
        identity === undefined ? callback(error) : join(nextId(identity)),
      )
    },
    commit: (engine, participants, callback) => commitXa(engine, recovery, participants, callback),
  }
}
