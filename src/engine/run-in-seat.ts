import type { ResultCallback, SqlText } from '../drivers/driver.ts'
import { SherdError } from '../errors/sherd-error.ts'
import type { Session } from '../session/session.ts'
import type { Server } from '../topology/topology.ts'
import { annotateError } from './annotate-error.ts'
import { checkTransaction } from './check-transaction.ts'
import type { NeededCopies } from './copy-readiness.ts'
import type { Engine } from './engine.ts'
import { noteAnswer } from './note-answer.ts'
import { noteFailedWrite, noteWrite } from './note-write.ts'
import type { Request } from './request.ts'
import type { Seat } from './seat.ts'
import { send } from './send.ts'

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
  /** What must have been filled before the statement is sent. */
  readonly needs?: NeededCopies | undefined
}

/** Sends a statement and leaves the seat as soon as its result is there, before the caller hears of it. */
export function runInSeat(seated: SeatedStatement, done: ResultCallback): void {
  const { engine, session, server, seat, isRead, request, statement } = seated
  const plain = {
    text: statement.text,
    values: statement.values,
    protocol: request.protocol,
    options: request.options,
    command: request.command,
    ...(statement.isOnce === undefined ? {} : { isOnce: statement.isOnce }),
  }
  const { cancellation, deadline } = request
  if (cancellation?.isRequested === true || deadline?.isExpired === true) {
    seat.leave(null)
    return done(deadline?.isExpired === true ? deadline.passed() : aborted(request))
  }
  const { needs } = seated
  if (needs !== undefined && !engine.copies.areFilled(needs, seat)) return runWhenFilled(seated, needs, done)
  const detach = attach(request, seat)
  const move = (loss: unknown): void =>
    seat.elsewhere?.(loss, (error, next) => runAgain(seated, error, next, done))
  const onLost = detach === undefined ? move : (loss: unknown) => detach(() => move(loss))
  const sent = seat.elsewhere === undefined ? plain : { ...plain, onLost }
  const answer: ResultCallback = (error, rows, fields) => {
    noteAnswer(seated, error, rows)
    const leave = (failure: unknown): void => {
      seat.leave(failure)
      // The command has told its own listeners about a server error; telling it twice would be one too many.
      if (request.isStreamed) return done(null)
      if (failure) return done(annotateError(failure, seated.shard, server.id))
      done(null, rows, fields)
    }
    if (seat.participant !== undefined) {
      const { participant } = seat
      const { shard } = seated
      return checkTransaction(
        { engine, session, participant, isRead, sql: request.sql, shard, error, rows },
        leave,
      )
    }
    if (error && !isRead) noteFailedWrite(engine, server, error)
    if (error || isRead) return leave(error)
    noteWrite(engine, server, seat.connection, rows, () => leave(null))
  }
  send(
    seat.connection,
    sent,
    request,
    { server, database: seated.shard },
    detach === undefined ? answer : (error, rows, fields) => detach(() => answer(error, rows, fields)),
  )
}

/** Asks the connection about the copies that the statement reads, and runs it when they are filled. */
function runWhenFilled(seated: SeatedStatement, needs: NeededCopies, done: ResultCallback): void {
  const { engine, session, server, seat, request, shard } = seated
  const { participant } = seat
  const detach = attach(request, seat)
  const refuse = (failure: unknown): void => {
    seat.leave(failure)
    done(annotateError(failure, shard, server.id))
  }
  const goOn = (error: unknown): void => {
    if (!error) return runInSeat(seated, done)
    if (seat.elsewhere !== undefined && engine.driver.isConnectionLost(error))
      return seat.elsewhere(error, (failure, next) => runAgain(seated, failure, next, done))
    if (participant === undefined) return refuse(error)
    checkTransaction({ engine, session, participant, isRead: true, sql: request.sql, shard, error }, refuse)
  }
  engine.copies.require(engine.topology, needs, seat, (error) =>
    detach === undefined ? goOn(error) : detach(() => goOn(error)),
  )
}

/** Lets the statement be ended by its caller and by its deadline; undefined when nothing can. */
function attach({ cancellation, deadline }: Request, seat: Seat): ((next: () => void) => void) | undefined {
  const byCaller = cancellation?.attach(seat.connection)
  deadline?.onSilence(() => seat.abandon())
  const byDeadline = deadline?.attach(seat.connection)
  if (byCaller === undefined || byDeadline === undefined) return byCaller ?? byDeadline
  return (next) => byDeadline(() => byCaller(next))
}

/** What a caller hears who ended a statement before it was sent. */
export function aborted(request: Pick<Request, 'sql'>): SherdError {
  return new SherdError('SHERD_ABORTED', {
    message: 'The statement was aborted before it was sent.',
    sql: request.sql,
  })
}

/** A read whose replica was lost before it gave a row. A command that was sent cannot be sent again; one that streams is told of the rows of another. */
function runAgain(
  seated: SeatedStatement,
  error: unknown,
  seat: Seat | undefined,
  done: ResultCallback,
): void {
  if (seat === undefined) return done(annotateError(error, seated.shard, seated.server.id))
  const { request } = seated
  const again = request.isStreamed ? request : { ...request, command: undefined }
  runInSeat({ ...seated, seat, request: again }, done)
}
