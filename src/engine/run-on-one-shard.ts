import type { ResultCallback } from '../drivers/driver.ts'
import type { ShardStatement } from '../rewrite/shard-statement.ts'
import { shardsOf, type UnitedStatement } from '../rewrite/unite-statements.ts'
import type { Session } from '../session/session.ts'
import { annotateError } from './annotate-error.ts'
import type { Engine } from './engine.ts'
import { limitTime, readScopeOf, untilDue } from './limit-time.ts'
import type { Request } from './request.ts'
import { runInSeat } from './run-in-seat.ts'
import { type SeatCallback, takeSeat } from './seat.ts'

/** Runs a statement on its one logical shard, or those of several shards of one server in one text: in the session's transaction, or on a connection leased for it. */
export function runOnOneShard(
  engine: Engine,
  session: Session,
  statement: ShardStatement | UnitedStatement,
  isRead: boolean,
  request: Request,
  done: ResultCallback,
): void {
  const { shard, copies } = statement
  const shards = shardsOf(statement)
  const needs = copies === undefined ? undefined : { shards, tables: copies }
  const names = shards.map(({ name }) => name)
  for (const name of names.slice(1)) request.event?.noteDatabase(name)
  const timed = limitTime(engine, shard.server, { shards: names, isRead }, request, done)
  const { deadline } = timed.request
  const start = (missing: unknown): void => {
    if (missing) return timed.done(missing)
    const run: SeatCallback = (error, seat) => {
      if (seat === undefined) return timed.done(annotateError(error, shard.name, shard.server.id))
      const seated = {
        engine,
        session,
        server: shard.server,
        seat,
        isRead,
        statement,
        shard: shard.name,
        needs,
      }
      runInSeat({ ...seated, request: timed.request }, timed.done)
    }
    takeSeat(
      engine,
      session,
      shard.server,
      isRead,
      untilDue(session, timed.request, run),
      readScopeOf(timed.request),
    )
  }
  const checked = deadline === undefined ? start : deadline.orExpire(start, () => undefined)
  engine.databases.requireAll(shards, checked, deadline)
}
