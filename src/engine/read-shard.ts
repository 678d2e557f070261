import type { RowListener, RowReading } from '../drivers/raw-rows.ts'
import type { ShardStatement } from '../rewrite/shard-statement.ts'
import { annotateError } from './annotate-error.ts'
import { leaveAfterKill } from './leave-after-kill.ts'
import type { ScatterRun } from './scatter-run.ts'
import { type Seat, takeSeat } from './seat.ts'

/** The rows of one shard on their way, until `onEnd`. */
export interface ShardReading extends RowReading {
  /** Ends the statement on the server; `onEnd` is not called any more. Inside a transaction it runs to its end unheard. */
  readonly cancel: () => void
}

/** Sends one shard its statement. The connection is given back before `onEnd`. */
export function readShard(
  run: ScatterRun,
  statement: ShardStatement,
  rawCount: number | 'all',
  listener: RowListener,
): ShardReading {
  const { engine, session, request } = run
  const { shard } = statement
  let rows: RowReading | undefined
  let connectionCancel: (() => void) | undefined
  let isHeard = true
  const end = (error: unknown): void => {
    if (!isHeard) return
    isHeard = false
    listener.onEnd(error ? annotateError(error, shard.name) : null)
  }
  const read = (seat: Seat): void => {
    const leaving = leaveAfterKill(run, seat)
    connectionCancel = leaving.kill
    const { text, values } = statement
    rows = seat.connection.readRows(
      { text, values, protocol: request.protocol, options: request.options },
      rawCount,
      {
        onColumns: (fields, raw) => isHeard && listener.onColumns(fields, raw),
        onRow: (row, raw) => isHeard && listener.onRow(row, raw),
        onEnd: (error) => {
          leaving.end(error)
          end(error)
        },
      },
    )
  }
  engine.databases.require(shard, (missing) => {
    if (missing || !isHeard) return end(missing)
    takeSeat(engine, session, shard.server, request.scope?.isFresh !== true, (error, seat) => {
      if (seat === undefined) return end(error)
      if (isHeard) return read(seat)
      seat.leave(null)
    })
  })
  return {
    pause: () => rows?.pause(),
    resume: () => rows?.resume(),
    cancel: () => {
      if (!isHeard) return
      isHeard = false
      rows?.resume()
      connectionCancel?.()
    },
  }
}
