import type { Session } from '../session/session.ts'
import { endTransaction } from './end-transaction.ts'
import type { Engine } from './engine.ts'
import { unpin } from './session-pin.ts'

/** Rolls back what is open, and gives back the connection that the session kept. Its settings stay. */
export function endSession(engine: Engine, session: Session, next: () => void): void {
  endTransaction(engine, session, 'ROLLBACK', () => unpin(session, next))
}
