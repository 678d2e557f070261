import type { ResultCallback } from '../drivers/driver.ts'
import type { ReadScope } from '../pools/read-scope.ts'
import type { Session } from '../session/session.ts'
import type { Server } from '../topology/topology.ts'
import type { Engine } from './engine.ts'
import type { Request } from './request.ts'
import type { Seat, SeatCallback } from './seat.ts'
import { graceMs, StatementDeadline } from './statement-deadline.ts'

/** What a statement goes on with. */
export interface Timed {
  readonly request: Request
  readonly done: ResultCallback
}

/**
 * Watches the time of a statement on its way to a server, when anything limits it: `statementTimeoutMs` of the server, the
 * `timeout` of the call, or the scope. Otherwise nothing is made.
 */
export function limitTime(
  engine: Engine,
  server: Server,
  place: { readonly shards: readonly string[]; readonly isRead: boolean },
  request: Request,
  done: ResultCallback,
): Timed {
  const dueAt = dueAtOn(engine, server, request)
  if (dueAt === undefined) return { request, done }
  const { isConnectionLost } = engine.driver
  const deadline = new StatementDeadline(engine.deadlines, dueAt, {
    ...place,
    server,
    sql: request.sql,
    isConnectionLost,
  })
  return { request: { ...request, deadline }, done: deadline.settle(done) }
}

/** The request of a read, which `deadlineMs` of a scatter around it limits too when it needs no scatter. */
export function withScatterDeadline(engine: Engine, request: Request): Request {
  const deadlineMs = request.scope?.scatter?.deadlineMs
  if (deadlineMs === undefined) return request
  return { ...request, dueAt: Math.min(engine.deadlines.now() + deadlineMs, request.dueAt ?? Infinity) }
}

/** When the statement is over on this server, as counted from now. */
export function dueAtOn(
  engine: Engine,
  server: Server,
  { dueAt }: Pick<Request, 'dueAt'>,
): number | undefined {
  const { statementTimeoutMs } = server.primary.options
  if (statementTimeoutMs === undefined) return dueAt
  return Math.min(engine.deadlines.now() + statementTimeoutMs, dueAt ?? Infinity)
}

/** The nearest of these on several servers, as counted from now. */
export function nearestDueAt(
  engine: Engine,
  servers: readonly Server[],
  request: Pick<Request, 'dueAt'>,
): number | undefined {
  const dueAt = Math.min(...servers.map((server) => dueAtOn(engine, server, request) ?? Infinity))
  return dueAt === Infinity ? undefined : dueAt
}

/** The scope of a statement's reads, with its deadline. */
export function readScopeOf({ scope, deadline }: Request): ReadScope | undefined {
  return deadline === undefined ? scope?.reads : { ...scope?.reads, guard: deadline }
}

/**
 * The wait for a seat, no longer than the deadline. Inside a transaction the wait itself ends in time, because whoever came
 * into the transaction late would come into another.
 */
export function untilDue(session: Session, { deadline }: Request, callback: SeatCallback): SeatCallback {
  if (deadline === undefined || session.transaction !== undefined) return callback
  return deadline.orExpire<Seat>(callback, (seat) => seat?.leave(null))
}

/**
 * COMMIT and ROLLBACK are sent even when their time is up. A server that then stays silent is cut, which leaves the
 * outcome of a COMMIT unknown and makes the server roll back otherwise.
 */
export function limitEnding(
  engine: Engine,
  { transaction }: Session,
  request: Request,
  done: ResultCallback,
): ResultCallback {
  if (transaction?.kind !== 'open') return done
  const { participants } = transaction
  const servers = participants.map(({ server }) => server)
  const dueAt = nearestDueAt(engine, servers, request)
  if (dueAt === undefined) return done
  const ending = {
    dueAt: Math.max(dueAt, engine.deadlines.now()) + graceMs,
    expire: () => {
      for (const { lease } of participants) lease.destroy()
    },
  }
  engine.deadlines.add(ending)
  return (error, rows, fields) => {
    engine.deadlines.remove(ending)
    done(error, rows, fields)
  }
}
