import type { LeaseGuard } from '../pools/lease-guard.ts'
import type { Lease } from '../pools/lease.ts'
import type { LeaseCallback } from '../pools/server-pool.ts'
import type { Session } from '../session/session.ts'
import type { Server } from '../topology/topology.ts'
import type { Engine } from './engine.ts'
import { prepareLease } from './prepare-lease.ts'
import type { Seat, SeatCallback } from './seat.ts'

/** A seat on the primary, outside of a transaction. */
export function leaseSeat(
  engine: Engine,
  session: Session,
  server: Server,
  callback: SeatCallback,
  guard?: LeaseGuard,
): void {
  const use: LeaseCallback = (error, lease) => {
    if (lease === undefined) return callback(error)
    prepareLease(lease, session, callback, () => callback(null, leasedSeat(lease)))
  }
  engine.pools.primary(server, session.profile).lease(session.signature, use, guard)
}

/** A seat that is left by giving the lease back. */
export function leasedSeat(lease: Lease): Seat {
  return {
    connection: lease.connection,
    leave: () => lease.release(),
    abandon: () => lease.destroy(),
  }
}
