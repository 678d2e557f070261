import type { DriverConnection } from '../drivers/driver.ts'
import type { Server } from '../topology/topology.ts'
import type { Engine } from './engine.ts'

/**
 * Remembers how far a replica must be before this process may read from it again. The position comes with
 * the OK packet; only a write that gives rows (RETURNING) or a server that does not report it costs a question.
 */
export function noteWrite(
  engine: Engine,
  server: Server,
  connection: DriverConnection,
  rows: unknown,
  next: () => void,
): void {
  if (server.replicas.length === 0) return next()
  const result = engine.driver.readWrite(rows)
  // An update that changed nothing has no position, and no replica can miss it.
  if (result?.position === undefined && result?.affectedRows === 0) return next()
  noteCommit(engine, [server], connection, rows, next)
}

/** The same for the packet of a COMMIT, which tells nothing of the rows that were written before it. */
export function noteCommit(
  engine: Engine,
  servers: Iterable<Server>,
  connection: DriverConnection,
  packet: unknown,
  next: () => void,
): void {
  const replicated = [...servers].filter(({ replicas }) => replicas.length > 0)
  if (replicated.length === 0) return next()
  const note = (position: string | undefined): void => {
    for (const server of replicated) {
      if (position === undefined) engine.pools.positions.noteUnknown(server)
      else engine.pools.positions.note(server, position)
    }
    next()
  }
  const position = engine.driver.readWrite(packet)?.position
  if (position !== undefined) return note(position)
  engine.driver.readPosition(connection, note)
}

/**
 * A write whose answer was lost may have happened. Whoever then looks whether it did, to write again if not, must not
 * ask a replica that has not heard of it.
 */
export function noteFailedWrite(engine: Engine, server: Server, error: unknown): void {
  if (engine.driver.isFatal(error)) engine.pools.positions.noteUnknown(server)
}
