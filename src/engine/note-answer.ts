import type { WriteResult } from '../drivers/driver.ts'
import { keepsTransaction } from './implicit-commit.ts'
import type { SeatedStatement } from './run-in-seat.ts'

/** Remembers what LAST_INSERT_ID(), FOUND_ROWS() and their like would tell of a statement, and where. */
export function noteAnswer(seated: SeatedStatement, error: unknown, rows: unknown): void {
  const { engine, session, seat, isRead } = seated
  const { connection } = seat
  if (session.isShared) return
  const isOwn = seat.participant !== undefined || session.pin?.lease.connection === connection
  // The answers of others need no look at their packets.
  if (!isOwn && session.lastInsert === undefined) {
    session.lastConnection = undefined
    return
  }
  const packet = error ? undefined : engine.driver.readWrite(rows)
  session.lastConnection = isOwn && isLast(seated, error, packet) ? connection : undefined
  if (isRead) return
  const insertId = packet?.insertId
  if (insertId !== undefined && Number(insertId) !== 0) {
    session.lastInsert = isOwn ? { connection, id: String(insertId) } : undefined
    return
  }
  // What a stream or a procedure inserted elsewhere is not known.
  if (packet === undefined && session.lastInsert?.connection !== connection) session.lastInsert = undefined
}

/** False when sherd asks the server something behind the statement, see checkTransaction and noteWrite. */
function isLast(
  { seat, server, isRead, request }: SeatedStatement,
  error: unknown,
  packet: WriteResult | undefined,
): boolean {
  const isInTransaction = seat.participant !== undefined
  if (error) return !isInTransaction
  if (isRead) return true
  if (isInTransaction)
    return packet === undefined ? keepsTransaction(request.sql) : packet.isInTransaction !== undefined
  return server.replicas.length === 0 || packet?.position !== undefined || packet?.affectedRows === 0
}
