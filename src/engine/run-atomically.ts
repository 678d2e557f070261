import type { DriverConnection, ResultCallback } from '../drivers/driver.ts'
import type { Session } from '../session/session.ts'
import type { Server } from '../topology/topology.ts'
import { commitUnknown } from './commit-participant.ts'
import type { Engine } from './engine.ts'
import { noteCommit } from './note-write.ts'
import { runInOrder } from './run-in-order.ts'
import { type SeatCallback, takeSeat } from './seat.ts'
import type { StatementDeadline } from './statement-deadline.ts'
import { transactionLost } from './transaction-loss.ts'

type Work = (connection: DriverConnection, next: ResultCallback) => void

/** How the work is fenced: by a transaction of its own, or by a savepoint inside the session's. */
interface Fence {
  readonly begin: readonly string[]
  readonly keep: readonly string[]
  readonly undo: readonly string[]
}

const ownTransaction: Fence = { begin: ['BEGIN'], keep: ['COMMIT'], undo: ['ROLLBACK'] }
const savepoint: Fence = {
  begin: ['SAVEPOINT sherd_split'],
  keep: ['RELEASE SAVEPOINT sherd_split'],
  undo: ['ROLLBACK TO SAVEPOINT sherd_split', 'RELEASE SAVEPOINT sherd_split'],
}

/** Runs `work` so that all of it holds or none: the first error undoes what was done, and is the one reported. */
export function runAtomically(
  engine: Engine,
  session: Session,
  server: Server,
  work: Work,
  done: ResultCallback,
  deadline?: StatementDeadline,
): void {
  const fence = session.transaction === undefined ? ownTransaction : savepoint
  const start: SeatCallback = (error, seat) => {
    if (seat === undefined) return done(error)
    const { connection } = seat
    deadline?.onSilence(() => seat.abandon())
    const finish = (failure: unknown, rows?: unknown): void => {
      seat.leave(failure)
      done(failure, rows)
    }
    const undo = (failure: unknown): void =>
      runInOrder(connection, fence.undo, (undoFailure) => {
        if (!undoFailure) return finish(failure)
        // Without the undo the connection may still hold half of the work. After a deadlock the server has
        // ended the whole transaction, savepoint and all; what comes next must not run outside of it.
        seat.abandon()
        const isLost = fence === savepoint && engine.driver.isFatal(failure)
        done(isLost ? transactionLost(server, failure) : failure)
      })
    const keep = (rows: unknown): void =>
      runInOrder(connection, fence.keep, (failure, packet) => {
        if (failure && fence === ownTransaction && engine.driver.isFatal(failure)) {
          seat.abandon()
          return done(commitUnknown(engine, [server], failure))
        }
        if (failure) return undo(failure)
        if (fence === savepoint) {
          seat.participant?.noteWrite()
          return finish(null, rows)
        }
        noteCommit(engine, [server], connection, packet, () => finish(null, rows))
      })
    const begin =
      engine.topology.dialect === 'mysql' ? [...fence.begin, 'SELECT LAST_INSERT_ID(0)'] : fence.begin
    runInOrder(connection, begin, (failure) => {
      if (failure) return undo(failure)
      work(connection, (workFailure, rows) => (workFailure ? undo(workFailure) : keep(rows)))
    })
  }
  takeSeat(engine, session, server, false, start, deadline === undefined ? undefined : { guard: deadline })
}
