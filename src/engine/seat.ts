import type { DriverConnection } from '../drivers/driver.ts'
import type { Lease } from '../pools/server-pool.ts'
import type { Session } from '../session/session.ts'
import { type Participant, participantOn } from '../session/transaction.ts'
import type { Server } from '../topology/topology.ts'
import type { Engine } from './engine.ts'
import { joinTransaction, type ParticipantCallback } from './join-transaction.ts'
import { prepareLease } from './prepare-lease.ts'
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
  const joined: ParticipantCallback = (error, participant) =>
    participant === undefined ? callback(error) : callback(null, transactionSeat(session, participant))
  switch (transaction.kind) {
    case 'pending':
      return joinTransaction(engine, session, server, undefined, joined)
    case 'lost':
      return callback(transactionGone(transaction))
    case 'open': {
      const participant = participantOn(transaction, server)
      if (participant === undefined)
        return engine.transactions.join(engine, session, transaction, server, joined)
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
): void {
  leaseSeat(engine, session, server, false, callback)
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
    prepareLease(lease, session, callback, () => {
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

/** The seat of an open transaction is left only when the transaction ends, or when its connection is gone. */
function transactionSeat(session: Session, participant: Participant): Seat {
  const { lease, server } = participant
  return {
    connection: lease.connection,
    participant,
    leave: () => {
      if (lease.isLost) loseTransaction(session, server, brokenConnection)
    },
    abandon: () => loseTransaction(session, server, 'it was given up after an error'),
  }
}
