import { SherdError } from '../errors/sherd-error.ts'
import type { OpenTransaction } from '../session/transaction.ts'
import type { Server } from '../topology/topology.ts'
import { commitParticipant } from './commit-participant.ts'
import type { TransactionStrategy } from './transaction-strategy.ts'

/** A transaction belongs to the server of its first statement; another one is refused before anything is sent. */
export const oneServer: TransactionStrategy = {
  join: (_engine, _session, transaction, server, callback) => callback(otherServer(transaction, server)),
  commit: (engine, [only], callback) =>
    only === undefined ? callback(null) : commitParticipant(engine, only, callback),
}

/** The refusal of a server that cannot come in. */
export function otherServer({ participants }: OpenTransaction, wanted: Server, remedy?: string): SherdError {
  const bound = participants.map(({ server }) => server.id).join(', ')
  return new SherdError('SHERD_TRANSACTION_SERVER', {
    message: `The transaction runs on server ${bound}, and this statement belongs to server ${wanted.id}.`,
    details: { server: wanted.id },
    ...(remedy === undefined ? {} : { remedy }),
  })
}
