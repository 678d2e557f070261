import type { ResultCallback } from '../drivers/driver.ts'
import type { ShardStatement } from '../rewrite/shard-statement.ts'
import type { Session } from '../session/session.ts'
import { annotateError } from './annotate-error.ts'
import type { Engine } from './engine.ts'
import type { Request } from './request.ts'
import { runInSeat } from './run-in-seat.ts'
import { type SeatCallback, takeSeat } from './seat.ts'

/** Runs a statement on its one logical shard: in the session's transaction, or on a connection leased for it. */
export function runOnOneShard(
  engine: Engine,
  session: Session,
  statement: ShardStatement,
  isRead: boolean,
  request: Request,
  done: ResultCallback,
): void {
  const { shard } = statement
  engine.databases.require(shard, (missing) => {
    if (missing) return done(missing)
    const run: SeatCallback = (error, seat) => {
      if (seat === undefined) return done(annotateError(error, shard.name))
      runInSeat(
        { engine, session, server: shard.server, seat, isRead, request, statement, shard: shard.name },
        done,
      )
    }
    takeSeat(engine, session, shard.server, isRead, run, request.scope?.reads)
  })
}
