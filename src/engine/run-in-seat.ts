import type { ResultCallback, SqlText } from '../drivers/driver.ts'
import type { Session } from '../session/session.ts'
import type { Server } from '../topology/topology.ts'
import { annotateError } from './annotate-error.ts'
import type { Engine } from './engine.ts'
import { noteWrite } from './note-write.ts'
import type { Request } from './request.ts'
import type { Seat } from './seat.ts'

/** A statement with the seat it runs in. */
export interface SeatedStatement {
  readonly engine: Engine
  readonly session: Session
  readonly server: Server
  readonly seat: Seat
  readonly isRead: boolean
  readonly request: Request
  readonly statement: {
    readonly text: SqlText | string
    readonly values: readonly unknown[]
    readonly isOnce?: boolean
  }
  /** Name of the logical shard, or of the unsharded database, for errors. */
  readonly shard: string
}

/** Sends a statement and leaves the seat as soon as its result is there, before the caller hears of it. */
export function runInSeat(seated: SeatedStatement, done: ResultCallback): void {
  const { engine, session, server, seat, isRead, request, statement } = seated
  const sent = {
    text: statement.text,
    values: statement.values,
    protocol: request.protocol,
    options: request.options,
    command: request.command,
    ...(statement.isOnce === undefined ? {} : { isOnce: statement.isOnce }),
  }
  seat.connection.run(sent, (error, rows, fields) => {
    const leave = (): void => {
      seat.leave(error)
      // The command has told its own listeners about a server error; telling it twice would be one too many.
      if (request.isStreamed) return done(null)
      if (error) return done(annotateError(error, seated.shard))
      done(null, rows, fields)
    }
    if (error || isRead) return leave()
    if (session.transaction === undefined) return noteWrite(engine, server, seat.connection, rows, leave)
    session.hasWritten = true
    leave()
  })
}
