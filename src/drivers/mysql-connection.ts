import type {
  DriverConnection,
  DriverRequest,
  ResultCallback,
  RowMaker,
  ServerFacts,
  ServerFault,
} from './driver.ts'
import type { Endpoint } from '../topology/topology.ts'
import { isFatalMysqlError, isLostMysqlConnection, noteFault } from './mysql-errors.ts'
import type { MysqlCallback, MysqlCommand, MysqlHandle, MysqlRowCommand } from './mysql-library.ts'
import { holdRows, splitRows } from './mysql-rows.ts'
import { type FinishOnce, type Forwarding, forwardEvents, watchCommand } from './mysql-stream.ts'
import { type MysqlWriter, fillMarkers } from './mysql-text.ts'
import type { RowListener, RowReading } from './raw-rows.ts'

export interface MysqlConnectionParts {
  readonly endpoint: Endpoint
  readonly handle: MysqlHandle
  readonly facts: ServerFacts
  readonly writer: MysqlWriter
  readonly makeRows: RowMaker
  /** A `Query` of mysql2 that is not sent yet; from a plain text 40 times as fast as from options. */
  readonly createQuery: (text: string | object, callback: MysqlCallback) => MysqlCommand
  /** Statements that bring a reset connection back to where it was after connect. */
  readonly setUp: readonly string[]
  /** Opens a connection with the same options, for KILL QUERY. */
  readonly openBeside: () => MysqlHandle
  /** Longest wait for the answer to a KILL QUERY. */
  readonly besideTimeoutMs: number
}

/** A statement that was sent. */
interface Pending {
  readonly command: MysqlCommand | undefined
  readonly callback: ResultCallback
  isAnswered: boolean
  readonly onLost: ((error: unknown) => void) | undefined
  /** Events of another command that are handed on to `command`. */
  forwarding: Forwarding | undefined
}

/** One connection of mysql2. Statements given while one runs wait in mysql2's own queue, in order. */
export class MysqlConnection implements DriverConnection {
  readonly endpoint: Endpoint
  readonly threadId: number
  readonly facts: ServerFacts
  readonly makeRows: RowMaker
  database: string | undefined
  settings = ''
  readonly #handle: MysqlHandle
  readonly #writer: MysqlWriter
  readonly #createQuery: MysqlConnectionParts['createQuery']
  readonly #setUp: readonly string[]
  readonly #openBeside: () => MysqlHandle
  readonly #besideTimeoutMs: number
  /** What is sent and not answered, in order. An array: nearly always of one, and dearer as a Map. */
  readonly #pending: Pending[] = []
  readonly #listeners: ((error: unknown) => void)[] = []
  readonly #faultListeners: ((fault: ServerFault) => void)[] = []
  #lostBy: unknown = undefined
  #isClosing = false
  /** Ends a KILL QUERY that is under way. */
  #endBeside: (() => void) | undefined

  constructor(parts: MysqlConnectionParts) {
    this.#handle = parts.handle
    this.endpoint = parts.endpoint
    this.database = parts.endpoint.database
    this.facts = parts.facts
    this.makeRows = parts.makeRows
    this.#writer = parts.writer
    this.#createQuery = parts.createQuery
    this.#setUp = parts.setUp
    this.#openBeside = parts.openBeside
    this.#besideTimeoutMs = parts.besideTimeoutMs
    this.threadId = parts.handle.threadId ?? 0
    // Also what keeps an 'error' event from becoming an uncaught exception.
    this.#handle.on('error', (error: unknown) => {
      this.#lose(error)
      this.#failPending(error)
    })
    // The server's FIN comes before mysql2 gives up its commands; an idle connection hears of it only here.
    this.#handle.on('end', () => this.#lose(connectionLost('The server closed the connection.')))
  }

  get isPaused(): boolean {
    return this.#handle.stream.isPaused()
  }

  run(request: DriverRequest, callback: ResultCallback): void {
    // The facade makes commands with MysqlDriver.createCommand, nothing else gets here.
    const pending: Pending = {
      command: request.command as MysqlCommand | undefined,
      callback,
      isAnswered: false,
      onLost: request.onLost,
      forwarding: undefined,
    }
    this.#pending.push(pending)
    const finish: FinishOnce = (error, rows, fields) => {
      if (request.isOnce === true && request.protocol === 'prepared') this.#forgetStatement(request)
      return this.#finish(pending, error, rows, fields)
    }
    // Before anything can fail: a command that is not watched would never hear of it.
    if (pending.command !== undefined) watchCommand(pending.command, finish)
    if (this.#lostBy !== undefined) return queueMicrotask(() => this.#failOne(pending, this.#lostBy))
    try {
      if (request.protocol === 'prepared') this.#execute(request, pending, finish)
      else this.#query(request, pending, finish)
    } catch (error) {
      // mysql2 throws for what it cannot write, such as undefined in execute. Nothing was sent.
      queueMicrotask(() => this.#failOne(pending, error))
    }
  }

  readRows(request: DriverRequest, rawCount: number | 'all', listener: RowListener): RowReading {
    const pending: Pending = {
      command: undefined,
      callback: listener.onEnd,
      isAnswered: false,
      onLost: undefined,
      forwarding: undefined,
    }
    this.#pending.push(pending)
    const reading = holdRows(this.#handle)
    if (this.#lostBy !== undefined) {
      queueMicrotask(() => this.#failOne(pending, this.#lostBy))
      return reading
    }
    try {
      const command = this.#sendForRows(request, (error, packet) => this.#finish(pending, error, packet))
      splitRows(command, request.protocol, rawCount, {
        onColumns: listener.onColumns,
        onRow: (row, raw) => {
          if (!pending.isAnswered) listener.onRow(row, raw)
        },
      })
    } catch (error) {
      queueMicrotask(() => this.#failOne(pending, error))
    }
    return reading
  }

  reset(callback: (error: unknown) => void): void {
    if (this.#lostBy !== undefined) return queueMicrotask(() => callback(this.#lostBy))
    this.#handle.reset((error) => {
      if (error) return callback(error)
      this.settings = ''
      this.#runSetUp(0, callback)
    })
  }

  cancel(callback: () => void): void {
    if (this.#lostBy !== undefined) return queueMicrotask(callback)
    const beside = this.#openBeside()
    let isOver = false
    const finish = (): void => {
      if (isOver) return
      isOver = true
      this.#endBeside = undefined
      beside.stream.destroy()
      callback()
    }
    this.#endBeside = finish
    beside.on('error', finish)
    beside.query({ sql: `KILL QUERY ${this.threadId}`, timeout: this.#besideTimeoutMs }, finish)
  }

  end(callback: () => void): void {
    if (this.#lostBy !== undefined || this.#isClosing) return queueMicrotask(callback)
    this.#isClosing = true
    this.#lostBy = connectionLost('The connection was closed.')
    this.#handle.stream.once('close', () => callback())
    this.#handle.end(() => undefined)
  }

  destroy(): void {
    this.#isClosing = true
    const error = connectionLost('The connection was cut.')
    this.#lostBy ??= error
    // mysql2's own destroy() only half-closes and leaves commands unanswered for ever.
    this.#handle.stream.destroy(error)
    this.#endBeside?.()
    process.nextTick(() => this.#failPending(error))
  }

  onLost(listener: (error: unknown) => void): void {
    this.#listeners.push(listener)
  }

  onFault(listener: (fault: ServerFault) => void): void {
    this.#faultListeners.push(listener)
  }

  /** False when the statement had its answer before. */
  #finish(pending: Pending, error: unknown, rows?: unknown, fields?: unknown): boolean {
    if (pending.isAnswered) return false
    pending.isAnswered = true
    if (this.#pending[0] === pending) this.#pending.shift()
    else this.#pending.splice(this.#pending.indexOf(pending), 1)
    if (error) this.#inspect(error)
    if (error && pending.forwarding?.hasBegun !== true && canRepeat(pending, error)) pending.onLost?.(error)
    else pending.callback(error, rows, fields)
    return true
  }

  #query(request: DriverRequest, pending: Pending, finish: FinishOnce): void {
    const sql = this.#write(request)
    const command = request.command as MysqlCommand | undefined
    if (command !== undefined && command.onResult === undefined && request.onLost !== undefined) {
      const own = this.#handle.query({ ...request.options, sql, values: null, namedPlaceholders: false })
      return this.#forward(own, command, pending)
    }
    if (command !== undefined) {
      command.sql = sql
      // null, not undefined: mysql2 then does not look through the text for markers again.
      command.values = null
      command.namedPlaceholders = false
      this.#handle.query(command)
      return
    }
    if (request.options === undefined) this.#handle.query(sql, null, finish)
    else this.#handle.query({ ...request.options, sql, values: null, namedPlaceholders: false }, finish)
  }

  #execute(request: DriverRequest, pending: Pending, finish: FinishOnce): void {
    const sql = sqlOf(request)
    const options = { ...request.options, sql, values: request.values, namedPlaceholders: false }
    const command = request.command as MysqlCommand | undefined
    if (command === undefined) {
      this.#handle.execute(options, finish)
      return
    }
    if (command.onResult !== undefined) {
      this.#handle.execute(options, command.onResult)
      return
    }
    this.#forward(this.#handle.execute(options), command, pending)
  }

  /** A command that ran once cannot run again, so the caller's own is only told of one that does. */
  #forward(own: MysqlCommand, command: MysqlCommand, pending: Pending): void {
    command._connection = this.#handle
    const isHeldBack = (error: unknown): boolean => canRepeat(pending, error)
    const finish = (error: unknown): void => void this.#finish(pending, error)
    pending.forwarding = forwardEvents(own, command, { isHeldBack, finish })
  }

  #forgetStatement(request: DriverRequest): void {
    this.#handle.unprepare({ ...request.options, sql: sqlOf(request) })
  }

  /** A command whose rows nobody hears yet. */
  #sendForRows(request: DriverRequest, finish: FinishOnce): MysqlRowCommand {
    if (request.protocol === 'text') return this.#queryForRows(request, finish)
    const options = { ...request.options, sql: sqlOf(request), disableEval: false, namedPlaceholders: false }
    const command = this.#handle.execute({ ...options, values: request.values })
    watchCommand(command, finish)
    // mysql2 gives its Execute here, which has what MysqlRowCommand describes of it.
    return command as MysqlRowCommand
  }

  #queryForRows(request: DriverRequest, finish: FinishOnce): MysqlRowCommand {
    const sql = this.#write(request)
    const { options } = request
    const text = options === undefined ? sql : { ...options, sql }
    const onResult: MysqlCallback = (error, rows) => finish(error, Array.isArray(rows) ? undefined : rows)
    const command = this.#createQuery(text, onResult)
    command.values = null
    command.namedPlaceholders = false
    command._queryOptions.disableEval = false
    // mysql2 gives its Query here, which has what MysqlRowCommand describes of it.
    return this.#handle.query(command) as MysqlRowCommand
  }

  #write({ text, values }: DriverRequest): string {
    if (typeof text !== 'string') return fillMarkers(text, values, this.#writer.escape)
    return values.length === 0 ? text : this.#writer.format(text, values)
  }

  #runSetUp(index: number, callback: (error: unknown) => void): void {
    const text = this.#setUp[index]
    if (text === undefined) return callback(null)
    this.run({ text, values: [], protocol: 'text' }, (error) => {
      if (error) return callback(error)
      this.#runSetUp(index + 1, callback)
    })
  }

  #inspect(error: unknown): void {
    if (isFatalMysqlError(error)) this.#breakOff(error)
    const fault = noteFault(error)
    if (fault !== undefined) for (const listener of this.#faultListeners) listener(fault)
  }

  /** After a fatal error mysql2 may still hold the socket, as after its inactivity time-out. */
  #breakOff(error: unknown): void {
    this.#lose(error)
    this.#handle.stream.destroy()
  }

  #lose(error: unknown): void {
    if (this.#lostBy !== undefined || this.#isClosing) return
    this.#lostBy = error
    for (const listener of this.#listeners) listener(error)
  }

  #failPending(error: unknown): void {
    // Each that fails leaves the list.
    for (const pending of this.#pending.slice()) this.#failOne(pending, error)
  }

  /** mysql2 tells nothing to a command without a callback when the connection breaks, so this does. */
  #failOne(pending: Pending, error: unknown): void {
    const { command } = pending
    if (command === undefined || pending.isAnswered) {
      this.#finish(pending, error)
    } else if (command.onResult !== undefined) {
      command.onResult(error)
    } else if (
      pending.forwarding !== undefined &&
      !pending.forwarding.hasBegun &&
      canRepeat(pending, error)
    ) {
      this.#finish(pending, error)
    } else {
      command.emit('error', error)
      command.emit('end')
      this.#finish(pending, error)
    }
  }
}

function canRepeat(pending: Pending, error: unknown): boolean {
  return pending.onLost !== undefined && isLostMysqlConnection(error)
}

function sqlOf({ text }: DriverRequest): string {
  return typeof text === 'string' ? text : text.sql
}

/** As mysql2's own error for a connection that is gone, because ORMs look for this code. */
function connectionLost(message: string): Error {
  return Object.assign(new Error(message), { code: 'PROTOCOL_CONNECTION_LOST', fatal: true })
}
