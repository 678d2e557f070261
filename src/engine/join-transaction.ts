import { events } from '../observe/events.ts'
import type { LeaseGuard } from '../pools/lease-guard.ts'
import type { LeaseCallback } from '../pools/server-pool.ts'
import type { Session } from '../session/session.ts'
import { type Branch, Participant } from '../session/transaction.ts'
import type { Server } from '../topology/topology.ts'
import type { Engine } from './engine.ts'
import { prepareLease } from './prepare-lease.ts'
import { runInOrder } from './run-in-order.ts'
import { pinLost } from './session-pin.ts'
import { branchText } from './xa-branch.ts'

export type ParticipantCallback = (error: unknown, participant?: Participant) => void

/** Begins the session's transaction on a server, as a local one or as a branch of XA, with the savepoints that stand. */
export function joinTransaction(
  engine: Engine,
  session: Session,
  server: Server,
  branch: Branch | undefined,
  callback: ParticipantCallback,
  guard?: LeaseGuard,
): void {
  const use: LeaseCallback = (error, lease) => {
    if (lease === undefined) return callback(error)
    prepareLease(lease, session, callback, () => {
      const { opening, savepoints } = session
      const { answers } = engine.copies
      // The last of the opening is the BEGIN, which XA has its own for.
      const begin =
        branch === undefined ? opening : [...opening.slice(0, -1), `XA START ${branchText(branch)}`]
      runInOrder(lease.connection, [...begin, ...savepoints.map(({ text }) => text)], (failure) => {
        if (failure) {
          lease.destroy()
          return callback(failure)
        }
        const participant = new Participant(server, lease, branch)
        engine.copies.noteBegin(participant, answers)
        session.join(participant)
        events.transaction.publish({ action: 'begin', server: server.id })
        callback(null, participant)
      })
    })
  }
  leaseToJoin(engine, session, server, use, guard)
}

/** The connection that the session keeps on the server, so that the transaction finds its locks and temporary tables; else any. */
function leaseToJoin(
  engine: Engine,
  session: Session,
  server: Server,
  callback: LeaseCallback,
  guard: LeaseGuard | undefined,
): void {
  const { pin } = session
  if (pin?.server !== server)
    return engine.pools.primary(server, session.profile).lease(session.signature, callback, guard)
  if (pin.lease.isLost) callback(pinLost(server))
  else callback(null, pin.lease.share())
}
