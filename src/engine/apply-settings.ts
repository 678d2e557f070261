import type { Setting } from '../session/session-settings.ts'
import type { Session } from '../session/session.ts'
import { participantOn } from '../session/transaction.ts'
import type { Server } from '../topology/topology.ts'
import { anyServer } from './any-server.ts'
import type { Engine } from './engine.ts'
import { runInOrder } from './run-in-order.ts'
import { type SeatCallback, takeSeat, takeSeatBeside } from './seat.ts'

/**
 * Tries SETs on one server at once, so that a wrong one fails where it stands, and remembers them
 * for every connection the session is given later.
 */
export function applySettings(
  engine: Engine,
  session: Session,
  settings: readonly Setting[],
  callback: (error: unknown) => void,
): void {
  if (settings.length === 0) return callback(null)
  const finish = (failure: unknown): void => {
    if (!failure) session.remember(settings)
    callback(failure)
  }
  const servers = serversToTell(engine, session)
  applyToAll(engine, session, settings, servers, finish)
}

/** Those whose connection the session has now, else any one. */
function serversToTell(engine: Engine, { transaction, pin }: Session): readonly Server[] {
  const own = transaction?.kind === 'open' ? transaction.participants.map(({ server }) => server) : []
  const servers = pin === undefined || own.includes(pin.server) ? own : [...own, pin.server]
  return servers.length === 0 ? [anyServer(engine)] : servers
}

function applyToAll(
  engine: Engine,
  session: Session,
  settings: readonly Setting[],
  [server, ...rest]: readonly Server[],
  finish: (failure: unknown) => void,
): void {
  if (server === undefined) return finish(null)
  const next = (failure: unknown): void =>
    failure ? finish(failure) : applyToAll(engine, session, settings, rest, finish)
  const { transaction } = session
  const isPart = transaction?.kind === 'open' && participantOn(transaction, server) !== undefined
  const apply = applyInSeat(session, settings, next)
  // A SET inside a transaction that has no server yet must not choose one.
  if (isPart) takeSeat(engine, session, server, false, apply)
  else takeSeatBeside(engine, session, server, apply)
}

function applyInSeat(
  session: Session,
  settings: readonly Setting[],
  finish: (failure: unknown) => void,
): SeatCallback {
  return (error, seat) => {
    if (seat === undefined) return finish(error)
    const { connection } = seat
    runInOrder(connection, [joinSettings(settings)], (failure) => {
      if (!failure) connection.settings = session.signatureWith(settings)
      seat.leave(failure)
      finish(failure)
    })
  }
}

/** One SET for all: the server takes all of it or nothing, so that a connection that cannot be reset stays as it was. */
function joinSettings(settings: readonly Setting[]): string {
  return settings.map(({ text }, index) => (index === 0 ? text : text.slice('SET '.length))).join(', ')
}
