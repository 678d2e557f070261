import type { RowMaker } from '../drivers/driver.ts'
import type { ShardStatement } from '../rewrite/shard-statement.ts'
import { cutWhenSilent } from './cut-when-silent.ts'
import type { ScatterRun } from './scatter-run.ts'
import { send } from './send.ts'
import { type SeatCallback, takeSeat } from './seat.ts'

/** The fields of a statement that gives no rows, in the library's own form, and what makes rows of them. */
export function askFields(
  run: ScatterRun,
  statement: ShardStatement,
  callback: (error: unknown, fields?: unknown, makeRows?: RowMaker) => void,
): void {
  const { engine, session, request } = run
  const { text, values, shard } = statement
  const { protocol, options } = request
  const use: SeatCallback = (error, seat) => {
    if (seat === undefined) return callback(error)
    const to = { server: shard.server, database: shard.name }
    const answered = cutWhenSilent(run, seat)
    send(seat.connection, { text, values, protocol, options }, request, to, (failure, _rows, fields) => {
      answered()
      seat.leave(failure)
      callback(failure, fields, seat.connection.makeRows)
    })
  }
  takeSeat(engine, session, shard.server, true, use, request.scope?.reads)
}
