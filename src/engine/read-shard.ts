import type { RowListener, RowReading } from '../drivers/raw-rows.ts'
import type { ShardStatement } from '../rewrite/shard-statement.ts'
import { shardsOf, type UnitedStatement } from '../rewrite/unite-statements.ts'
import { annotateError } from './annotate-error.ts'
import { Cancellation } from './cancellation.ts'
import { cutAfterSilence } from './cut-when-silent.ts'
import { checkTransaction } from './check-transaction.ts'
import { aborted } from './run-in-seat.ts'
import type { ScatterRun } from './scatter-run.ts'
import { sendForRows } from './send.ts'
import { type Seat, takeSeat } from './seat.ts'

/** The rows of one shard on their way, until `onEnd`. */
export interface ShardReading extends RowReading {
  /**
   * Ends the statement on the server; nothing is heard of it any more, but by `whenFree` that its connection is safe for
   * another. If the server is silent, the connection is cut.
   */
  readonly cancel: (whenFree?: () => void) => void
}

/** Sends one shard its statement, or several of one server theirs; columns then come once for each of them. The connection is given back before `onEnd`. */
export function readShard(
  run: ScatterRun,
  statement: ShardStatement | UnitedStatement,
  rawCount: number | 'all',
  listener: RowListener,
): ShardReading {
  const reading = new Reading(run, statement, rawCount, listener)
  reading.start()
  return reading
}

class Reading implements ShardReading {
  readonly #run: ScatterRun
  readonly #statement: ShardStatement | UnitedStatement
  readonly #rawCount: number | 'all'
  readonly #listener: RowListener
  readonly #cancellation = new Cancellation()
  #rows: RowReading | undefined
  #seat: Seat | undefined
  #hasRows = false
  #isHeard = true
  #isOver = false
  #whenFree = (): void => undefined

  constructor(
    run: ScatterRun,
    statement: ShardStatement | UnitedStatement,
    rawCount: number | 'all',
    listener: RowListener,
  ) {
    this.#run = run
    this.#statement = statement
    this.#rawCount = rawCount
    this.#listener = listener
  }

  start(): void {
    const { engine, session, request } = this.#run
    const { shard } = this.#statement
    const shards = shardsOf(this.#statement)
    for (const { name } of shards.slice(1)) request.event?.noteDatabase(name)
    engine.databases.requireAll(shards, (missing) => {
      if (missing || !this.#isHeard) return this.#end(missing)
      const use = (error: unknown, seat?: Seat): void => {
        if (seat === undefined) this.#end(error)
        else if (this.#isHeard && !request.cancellation.isRequested) this.#read(seat, use)
        else {
          seat.leave(null)
          this.#end(aborted(request))
        }
      }
      takeSeat(engine, session, shard.server, true, use, request.scope?.reads)
    })
  }

  pause(): void {
    this.#rows?.pause()
  }

  resume(): void {
    this.#rows?.resume()
  }

  cancel(whenFree: () => void = () => undefined): void {
    if (this.#isOver) return whenFree()
    this.#isHeard = false
    this.#cutWhenSilent(whenFree)
    // The server's answer to the KILL stands behind the rows that are held back.
    this.#rows?.resume()
    this.#cancellation.request()
  }

  #cutWhenSilent(whenFree: () => void): void {
    const { deadlines } = this.#run.engine
    const forgetSilence = cutAfterSilence(deadlines, this.#cancellation, () => this.#seat)
    this.#whenFree = () => {
      forgetSilence()
      whenFree()
    }
  }

  #read(seat: Seat, use: (error: unknown, seat?: Seat) => void): void {
    this.#seat = seat
    const { engine, request } = this.#run
    const detach = this.#cancellation.attach(seat.connection)
    const detachCaller = request.cancellation.attach(seat.connection)
    const onEnd = (error: unknown): void =>
      detach(() =>
        detachCaller(() => {
          const isLost = error && !this.#hasRows && engine.driver.isConnectionLost(error)
          if (isLost && seat.elsewhere !== undefined) seat.elsewhere(error, use)
          else this.#leave(seat, error)
        }),
      )
    const { copies } = this.#statement
    if (copies === undefined) return this.#send(seat, onEnd)
    const needs = { shards: shardsOf(this.#statement), tables: copies }
    engine.copies.require(engine.topology, needs, seat, (error) => {
      const isUnwanted = !this.#isHeard || request.cancellation.isRequested
      if (error || isUnwanted) onEnd(error || aborted(request))
      else this.#send(seat, onEnd)
    })
  }

  #send(seat: Seat, onEnd: (error: unknown) => void): void {
    const { request } = this.#run
    const { text, values, shard } = this.#statement
    const to = { server: shard.server, database: shard.name }
    const sent = { text, values, protocol: request.protocol, options: request.options }
    this.#rows = sendForRows(seat.connection, sent, this.#rawCount, request, to, {
      onColumns: (fields, raw) => {
        // Of several shards one may have none and yet have answered.
        this.#hasRows ||= 'shards' in this.#statement
        if (this.#isHeard) this.#listener.onColumns(fields, raw)
      },
      onRow: (row, raw) => {
        this.#hasRows = true
        if (this.#isHeard) this.#listener.onRow(row, raw)
      },
      onEnd,
    })
  }

  #leave(seat: Seat, error: unknown): void {
    const { engine, session, request } = this.#run
    const { participant } = seat
    const leave = (failure: unknown): void => {
      seat.leave(failure)
      this.#end(failure)
    }
    if (participant === undefined) return leave(error)
    const { shard } = this.#statement
    checkTransaction(
      { engine, session, participant, isRead: true, sql: request.sql, shard: shard.name, error, rows: [] },
      leave,
    )
  }

  #end(error: unknown): void {
    this.#isOver = true
    if (!this.#isHeard) return this.#whenFree()
    this.#isHeard = false
    const { name, server } = this.#statement.shard
    this.#listener.onEnd(error ? annotateError(error, name, server.id) : null)
  }
}
