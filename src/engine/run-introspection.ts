import type { ResultCallback } from '../drivers/driver.ts'
import { writeValues } from '../merge/ship-rows.ts'
import type { IntrospectPlan } from '../plan/plan.ts'
import { rewriteIntrospection } from '../rewrite/rewrite-introspection.ts'
import type { Session } from '../session/session.ts'
import type { Engine } from './engine.ts'
import { findSources } from './introspection.ts'
import { limitTime } from './limit-time.ts'
import { readViews, type ViewsWork } from './read-views.ts'
import type { Request } from './request.ts'
import { runInSeat } from './run-in-seat.ts'
import { runPassthrough, sourceOf } from './run-passthrough.ts'
import { takeSeatBeside } from './seat.ts'

/**
 * Answers a question about tables as if all declared tables were in the main database: rows about those elsewhere are read
 * there, from the first logical shard of a group, and written into the statement, which the main database then computes.
 * Outside of any transaction: what it asks about is none of its rows.
 */
export function runIntrospection(
  engine: Engine,
  session: Session,
  plan: IntrospectPlan,
  request: Request,
  done: ResultCallback,
): void {
  const sources = findSources(engine, plan, request)
  if (sources.every((list) => list.length === 0))
    return runPassthrough(engine, session, plan.plain, request, done)
  const { database } = plan.plain
  const server = sourceOf(engine, plan.plain)
  const timed = limitTime(engine, server, { shards: [database], isRead: true }, request, done)
  const work: ViewsWork = { engine, session: session.fork(), plan, server, request: timed.request }
  readViews(work, sources, (error, contents) => {
    if (contents === undefined) return timed.done(error)
    takeSeatBeside(engine, session, server, (refused, seat) => {
      if (seat === undefined) return timed.done(refused)
      const { version } = seat.connection.facts
      const writeRows = (tuples: readonly string[]): string => writeValues(tuples, version)
      const { text, values } = rewriteIntrospection(plan, contents, request.values, writeRows)
      const statement = { text, values, isOnce: true }
      const seated = { engine, session, server, seat, isRead: true, statement, shard: database }
      runInSeat({ ...seated, request: timed.request }, timed.done)
    })
  })
}
