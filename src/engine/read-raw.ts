import type { RawColumn, RawRow } from '../drivers/raw-rows.ts'
import type { Session } from '../session/session.ts'
import type { Server } from '../topology/topology.ts'
import { annotateError } from './annotate-error.ts'
import type { Engine } from './engine.ts'
import { leaseSeat } from './lease-seat.ts'
import type { Request } from './request.ts'
import { sendForRows } from './send.ts'

/** All rows of a text, as the server sent them. */
export interface RawRows {
  readonly columns: readonly RawColumn[]
  readonly rows: readonly RawRow[]
}

/** Reads from a primary, outside of any transaction, with the settings of the session. */
export function readRaw(
  engine: Engine,
  session: Session,
  server: Server,
  database: string,
  text: string,
  request: Request,
  callback: (error: unknown, read?: RawRows) => void,
): void {
  leaseSeat(engine, session, server, (error, seat) => {
    if (seat === undefined) return callback(annotateError(error, database, server.id))
    const rows: RawRow[] = []
    let columns: readonly RawColumn[] = []
    sendForRows(
      seat.connection,
      { text, values: [], protocol: 'text' },
      'all',
      request,
      { server, database },
      {
        onColumns: (_fields, raw) => {
          columns = raw
        },
        onRow: (_row, raw) => rows.push(raw),
        onEnd: (failure) => {
          seat.leave(failure)
          if (failure) callback(annotateError(failure, database, server.id))
          else callback(null, { columns, rows })
        },
      },
    )
  })
}
