import type {
  ConnectCallback,
  ConnectOptions,
  Driver,
  DriverConnection,
  DriverRequest,
  ResultCallback,
  ServerFacts,
} from '../../src/drivers/driver.ts'
import type { RowListener, RowReading } from '../../src/drivers/raw-rows.ts'
import { mysqlDefaultModes } from '../../src/sql/modes.ts'
import type { Endpoint } from '../../src/topology/topology.ts'

const plainFacts: ServerFacts = {
  version: '10.11-MariaDB',
  modes: mysqlDefaultModes,
  isReadOnly: false,
  isStrict: true,
}

/** A socket that does as it is told. It stands for a broken server, never for a database. */
export class ScriptedConnection implements DriverConnection {
  readonly threadId: number
  readonly facts: ServerFacts
  readonly isPaused = false
  readonly endpoint: Endpoint
  database: string | undefined = undefined
  settings = ''
  state: 'open' | 'ended' | 'destroyed' | 'broken' = 'open'
  readonly #listeners: ((error: unknown) => void)[] = []

  constructor(endpoint: Endpoint, threadId: number, position: string | undefined) {
    this.facts = position === undefined ? plainFacts : { ...plainFacts, position }
    this.endpoint = endpoint
    this.threadId = threadId
  }

  run(_request: DriverRequest, callback: ResultCallback): void {
    queueMicrotask(() => callback(null, []))
  }

  readRows(_request: DriverRequest, _rawCount: number | 'all', listener: RowListener): RowReading {
    queueMicrotask(() => listener.onEnd(null))
    return { pause: () => undefined, resume: () => undefined }
  }

  reset(callback: (error: unknown) => void): void {
    queueMicrotask(() => callback(null))
  }

  end(callback: () => void): void {
    this.state = 'ended'
    queueMicrotask(callback)
  }

  cancel(callback: () => void): void {
    callback()
  }

  destroy(): void {
    this.state = 'destroyed'
  }

  onLost(listener: (error: unknown) => void): void {
    this.#listeners.push(listener)
  }

  /** The server goes away. */
  break(): void {
    if (this.state !== 'open') return
    this.state = 'broken'
    for (const listener of this.#listeners) listener(new Error('broken'))
  }
}

/** Makes scripted connections; endpoints in `down` refuse, and `hold` keeps attempts open until they are let go. */
export class ScriptedDriver implements Driver {
  readonly dialect = 'mysql'
  readonly connections: ScriptedConnection[] = []
  readonly down = new Set<string>()
  /** Endpoints that take an attempt and say nothing. */
  readonly hanging = new Set<string>()
  /** What endpoints answer when asked for their position. */
  readonly positions = new Map<string, string>()
  readonly asked: string[] = []
  attempts = 0
  /** Of each attempt. */
  readonly signals: AbortSignal[] = []
  isHolding = false
  readonly #held: (() => void)[] = []
  readonly escape = String
  readonly format = String
  readonly describeFields = (): [] => []
  readonly readWrite = (): undefined => undefined
  readonly isFatal = (): boolean => false
  readonly isConnectionLost = (): boolean => false
  /** Threads the servers say they work for; `undefined` when they do not tell. */
  busyThreads: ReadonlySet<number> | undefined = undefined
  /** Questions to wait for a position, answered by the test. */
  readonly waits: { endpoint: string; position: string; answer: (isReached: boolean) => void }[] = []

  readonly connect = (endpoint: Endpoint, options: ConnectOptions, callback: ConnectCallback): void => {
    this.attempts++
    if (options.signal !== undefined) this.signals.push(options.signal)
    const answer = (): void => {
      if (this.down.has(endpoint.id)) return callback(new Error(`${endpoint.id} is down`))
      const connection = new ScriptedConnection(
        endpoint,
        this.connections.length + 1,
        this.positions.get(endpoint.id),
      )
      this.connections.push(connection)
      callback(null, connection)
    }
    if (this.isHolding || this.hanging.has(endpoint.id)) this.#held.push(answer)
    else queueMicrotask(answer)
  }

  readonly readPosition = (
    connection: DriverConnection,
    callback: (position: string | undefined) => void,
  ): void => {
    const { id } = (connection as ScriptedConnection).endpoint
    this.asked.push(id)
    queueMicrotask(() => callback(this.positions.get(id)))
  }

  readonly waitForPosition = (
    connection: DriverConnection,
    position: string,
    _timeoutMs: number,
    callback: (isReached: boolean) => void,
  ): void => {
    const { id } = (connection as ScriptedConnection).endpoint
    this.waits.push({ endpoint: id, position, answer: callback })
  }

  readonly readBusyThreads = (
    _connection: DriverConnection,
    callback: (threads: ReadonlySet<number> | undefined) => void,
  ): void => {
    queueMicrotask(() => callback(this.busyThreads))
  }

  readonly readReplicaPosition = this.readPosition

  get open(): ScriptedConnection[] {
    return this.connections.filter(({ state }) => state === 'open')
  }

  letGo(): void {
    for (const answer of this.#held.splice(0)) queueMicrotask(answer)
  }
}
