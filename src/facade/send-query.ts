import type { MysqlDriver } from '../drivers/mysql2.ts'
import { Cancellation } from '../engine/cancellation.ts'
import type { CurrentEngine } from '../engine/current-engine.ts'
import type { Request } from '../engine/request.ts'
import { SherdError } from '../errors/sherd-error.ts'
import { RowStream } from '../merge/row-stream.ts'
import type { Session } from '../session/session.ts'
import { type Cancellable, kill, obeySignal, readKilled, readSignal } from './cancel-query.ts'
import { addRemedy } from './add-remedy.ts'
import type { Profile } from './connection-profile.ts'
import { hideValues } from './hide-values.ts'
import { refuseOtherStatements } from './other-library.ts'
import { type PlayedCommand, playError, playResult, playStream } from './play-result.ts'
import { readDueAt, withoutTimeout } from './read-due.ts'
import { formatText, writeDates } from './write-values.ts'
import { isSetWithValues, mustFormat, type QueryArguments, type QueryCallback } from './query-arguments.ts'

/** What a door needs to send statements: the corridor, and the library whose commands it hands out. */
export interface Door {
  readonly current: CurrentEngine
  readonly driver: MysqlDriver
  /** The virtual connections by their thread id, for KILL QUERY. */
  readonly connections: Map<number, Cancellable>
  /** What the ORM asked for when it made the connections; absent for `sherd.pool`. */
  readonly profile?: Profile
}

/** Called when a statement is over, before its caller hears of it. */
export type Settled = () => void

const ignoreResult = (): void => {}

/**
 * Sends one statement and gives the caller mysql2's own command at once, so that `.stream()` and `.on()`
 * work before the shard is known. With a callback the result goes there; without one to the command's events.
 */
export function sendQuery(
  door: Door,
  session: Session,
  given: QueryArguments,
  protocol: Request['protocol'],
  own?: Cancellation,
): QueryTask {
  const { callback } = given
  if (given.options !== undefined) refuseOtherStatements(given.options)
  const signal = readSignal(given)
  const cancellation = own ?? (signal === undefined ? undefined : new Cancellation())
  const { sql, values } = fillStructures(door, given, protocol)
  const onResult = callback === undefined ? undefined : ignoreResult
  const scope = door.current.engine.scopes.current()
  const options = joinOptions(door.profile?.options, withoutTimeout(given.options))
  // A plain text when there are no options: mysql2 copies an object twice, which takes V8 (Node 20) 3 µs.
  const command =
    options === undefined
      ? door.driver.createCommand(sql, undefined, onResult)
      : door.driver.createCommand({ ...options, sql }, undefined, onResult)
  const request: Request = {
    sql,
    values,
    protocol,
    command,
    isStreamed: callback === undefined,
    scope,
    options,
    cancellation,
    dueAt: readDueAt(door.current.engine, given.options, scope),
  }
  const answer = callback ?? tellCommand(command)
  const tell = mendErrors(answer, sql === given.sql ? undefined : given.sql, door.profile?.remedy)
  const killed = readKilled(sql, values)
  const run = (settled: Settled): void =>
    killed === undefined
      ? start(door, session, request, tell, settled)
      : kill(door, killed, (error, packet) => {
          settled()
          process.nextTick(tell, error, packet)
        })
  return {
    command,
    start: (settled) => run(signal === undefined ? settled : obeySignal(signal, cancellation, settled)),
    fail: tell,
  }
}

/** The answer with refusals as the caller should read them: with the text as it was given, and the remedy of its ORM. */
function mendErrors(
  answer: QueryCallback,
  givenSql: string | undefined,
  remedy: string | undefined,
): QueryCallback {
  if (givenSql === undefined && remedy === undefined) return answer
  return (error, rows, fields) => {
    const hidden = givenSql === undefined ? error : hideValues(error, givenSql)
    answer(remedy === undefined ? hidden : addRemedy(hidden, remedy), rows, fields)
  }
}

/** A statement that is ready to run. */
export interface QueryTask {
  readonly command: PlayedCommand
  readonly start: (settled: Settled) => void
  /** Answers with an error in place of running. */
  readonly fail: (error: unknown) => void
}

function start(door: Door, session: Session, request: Request, tell: QueryCallback, settled: Settled): void {
  const { scopes, traffic } = door.current.engine
  const finish: QueryCallback = (error, rows, fields) => {
    traffic.leave()
    settled()
    scopes.enter(request.scope, () => tell(error, rows, fields))
  }
  let hasReturned = false
  try {
    traffic.enter(session)
    door.current.run(session, request, (error, rows, fields) => {
      if (hasReturned) finish(error, rows, fields)
      // A held BEGIN is over at once; its caller must still not be called back before its call returned.
      else process.nextTick(finish, error, rows, fields)
    })
  } catch (error) {
    process.nextTick(finish, error)
  }
  hasReturned = true
}

/** A streamed command has told its rows itself, unless they were put together here or an error came before. */
function tellCommand(command: PlayedCommand): QueryCallback {
  return (error, rows, fields) => {
    if (error) playError(command, error)
    else if (rows instanceof RowStream) playStream(command, rows, fields)
    else if (rows !== undefined) playResult(command, rows, fields)
  }
}

function joinOptions(usual: object | undefined, own: object | undefined): object | undefined {
  return usual === undefined || own === undefined ? (own ?? usual) : { ...usual, ...own }
}

function fillStructures(
  door: Door,
  given: QueryArguments,
  protocol: Request['protocol'],
): { sql: string; values: readonly unknown[] } {
  const { sql } = given
  const values = writeDates(door, given.values)
  const mustFill = isSetWithValues(sql, values) || (protocol === 'text' && mustFormat(sql, values))
  if (!mustFill) return { sql, values }
  if (
    given.options !== undefined &&
    'namedPlaceholders' in given.options &&
    given.options.namedPlaceholders === true
  ) {
    throw new SherdError('SHERD_QUERY_ARGUMENTS', { message: 'namedPlaceholders are not available.', sql })
  }
  return { sql: formatText(door, sql, values), values: [] }
}
