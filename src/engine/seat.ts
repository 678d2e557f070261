import { SherdError } from '../errors/sherd-error.ts'
import type { DriverConnection } from '../drivers/driver.ts'
import type { ReadScope } from '../pools/read-scope.ts'
import type { ReadLeaseCallback } from '../pools/replica-set.ts'
import type { Replica } from '../pools/replica.ts'
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
  /**
   * Of a read on a replica whose connection was lost: another seat for it. Calls back with the loss itself when the
   * connection was cut on purpose. Then neither `leave` nor `abandon` is called here.
   */
  readonly elsewhere?: (loss: unknown, callback: SeatCallback) => void
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
  scope?: ReadScope,
): void {
  const { transaction } = session
  if (transaction === undefined && mayUseReplica && server.replicas.length > 0)
    return leaseReadSeat({ engine, session, server, scope }, [], callback)
  if (transaction === undefined) return leaseSeat(engine, session, server, callback)
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

function leaseSeat(engine: Engine, session: Session, server: Server, callback: SeatCallback): void {
  engine.pools.primary(server).lease(session.signature, (error, lease) => {
    if (lease === undefined) return callback(error)
    prepare(lease, session, callback, () => callback(null, leasedSeat(lease)))
  })
}

function leasedSeat(lease: Lease): Seat {
  return {
    connection: lease.connection,
    leave: () => lease.release(),
    abandon: () => lease.destroy(),
  }
}

/** A read outside of a transaction. */
interface SeatedRead {
  readonly engine: Engine
  readonly session: Session
  readonly server: Server
  readonly scope: ReadScope | undefined
}

/** A seat on a replica or, when none may serve the read, on the primary. `tried` have failed it already. */
function leaseReadSeat(read: SeatedRead, tried: readonly Replica[], callback: SeatCallback): void {
  const { engine, session, server, scope } = read
  const use: ReadLeaseCallback = (error, lease, replica) => {
    if (lease === undefined) return callback(error)
    const seat = replica === undefined ? leasedSeat(lease) : new ReplicaSeat(read, lease, replica, tried)
    // As `prepare` finds nearly always; said here too because a read should cost no more closures than it must.
    if (lease.connection.settings === session.signature) return callback(null, seat)
    const failed = (failure: unknown): void => {
      if (replica === undefined || !engine.driver.isConnectionLost(failure)) callback(failure)
      else moveOn(read, [...tried, replica], failure, callback)
    }
    prepare(lease, session, failed, () => callback(null, seat))
  }
  engine.pools.leaseForRead(server, session.signature, scope, use, tried)
}

/** A seat of a read on a replica, which can be lost without harm. */
class ReplicaSeat implements Seat {
  readonly connection: DriverConnection
  readonly #read: SeatedRead
  readonly #lease: Lease
  readonly #replica: Replica
  readonly #tried: readonly Replica[]

  constructor(read: SeatedRead, lease: Lease, replica: Replica, tried: readonly Replica[]) {
    this.connection = lease.connection
    this.#read = read
    this.#lease = lease
    this.#replica = replica
    this.#tried = tried
  }

  leave(): void {
    this.#lease.release()
  }

  abandon(): void {
    this.#lease.destroy()
  }

  elsewhere(loss: unknown, callback: SeatCallback): void {
    if (this.#lease.isLost) moveOn(this.#read, [...this.#tried, this.#replica], loss, callback)
    else callback(loss)
  }
}

/** Another seat for a read that lost the last of `tried` under it. */
function moveOn(read: SeatedRead, tried: readonly Replica[], loss: unknown, callback: SeatCallback): void {
  tried.at(-1)?.health.record(false)
  leaseReadSeat(read, tried, (failure, seat) => callback(isClosed(failure) ? loss : failure, seat))
}

function isClosed(error: unknown): boolean {
  return error instanceof SherdError && error.code === 'SHERD_POOL_CLOSED'
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
