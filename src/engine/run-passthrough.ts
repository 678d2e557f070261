import type { DriverConnection, ResultCallback } from '../drivers/driver.ts'
import { SherdError } from '../errors/sherd-error.ts'
import { isTableless } from '../plan/is-tableless.ts'
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
import { raiseRefusal } from './raise-refusal.ts'
import type { Request } from './request.ts'
import { runInSeat } from './run-in-seat.ts'
import { runOnOneShard } from './run-on-one-shard.ts'
import { runSessionBound } from './run-session-bound.ts'
import { type SeatCallback, takeSeat, takeSeatBeside } from './seat.ts'
import { markDatabase } from './use-database.ts'

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
    const statement = { shard: copy, text, values: request.values, copies: plan.localCopy?.copies }
    return runOnOneShard(engine, session, statement, plan.isRead, request, done)
  }
  const { bound } = plan
  if (bound !== undefined) {
    const server = sourceOf(engine, plan)
    // A lock is no part of a transaction, and one that is taken where the transaction is would be another one.
    const isApart = isTableless(plan) && session.transaction?.kind !== 'lost' && !isOn(session, server)
    const isBesideIt = isApart || isBeside(engine, session, plan, server)
    return runSessionBound({ engine, session, plan, bound, request, server, isBeside: isBesideIt }, done)
  }
  const server = serverFor(engine, session, plan)
  const { isRead, database } = plan
  const timed = limitTime(engine, server, { shards: [database], isRead }, request, done)
  const run: SeatCallback = (error, seat) => {
    if (seat === undefined) return timed.done(annotateError(error, database, server.id))
    const statement = { text: textIn(seat.connection, server, request), values: request.values }
    const seated = { engine, session, server, seat, isRead, statement, shard: database }
    runInSeat({ ...seated, request: timed.request }, timed.done)
  }
  if (isBeside(engine, session, plan, server))
    return takeSeatBeside(engine, session, server, run, timed.request.deadline)
  takeSeat(engine, session, server, isRead, untilDue(session, timed.request, run), readScopeOf(timed.request))
}

/** On a connection that got its default database from sherd, a prepared statement must be told from its like in another. */
function textIn({ endpoint }: DriverConnection, { primary }: Server, { sql, protocol }: Request): string {
  const { database } = primary
  const isAtHome = database === undefined || endpoint.database === database
  return isAtHome || protocol === 'text' ? sql : markDatabase(sql, database)
}

/** Whether a statement is no part of the session's transaction: it must not choose its server, or was set apart by the config. */
function isBeside(engine: Engine, session: Session, plan: PassthroughPlan, server: Server): boolean {
  const { transaction } = session
  if (transaction?.kind === 'pending') return isTableless(plan)
  if (transaction?.kind !== 'open' || session.participantFor(server) !== undefined) return false
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
  return sourceOf(engine, plan)
}

function isOn({ transaction }: Session, server: Server): boolean {
  return transaction?.kind === 'open' && participantOn(transaction, server) !== undefined
}

/** The server of the unsharded database that a plan names. Throws SHERD_NO_DEFAULT_DATABASE. */
export function sourceOf(engine: OfflineEngine, plan: PassthroughPlan): Server {
  const database = engine.topology.databases.get(plan.database)
  if (database !== undefined) return database.server
  throw new SherdError('SHERD_NO_DEFAULT_DATABASE', {
    message: `The statement belongs to the unsharded database ${plan.database}, which the config does not declare.`,
  })
}

/**
 * The shard whose copy of a reference table serves the statement: the one a scope names, or for reads one
 * on the server of the open transaction. Undefined: the source database serves it. Throws SHERD_REFERENCE_COPY.
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
  if (named !== undefined && groups.includes(named.group)) {
    if (localCopy.writes !== undefined) raiseRefusal(localCopy.writes, request.sql)
    return named
  }
  if (!plan.isRead || hasWritten(session, plan.database)) return undefined
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

/** A transaction that has changed the source finds its rows there only. */
function hasWritten({ transaction }: Pick<Session, 'transaction'>, database: string): boolean {
  if (transaction?.kind !== 'open') return false
  return transaction.participants.some(({ written }) => written.includes(database))
}
