import type { ResultCallback } from '../drivers/driver.ts'
import { SherdError } from '../errors/sherd-error.ts'
import type { PassthroughPlan, SessionBound } from '../plan/plan.ts'
import type { Session } from '../session/session.ts'
import { participantOn } from '../session/transaction.ts'
import type { Server } from '../topology/topology.ts'
import { askIsInTransaction } from './ask-transaction.ts'
import type { Engine } from './engine.ts'
import { findNeeded } from './find-needed.ts'
import { prepareLease } from './prepare-lease.ts'
import { otherServer } from './one-server.ts'
import type { Request } from './request.ts'
import { runInSeat } from './run-in-seat.ts'
import { type Seat, type SeatCallback, takeSeat, takeSeatBeside } from './seat.ts'
import { giveBackClean, pinSeat, takePin } from './session-pin.ts'

/** A statement that means more than itself on its connection. */
export interface BoundStatement {
  readonly engine: Engine
  readonly session: Session
  readonly plan: PassthroughPlan
  readonly bound: SessionBound
  readonly request: Request
  /** Where its tables are; locks are taken there too, so that all processes mean the same one. */
  readonly server: Server
  /** No part of the session's transaction. */
  readonly isBeside: boolean
}

/** Runs it where what it needs is, and keeps the connection with the session when it leaves something there. */
export function runSessionBound(statement: BoundStatement, done: ResultCallback): void {
  const { session, bound, request } = statement
  if (session.isShared) {
    if (!bound.isWhole) throw onPool(bound, request)
    return runWhole(statement, done)
  }
  if (bound.needs !== undefined) {
    return findNeeded(statement, bound.needs, (error, server) => {
      if (server === undefined) return done(error)
      run({ ...statement, server, isBeside: statement.isBeside && !isPart(session, server) }, done)
    })
  }
  run(statement, done)
}

function run(statement: BoundStatement, done: ResultCallback): void {
  const { engine, session, plan, bound, request, server, isBeside } = statement
  if (bound.pins && session.pin !== undefined && session.pin.server !== server)
    return done(pinnedElsewhere(session.pin.server, server, bound))
  const use: SeatCallback = (error, seat) => {
    if (seat === undefined) return done(error)
    if (bound.pins) keep(session, seat, bound)
    const text = { text: request.sql, values: request.values }
    const { isRead, database } = plan
    runInSeat({ engine, session, server, seat, isRead, request, statement: text, shard: database }, done)
  }
  const isOutside = isBeside || session.transaction === undefined
  if (!isOutside) {
    const { transaction } = session
    // What is left on a connection of another server of the config would not be found there again.
    if (
      bound.pins &&
      transaction?.kind === 'open' &&
      !isPart(session, server) &&
      session.participantFor(server)
    )
      return done(otherServer(transaction, server, `Send it before the transaction begins.`))
    return takeSeat(engine, session, server, false, use)
  }
  if (bound.pins) takePin(engine, session, server, use)
  else takeSeatBeside(engine, session, server, use)
}

function isPart({ transaction }: Session, server: Server): boolean {
  return transaction?.kind === 'open' && participantOn(transaction, server) !== undefined
}

function keep(session: Session, seat: Seat, bound: SessionBound): void {
  pinSeat(session, seat)
  if (bound.mayBegin === true && session.pin !== undefined)
    session.pin = { ...session.pin, mayHaveBegun: true }
}

/** On a connection that nobody gets before it is as new. */
function runWhole(
  { engine, session, plan, bound, request, server }: BoundStatement,
  done: ResultCallback,
): void {
  engine.pools.primary(server, session.profile).lease(session.signature, (error, lease) => {
    if (lease === undefined) return done(error)
    const { connection } = lease
    prepareLease(lease, session, done, () => {
      const seat: Seat = { connection, leave: () => undefined, abandon: () => lease.destroy() }
      const text = { text: request.sql, values: request.values }
      const { isRead, database } = plan
      runInSeat(
        { engine, session, server, seat, isRead, request, statement: text, shard: database },
        (failure, rows, fields) => {
          const finish = (problem: unknown): void => {
            giveBackClean({ lease }, () => undefined)
            done(failure || problem, rows, fields)
          }
          if (bound.mayBegin !== true || lease.isLost) return finish(null)
          askIsInTransaction(engine, connection, (isInTransaction) =>
            finish(isInTransaction ? leftOpen(bound, request) : null),
          )
        },
      )
    })
  })
}

function onPool({ what, needs }: SessionBound, { sql }: Request): SherdError {
  const isAnswered = needs === 'insertId' || what === 'ROW_COUNT()'
  return new SherdError('SHERD_SESSION_ON_POOL', {
    message: `${what} belongs to a connection, and the pool runs each statement on any.`,
    ...(isAnswered
      ? {
          remedy:
            'Use insertId and affectedRows of the result, or send both statements on a connection of getConnection(), in one transaction.',
        }
      : {}),
    sql,
  })
}

function pinnedElsewhere(kept: Server, wanted: Server, { what }: SessionBound): SherdError {
  return new SherdError('SHERD_PINNED_SERVER', {
    message: `${what} is meant for server ${wanted.id}, and this connection keeps locks, temporary tables or variables on server ${kept.id}.`,
    details: { server: wanted.id },
  })
}

function leftOpen({ what }: SessionBound, { sql }: Request): SherdError {
  return new SherdError('SHERD_PROCEDURE_TRANSACTION', {
    message: `A procedure of this ${what} left a transaction open, and the pool has no COMMIT to come. It was rolled back.`,
    sql,
  })
}
