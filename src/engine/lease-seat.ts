import type { Lease } from '../pools/lease.ts'
import type { Session } from '../session/session.ts'
import type { Server } from '../topology/topology.ts'
import type { Engine } from './engine.ts'
import { prepareLease } from './prepare-lease.ts'
import type { Seat, SeatCallback } from './seat.ts'

/** A seat on the primary, outside of a transaction. */
export function leaseSeat(engine: Engine, session: Session, server: Server, callback: SeatCallback): void {
  engine.pools.primary(server).lease(session.signature, (error, lease) => {
    if (lease === undefined) return callback(error)
    prepareLease(lease, session, callback, () => callback(null, leasedSeat(lease)))
  })
}

/** A seat that is left by giving the lease back. */
export function leasedSeat(lease: Lease): Seat {
  return {
    connection: lease.connection,
    leave: () => lease.release(),
    abandon: () => lease.destroy(),
  }
}
