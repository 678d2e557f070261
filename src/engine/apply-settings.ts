import { SherdError } from '../errors/sherd-error.ts'
import type { Setting } from '../session/session-settings.ts'
import type { Session } from '../session/session.ts'
import type { Server } from '../topology/topology.ts'
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
  const { transaction } = session
  if (transaction?.kind === 'open') {
    const servers = transaction.participants.map(({ server }) => server)
    return applyToAll(engine, session, settings, servers, finish)
  }
  // A SET inside a transaction that has no server yet must not choose one.
  takeSeatBeside(engine, session, anyServer(engine), applyInSeat(session, settings, finish))
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
  takeSeat(engine, session, server, false, applyInSeat(session, settings, next))
}

function applyInSeat(
  session: Session,
  settings: readonly Setting[],
  finish: (failure: unknown) => void,
): SeatCallback {
  return (error, seat) => {
    if (seat === undefined) return finish(error)
    const texts = settings.map(({ text }) => text)
    const { connection } = seat
    runInOrder(connection, texts, (failure) => {
      // Some may hold already; the signature no other session has makes the pool reset the connection.
      connection.settings = failure ? `unknown after ${texts.join(';\n')}` : session.signatureWith(settings)
      seat.leave(failure)
      finish(failure)
    })
  }
}

function anyServer(engine: Engine): Server {
  const server = engine.topology.databases.get('default')?.server ?? engine.topology.servers[0]
  if (server !== undefined) return server
  throw new SherdError('SHERD_INTERNAL', { message: 'The topology has no server.' })
}
