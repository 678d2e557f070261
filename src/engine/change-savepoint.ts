import { changeSavepoints, type SavepointAction } from '../session/savepoints.ts'
import type { Session } from '../session/session.ts'
import type { Participant } from '../session/transaction.ts'
import { checkTransaction } from './check-transaction.ts'
import type { Engine } from './engine.ts'

/**
 * Makes, releases or goes back to a savepoint on all servers of the transaction. A server that joins
 * later is told the savepoints that stand then, so going back to one takes back all that it did.
 */
export function changeSavepoint(
  engine: Engine,
  session: Session,
  action: SavepointAction,
  savepoint: { readonly name: string; readonly text: string },
  callback: (error: unknown) => void,
): void {
  const { transaction } = session
  const participants = transaction?.kind === 'open' ? transaction.participants : []
  sendToAll(engine, session, participants, savepoint.text, (error) => {
    if (!error) session.setSavepoints(changeSavepoints(session.savepoints, action, savepoint))
    callback(error)
  })
}

function sendToAll(
  engine: Engine,
  session: Session,
  participants: readonly Participant[],
  sql: string,
  callback: (error: unknown) => void,
  from = 0,
): void {
  const participant = participants[from]
  if (participant === undefined) return callback(null)
  participant.lease.connection.run({ text: sql, values: [], protocol: 'text' }, (error, rows) => {
    const ran = { engine, session, participant, isRead: true, sql, error, rows }
    checkTransaction(ran, (failure) =>
      failure ? callback(failure) : sendToAll(engine, session, participants, sql, callback, from + 1),
    )
  })
}
