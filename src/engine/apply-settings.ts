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
  const use: SeatCallback = (error, seat) => {
    if (seat === undefined) return callback(error)
    const texts = settings.map((setting) => setting.text)
    runInOrder(seat.connection, texts, (failure) => {
      if (failure) {
        // Some may hold already; the signature no other session has makes the pool reset the connection.
        seat.connection.settings = `unknown after ${texts.join(';\n')}`
      } else {
        session.remember(settings)
        seat.connection.settings = session.signature
      }
      seat.leave(failure)
      callback(failure)
    })
  }
  // A SET inside a transaction that has no server yet must not choose one.
  const { transaction } = session
  if (transaction?.kind === 'open') takeSeat(engine, session, transaction.server, false, use)
  else takeSeatBeside(engine, session, anyServer(engine), use)
}

function anyServer(engine: Engine): Server {
  const server = engine.topology.databases.get('default')?.server ?? engine.topology.servers[0]
  if (server !== undefined) return server
  throw new SherdError('SHERD_INTERNAL', { message: 'The topology has no server.' })
}
