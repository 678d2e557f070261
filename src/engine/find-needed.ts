import type { DriverConnection } from '../drivers/driver.ts'
import { SherdError } from '../errors/sherd-error.ts'
import { isTableless } from '../plan/is-tableless.ts'
import type { SessionBound } from '../plan/plan.ts'
import type { Session } from '../session/session.ts'
import type { Server } from '../topology/topology.ts'
import type { BoundStatement } from './run-session-bound.ts'

type ServerCallback = (error: unknown, server?: Server) => void

/**
 * The server on whose connection the answer is the session's own: the one it has held since the statement that is
 * asked about. Fails with SHERD_SESSION_FUNCTION: any other connection would tell of another caller.
 */
export function findNeeded(
  statement: BoundStatement,
  needs: NonNullable<SessionBound['needs']>,
  callback: ServerCallback,
): void {
  const { session, plan, server: home } = statement
  const connection = needs === 'insertId' ? session.lastInsert?.connection : session.lastConnection
  const server = connection === undefined ? undefined : serverOf(session, connection)
  if (connection === undefined || server === undefined || (server !== home && !isTableless(plan)))
    return callback(unanswerable(statement))
  if (needs === 'previous') return callback(null, server)
  checkInsertId(statement, connection, (isOwn) =>
    isOwn ? callback(null, server) : callback(unanswerable(statement)),
  )
}

/**
 * An id that was given explicitly stands in the result of its INSERT too, but LAST_INSERT_ID() is then still
 * that of whoever had the connection before.
 */
function checkInsertId(
  { engine, session }: BoundStatement,
  connection: DriverConnection,
  callback: (isOwn: boolean) => void,
): void {
  const text = 'SELECT CAST(LAST_INSERT_ID() AS CHAR) AS id'
  connection.run({ text, values: [], protocol: 'text' }, (error, rows) => {
    const row: unknown = Array.isArray(rows) ? rows[0] : undefined
    const id = typeof row === 'object' && row !== null && 'id' in row ? row.id : undefined
    callback(!error && engine.topology.dialect === 'mysql' && id === session.lastInsert?.id)
  })
}

function serverOf({ transaction, pin }: Session, connection: DriverConnection): Server | undefined {
  const participants = transaction?.kind === 'open' ? transaction.participants : []
  return [...participants, ...(pin === undefined ? [] : [pin])].find(
    ({ lease }) => lease.connection === connection && !lease.isLost,
  )?.server
}

function unanswerable({ bound, request }: BoundStatement): SherdError {
  return new SherdError('SHERD_SESSION_FUNCTION', {
    message: `${bound.what} tells of an earlier statement on its connection, and here that may be one of another caller.`,
    sql: request.sql,
  })
}
