import { SherdError } from '../errors/sherd-error.ts'
import type { Pin } from '../session/pin.ts'
import type { Session } from '../session/session.ts'
import type { Server } from '../topology/topology.ts'
import type { Engine } from './engine.ts'
import { prepareLease } from './prepare-lease.ts'
import type { Seat, SeatCallback } from './seat.ts'

/** A seat on the connection that the session keeps, which is left without giving it back. */
export function takePinnedSeat({ lease, server }: Pin, callback: SeatCallback): void {
  if (lease.isLost) return callback(pinLost(server))
  callback(null, { connection: lease.connection, leave: () => undefined, abandon: () => lease.destroy() })
}

/** Leases a connection that stays with the session from now on. */
export function takePin(engine: Engine, session: Session, server: Server, callback: SeatCallback): void {
  if (session.pin !== undefined) return takePinnedSeat(session.pin, callback)
  engine.pools.primary(server, session.profile).lease(session.signature, (error, lease) => {
    if (lease === undefined) return callback(error)
    prepareLease(lease, session, callback, () => {
      const pin: Pin = { server, lease, mayHaveBegun: false }
      session.pin = pin
      takePinnedSeat(pin, callback)
    })
  })
}

/** Keeps the connection of the transaction a statement runs in, beyond the transaction. */
export function pinSeat(session: Session, { participant }: Seat): void {
  if (session.pin !== undefined || participant === undefined) return
  session.pin = { server: participant.server, lease: participant.lease.share(), mayHaveBegun: false }
}

/**
 * Gives the session's connection back as it was after connect, without locks, temporary tables and variables.
 * Cannot fail: a connection that cannot be reset is cut.
 */
export function unpin(session: Session, next: () => void): void {
  const { pin } = session
  session.pin = undefined
  session.lastInsert = undefined
  session.lastConnection = undefined
  if (pin === undefined) return next()
  giveBackClean(pin, next)
}

/** Resets a connection before it goes back to its pool. */
export function giveBackClean({ lease }: Pick<Pin, 'lease'>, next: () => void): void {
  lease.connection.reset((error) => {
    if (error) lease.destroy()
    else lease.release()
    next()
  })
}

/** The error of whatever needs a connection whose locks, temporary tables and variables are gone with it. */
export function pinLost(server: Server): SherdError {
  return new SherdError('SHERD_PIN_LOST', {
    message: `The connection to server ${server.id} that kept locks, temporary tables or variables broke. This statement was not run.`,
    details: { server: server.id },
  })
}
