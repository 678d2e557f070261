import type { ResultCallback } from '../drivers/driver.ts'
import { SherdError } from '../errors/sherd-error.ts'
import type { PassthroughPlan } from '../plan/plan.ts'
import { rewriteLocalCopy } from '../rewrite/rewrite-for-shard.ts'
import type { Session } from '../session/session.ts'
import { participantOn } from '../session/transaction.ts'
import type { LogicalShard, Server } from '../topology/topology.ts'
import { shardByName } from '../topology/find-shard.ts'
import { annotateError } from './annotate-error.ts'
import { enterHint } from './apply-hint.ts'
import type { Engine, OfflineEngine } from './engine.ts'
import { limitTime, readScopeOf, untilDue } from './limit-time.ts'
import type { Request } from './request.ts'
import { runInSeat } from './run-in-seat.ts'
import { runOnOneShard } from './run-on-one-shard.ts'
import { type SeatCallback, takeSeat, takeSeatBeside } from './seat.ts'
import { markDatabase, useDatabase } from './use-database.ts'

/** Runs a statement on an unsharded database, text untouched; reference tables are served by the copy of a shard that is already chosen. */
export function runPassthrough(
  engine: Engine,
  session: Session,
  plan: PassthroughPlan,
  request: Request,
  done: ResultCallback,
): void {
  const copy = findLocalCopy(engine, session, plan, request)
  if (copy !== undefined) {
    const text = rewriteLocalCopy(plan, copy, engine.topology.dialect)
    return runOnOneShard(
      engine,
      session,
      { shard: copy, text, values: request.values },
      plan.isRead,
      request,
      done,
    )
  }
  const server = serverFor(engine, session, plan)
  const { isRead, database } = plan
  const timed = limitTime(engine, server, { shards: [database], isRead }, request, done)
  const run: SeatCallback = (error, seat) => {
    if (seat === undefined) return timed.done(error)
    const { database: name } = server.primary
    const send = (text: string): void => {
      const statement = { text, values: request.values }
      const seated = { engine, session, server, seat, isRead, statement, shard: database }
      runInSeat({ ...seated, request: timed.request }, timed.done)
    }
    const isAtHome = name === undefined || seat.connection.endpoint.database === name
    if (isAtHome || isTableless(plan)) return send(request.sql)
    useDatabase(seat.connection, name, (failure) => {
      if (!failure)
        return send(request.protocol === 'prepared' ? markDatabase(request.sql, name) : request.sql)
      seat.leave(failure)
      timed.done(annotateError(failure, database))
    })
  }
  if (isBeside(engine, session, plan, server))
    return takeSeatBeside(engine, session, server, run, timed.request.deadline)
  takeSeat(engine, session, server, isRead, untilDue(session, timed.request, run), readScopeOf(timed.request))
}

/** Whether a statement is no part of the session's transaction: it must not choose its server, or was set apart by the config. */
function isBeside(engine: Engine, session: Session, plan: PassthroughPlan, server: Server): boolean {
  const { transaction } = session
  if (transaction?.kind === 'pending') return isTableless(plan)
  if (transaction?.kind !== 'open' || participantOn(transaction, server) !== undefined) return false
  const { transactions, unshardedInTransaction } = engine.topology
  return transactions === 'one-server' && unshardedInTransaction === 'separate'
}

/** A statement without tables, such as SELECT 1, runs wherever the transaction is. */
export function serverFor(
  engine: OfflineEngine,
  session: Pick<Session, 'transaction'>,
  plan: PassthroughPlan,
): Server {
  const { transaction } = session
  const [first] = transaction?.kind === 'open' ? transaction.participants : []
  if (isTableless(plan) && first !== undefined) return first.server
  const database = engine.topology.databases.get(plan.database)
  if (database !== undefined) return database.server
  throw new SherdError('SHERD_NO_DEFAULT_DATABASE', {
    message: `The statement belongs to the unsharded database ${plan.database}, which the config does not declare.`,
  })
}

/**
 * The shard whose copy of a reference table serves the statement: the one a scope names, or for reads one
 * on the server of the open transaction. Undefined: the source database serves it.
 */
export function findLocalCopy(
  engine: OfflineEngine,
  session: Pick<Session, 'transaction'>,
  plan: PassthroughPlan,
  request: Request,
): LogicalShard | undefined {
  const { localCopy, hint } = plan
  if (localCopy === undefined) return undefined
  if (hint !== undefined) {
    const shard = shardByName(engine.topology, hint.shard)
    return enterHint(request, shard, shard).scope?.named
  }
  const groups =
    localCopy.shardGroups === 'all' ? [...engine.topology.shardGroups.keys()] : localCopy.shardGroups
  const named = request.scope?.named
  if (named !== undefined && groups.includes(named.group)) return named
  if (!plan.isRead) return undefined
  for (const group of groups) {
    const scoped = request.scope?.shards.get(group)
    if (scoped !== undefined) return scoped
  }
  const { transaction } = session
  if (transaction?.kind !== 'open') return undefined
  for (const group of groups) {
    const here = engine.topology.shardGroups
      .get(group)
      ?.shards.find((shard) => participantOn(transaction, shard.server) !== undefined)
    if (here !== undefined) return here
  }
  return undefined
}

function isTableless(plan: PassthroughPlan): boolean {
  return plan.isTableless === true || plan.statement?.tables.length === 0
}
