import { SherdError } from '../errors/sherd-error.ts'
import { events } from '../observe/events.ts'
import type { Session } from '../session/session.ts'
import type { LostTransaction, Participant } from '../session/transaction.ts'
import type { Server } from '../topology/topology.ts'

/**
 * Marks the session's transaction as gone. What other servers hold of it is rolled back by cutting their
 * connections; `clean` is a participant whose server has ended its part and whose connection is as good as new.
 */
export function loseTransaction(session: Session, server: Server, reason: string, clean?: Participant): void {
  const { transaction } = session
  session.lose(server, reason)
  events.transaction.publish({ action: 'lost', server: server.id })
  if (transaction?.kind !== 'open') return
  for (const participant of transaction.participants) {
    if (participant === clean) participant.lease.release()
    else participant.lease.destroy()
  }
}

export const brokenConnection = 'its connection broke'

/** The error of the statement during which the connection of a transaction broke. */
export function transactionLost(server: Server, cause?: unknown): SherdError {
  return new SherdError('SHERD_TRANSACTION_LOST', {
    message: `The connection to server ${server.id} broke inside a transaction, which is rolled back.`,
    details: { server: server.id },
    cause,
  })
}

/** The error of whatever is sent to a transaction that is gone. */
export function transactionGone({ server, reason }: LostTransaction): SherdError {
  return new SherdError('SHERD_TRANSACTION_LOST', {
    message: `The transaction is gone: on server ${server.id} ${reason}. This statement was not run.`,
    details: { server: server.id },
  })
}
