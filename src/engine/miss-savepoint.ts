import type { Session } from '../session/session.ts'
import { anyServer } from './any-server.ts'
import type { Engine } from './engine.ts'
import { takeSeatBeside } from './seat.ts'

/**
 * Gives the server's own error (ER_SP_DOES_NOT_EXIST, 1305, of MariaDB and MySQL) to who releases, or goes back to, a savepoint
 * that cannot stand: Knex and others tell by it that a schema statement has ended the transaction. A connection beside the
 * session's transaction has no savepoints, so that any server says so, and a transaction that has none yet gets none by it.
 */
export function missSavepoint(
  engine: Engine,
  session: Session,
  text: string,
  finish: (error: unknown) => void,
): void {
  takeSeatBeside(engine, session, anyServer(engine), (refused, seat) => {
    if (seat === undefined) return finish(refused)
    seat.connection.run({ text, values: [], protocol: 'text' }, (error) => {
      seat.leave(error)
      finish(error)
    })
  })
}
