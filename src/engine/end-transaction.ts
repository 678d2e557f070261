import type { Session } from '../session/session.ts'
import type { Engine } from './engine.ts'
import { noteCommit } from './note-write.ts'

/** COMMIT or ROLLBACK: sent only when the transaction has a server; the connection goes back to its pool. */
export function endTransaction(
  engine: Engine,
  session: Session,
  text: string,
  callback: (error: unknown) => void,
): void {
  const { transaction, hasWritten } = session
  session.finish()
  if (transaction?.kind !== 'open') return callback(null)
  const { lease, server } = transaction
  lease.connection.run({ text, values: [], protocol: 'text' }, (error, packet) => {
    if (error) {
      // Whether the transaction still stands there is not known, so nobody may inherit this connection.
      lease.destroy()
      return callback(error)
    }
    const finish = (): void => {
      lease.release()
      callback(null)
    }
    if (hasWritten) noteCommit(engine, server, lease.connection, packet, finish)
    else finish()
  })
}
