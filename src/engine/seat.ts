import type { DriverConnection } from '../drivers/driver.ts'
import type { LeaseGuard } from '../pools/lease-guard.ts'
import type { ReadScope } from '../pools/read-scope.ts'
import type { Session } from '../session/session.ts'
import { type Participant, participantOn } from '../session/transaction.ts'
import type { Server } from '../topology/topology.ts'
import type { Engine } from './engine.ts'
import { joinTransaction, type ParticipantCallback } from './join-transaction.ts'
import { leaseReadSeat } from './lease-read-seat.ts'
import { leaseSeat } from './lease-seat.ts'
import { brokenConnection, loseTransaction, transactionGone, transactionLost } from './transaction-loss.ts'

/** A real connection for the time of one statement. Either `leave` or `abandon` must be called once. */
export interface Seat {
  readonly connection: DriverConnection
  /** The transaction's part that sits here; absent outside of a transaction. */
  readonly participant?: Participant
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
  if (transaction === undefined) return leaseSeat(engine, session, server, callback, scope?.guard)
  const joined: ParticipantCallback = (error, participant) =>
    participant === undefined
      ? callback(error)
      : callback(null, transactionSeat(session, participant, server))
  switch (transaction.kind) {
    case 'pending':
      return joinTransaction(engine, session, server, undefined, joined, scope?.guard)
    case 'lost':
      return callback(transactionGone(transaction))
    case 'open': {
      const participant = participantOn(transaction, server)
      if (participant === undefined)
        return engine.transactions.join(engine, session, transaction, server, joined, scope?.guard)
      if (!participant.lease.isLost) return joined(null, participant)
      loseTransaction(session, server, brokenConnection)
      callback(transactionLost(server))
    }
  }
}

/** A seat beside the session's transaction, for a statement that is no part of it. */
export function takeSeatBeside(
  engine: Engine,
  session: Session,
  server: Server,
  callback: SeatCallback,
  guard?: LeaseGuard,
): void {
  leaseSeat(engine, session, server, callback, guard)
}

/** The seat of an open transaction is left only when the transaction ends, or when its connection is gone. */
function transactionSeat(session: Session, participant: Participant, server: Server): Seat {
  const { lease } = participant
  participant.serve(server)
  return {
    connection: lease.connection,
    participant,
    leave: () => {
      if (lease.isLost) loseTransaction(session, server, brokenConnection)
    },
    abandon: () => loseTransaction(session, server, 'it was given up after an error'),
  }
}
