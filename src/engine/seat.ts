import { SherdError } from '../errors/sherd-error.ts'
import type { DriverConnection } from '../drivers/driver.ts'
import type { Lease } from '../pools/server-pool.ts'
import type { PendingTransaction, Session } from '../session/session.ts'
import type { Server } from '../topology/topology.ts'
import type { Engine } from './engine.ts'
import { runInOrder } from './run-in-order.ts'

/** A real connection for the time of one statement. Either `leave` or `abandon` must be called once. */
export interface Seat {
  readonly connection: DriverConnection
  /** Takes the statement's error if it had one. */
  readonly leave: (error: unknown) => void
  /** Cuts a connection whose state is unknown, and with it the transaction it holds. */
  readonly abandon: () => void
}

export type SeatCallback = (error: unknown, seat?: Seat) => void

/**
 * Finds the connection a statement runs on: the transaction's own, or one leased for it.
 * A transaction that was only announced begins here, on the server of its first statement.
 */
export function takeSeat(
  engine: Engine,
  session: Session,
  server: Server,
  mayUseReplica: boolean,
  callback: SeatCallback,
): void {
  const { transaction } = session
  if (transaction === undefined) return leaseSeat(engine, session, server, mayUseReplica, callback)
  if (transaction.kind === 'pending') return openTransaction(engine, session, transaction, server, callback)
  if (transaction.server !== server) return callback(otherServer(transaction.server, server))
  callback(null, transactionSeat(session, transaction.lease))
}

/** A seat beside a transaction that has no server yet, for a statement that must not choose one for it. */
export function takeSeatBeside(
  engine: Engine,
  session: Session,
  server: Server,
  callback: SeatCallback,
): void {
  const { transaction } = session
  session.transaction = undefined
  takeSeat(engine, session, server, false, callback)
  session.transaction = transaction
}

function leaseSeat(
  engine: Engine,
  session: Session,
  server: Server,
  mayUseReplica: boolean,
  callback: SeatCallback,
): void {
  const finish = (error: unknown, lease?: Lease): void => {
    if (lease === undefined) return callback(error)
    prepare(lease, session, callback, () => {
      callback(null, {
        connection: lease.connection,
        leave: () => lease.release(),
        abandon: () => lease.destroy(),
      })
    })
  }
  if (mayUseReplica && server.replicas.length > 0)
    engine.pools.leaseForRead(server, session.signature, finish)
  else engine.pools.primary(server).lease(session.signature, finish)
}

function openTransaction(
  engine: Engine,
  session: Session,
  pending: PendingTransaction,
  server: Server,
  callback: SeatCallback,
): void {
  engine.pools.primary(server).lease(session.signature, (error, lease) => {
    if (lease === undefined) return callback(error)
    prepare(lease, session, callback, () => {
      runInOrder(lease.connection, pending.held, (failure) => {
        if (failure) {
          lease.destroy()
          return callback(failure)
        }
        session.open(server, lease)
        callback(null, transactionSeat(session, lease))
      })
    })
  })
}

/** The seat of an open transaction is left only when the transaction ends, or when its connection is gone. */
function transactionSeat(session: Session, lease: Lease): Seat {
  const abandon = (): void => {
    session.finish()
    lease.destroy()
  }
  return {
    connection: lease.connection,
    leave: () => {
      if (lease.isLost) abandon()
    },
    abandon,
  }
}

/** Brings the connection's settings to the session's: nothing to do for nearly all statements. */
function prepare(lease: Lease, session: Session, callback: SeatCallback, ready: () => void): void {
  const { connection } = lease
  if (connection.settings === session.signature) return ready()
  const fail = (error: unknown): void => {
    lease.destroy()
    callback(error)
  }
  const apply = (): void =>
    runInOrder(connection, [...session.settings], (error) => {
      if (error) return fail(error)
      connection.settings = session.signature
      ready()
    })
  if (connection.settings === '') return apply()
  connection.reset((error) => (error ? fail(error) : apply()))
}

function otherServer(bound: Server, wanted: Server): SherdError {
  return new SherdError('SHERD_TRANSACTION_SERVER', {
    message: `The transaction runs on server ${bound.id}, and this statement belongs to server ${wanted.id}.`,
    details: { server: wanted.id },
  })
}
