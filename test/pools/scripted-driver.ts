import type {
  ConnectCallback,
  Driver,
  DriverConnection,
  DriverRequest,
  ResultCallback,
  ServerFacts,
} from '../../src/drivers/driver.ts'
import type { RowListener, RowReading } from '../../src/drivers/raw-rows.ts'
import { mysqlDefaultModes } from '../../src/sql/modes.ts'
import type { Endpoint } from '../../src/topology/topology.ts'

const facts: ServerFacts = {
  version: '10.11-MariaDB',
  modes: mysqlDefaultModes,
  isReadOnly: false,
  isStrict: true,
}

/** A socket that does as it is told. It stands for a broken server, never for a database. */
export class ScriptedConnection implements DriverConnection {
  readonly threadId: number
  readonly facts = facts
  readonly endpoint: Endpoint
  settings = ''
  state: 'open' | 'ended' | 'destroyed' | 'broken' = 'open'
  readonly #listeners: ((error: unknown) => void)[] = []

  constructor(endpoint: Endpoint, threadId: number) {
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

  cancel(callback: () => void): void {
    queueMicrotask(callback)
  }

  reset(callback: (error: unknown) => void): void {
    queueMicrotask(() => callback(null))
  }

  end(callback: () => void): void {
    this.state = 'ended'
    queueMicrotask(callback)
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
  /** What endpoints answer when asked for their position. */
  readonly positions = new Map<string, string>()
  readonly asked: string[] = []
  attempts = 0
  isHolding = false
  readonly #held: (() => void)[] = []
  readonly escape = String
  readonly format = String
  readonly readWrite = (): undefined => undefined
  readonly isFatal = (): boolean => false

  readonly connect = (endpoint: Endpoint, _options: unknown, callback: ConnectCallback): void => {
    this.attempts++
    const answer = (): void => {
      if (this.down.has(endpoint.id)) return callback(new Error(`${endpoint.id} is down`))
      const connection = new ScriptedConnection(endpoint, this.connections.length + 1)
      this.connections.push(connection)
      callback(null, connection)
    }
    if (this.isHolding) this.#held.push(answer)
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

  readonly readReplicaPosition = this.readPosition

  get open(): ScriptedConnection[] {
    return this.connections.filter(({ state }) => state === 'open')
  }

  letGo(): void {
    for (const answer of this.#held.splice(0)) queueMicrotask(answer)
  }
}
