import type { ResultCallback } from '../drivers/driver.ts'
import { SherdError } from '../errors/sherd-error.ts'
import { RowStream } from '../merge/row-stream.ts'
import type { DirectPlan, SubsetPlan } from '../plan/plan.ts'
import type { Session } from '../session/session.ts'
import type { Server } from '../topology/topology.ts'
import { Cancellation } from './cancellation.ts'
import type { Engine } from './engine.ts'
import { nearestDueAt } from './limit-time.ts'
import { raiseRefusal } from './raise-refusal.ts'
import type { Request } from './request.ts'
import type { Route } from './route-plan.ts'
import { runFinish } from './run-finish.ts'
import { runScatterRows } from './run-scatter-rows.ts'
import { Deadline, type ScatterRun, type TimeLimit } from './scatter-run.ts'

/** Reads from several logical shards and puts their answers together as one database would give them, or refuses. */
export function runScatter(
  engine: Engine,
  session: Session,
  plan: DirectPlan | SubsetPlan,
  { shards, permission }: Extract<Route, { kind: 'many' }>,
  request: Request,
  done: ResultCallback,
): void {
  const scatter = engine.planner.scatter(plan)
  if (scatter.kind === 'refuse') return raiseRefusal(scatter.refusal, request.sql)
  runScatterPlan({ engine, session, plan: scatter, shards, permission, request }, done)
}

type ScatterParts = Omit<ScatterRun, 'deadline' | 'request'> & { readonly request: Request }

/** The same for a plan that is made. */
export function runScatterPlan(parts: ScatterParts, done: ResultCallback): void {
  requireTransactionServer(parts)
  const deadline = new Deadline(parts.engine.deadlines, timeLimitOf(parts))
  const cancellation = parts.request.cancellation ?? new Cancellation()
  const run: ScatterRun = { ...parts, deadline, request: { ...parts.request, cancellation } }
  const finish: ResultCallback = (error, rows, fields) => {
    // The time of a stream goes on until its last row.
    if (!(rows instanceof RowStream)) deadline.clear()
    done(error, rows, fields)
  }
  const { merge } = run.plan
  try {
    if (merge.kind === 'rows') runScatterRows(run, merge, finish)
    else runFinish(run, merge, finish)
  } catch (error) {
    deadline.clear()
    throw error
  }
}

/** The first deadline of the scatter, the call, the scope and the servers; undefined when there is none. */
function timeLimitOf({ engine, permission, shards, request }: ScatterParts): TimeLimit | undefined {
  const servers = shards.map(({ server }) => server)
  const given = nearestDueAt(engine, servers, request)
  const { deadlineMs } = permission
  const own = deadlineMs === undefined ? undefined : engine.deadlines.now() + deadlineMs
  if (own !== undefined && own < (given ?? Infinity)) return { dueAt: own, isOwn: true }
  return given === undefined ? undefined : { dueAt: given, isOwn: false }
}

/** What a transaction reads on servers it has not reached would not be of its moment. */
function requireTransactionServer({ session, shards, request }: ScatterParts): void {
  const { transaction } = session
  if (transaction === undefined || transaction.kind === 'lost') return
  const isThere = (server: Server): boolean =>
    transaction.kind === 'open' ? session.participantFor(server) !== undefined : server === shards[0]?.server
  const other = shards.find(({ server }) => !isThere(server))
  if (other === undefined) return
  throw new SherdError('SHERD_TRANSACTION_SERVER', {
    message: `The statement reads ${other.name} on server ${other.server.id} too, and the transaction does not run there.`,
    remedy: 'Run it before or after the transaction, or on a connection of its own.',
    details: { shard: other.name, server: other.server.id },
    sql: request.sql,
  })
}
