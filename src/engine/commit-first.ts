import type { Session } from '../session/session.ts'
import { catchInto } from './catch-into.ts'
import { endTransaction } from './end-transaction.ts'
import type { Engine } from './engine.ts'
import { commitsImplicitly } from './implicit-commit.ts'

/**
 * True for a statement before which a server commits, when the transaction may span servers: that server knows
 * of its own part only, and a branch of XA it would refuse to commit. On one server it is left to the server.
 */
export function mustCommitFirst(engine: Engine, { transaction }: Session, sql: string): boolean {
  if (transaction?.kind !== 'open' || engine.topology.transactions === 'one-server') return false
  return commitsImplicitly(sql)
}

/** Commits everywhere, as the server would have done for its part; then the statement runs outside of the transaction. */
export function commitFirst(
  engine: Engine,
  session: Session,
  done: (error: unknown) => void,
  run: () => void,
): void {
  endTransaction(engine, session, 'COMMIT', (error) => (error ? done(error) : catchInto(done, run)))
}
