import { EventEmitter } from 'node:events'
import { Cancellation } from '../engine/cancellation.ts'
import { SherdError } from '../errors/sherd-error.ts'
import { Session } from '../session/session.ts'
import { firstVirtualId } from './cancel-query.ts'
import { PromisePoolConnection } from './promise-pool-connection.ts'
import { type QueryCallback, readQueryArguments } from './query-arguments.ts'
import { SerialQueue } from './serial-queue.ts'
import { type Door, sendQuery } from './send-query.ts'
import { escapeValue, formatText } from './write-values.ts'

let lastThreadId = firstVirtualId

/** A virtual connection in mysql2's shape: a session, without a socket of its own. */
export class MysqlPoolConnection extends EventEmitter {
  readonly #door: Door
  readonly #takeBack: (connection: MysqlPoolConnection) => void
  readonly #queue = new SerialQueue()
  readonly #session: Session
  #isReleased = false
  #running: Cancellation | undefined
  /** A number of sherd's own; the server's differs from statement to statement. */
  readonly threadId: number = ++lastThreadId
  readonly config: object = {}
  /** ORMs look here whether the socket is gone; a virtual connection has none, and says whether it was destroyed. */
  readonly stream: { readonly destroyed: boolean }
  #isDestroyed = false
  #isKilled = false

  constructor(door: Door, takeBack: (connection: MysqlPoolConnection) => void) {
    super()
    this.#door = door
    this.#takeBack = takeBack
    this.#session = newSession(door)
    const isDestroyed = (): boolean => this.#isDestroyed
    this.stream = {
      get destroyed() {
        return isDestroyed()
      },
    }
    door.connections.set(this.threadId, this)
  }

  /** Ends the statement that runs here. */
  cancel(told: () => void): void {
    if (this.#running === undefined) told()
    else this.#running.request(told)
  }

  /** The same, and the connection itself; one that lies in the pool is nobody's, and stays. */
  kill(told: () => void): void {
    this.cancel(told)
    if (this.#isReleased && !this.#isDestroyed) return
    this.#isKilled = true
    this.destroy()
  }

  /** As mysql2's, where Knex's client `mysql` looks whether the connection can still be used. */
  get state(): string {
    return this.#isDestroyed ? 'disconnected' : 'authenticated'
  }

  /** Called by the pool when it hands the connection out again. */
  reopen(): void {
    this.#isReleased = false
  }

  query(first: unknown, second?: unknown, third?: unknown): EventEmitter {
    return this.#send(first, second, third, 'text')
  }

  execute(first: unknown, second?: unknown, third?: unknown): EventEmitter {
    return this.#send(first, second, third, 'prepared')
  }

  connect(callback?: (error: unknown) => void): void {
    if (callback !== undefined) process.nextTick(callback, null)
  }

  ping(callback?: QueryCallback): void {
    this.query('SELECT 1', callback ?? (() => {}))
  }

  beginTransaction(callback?: QueryCallback): void {
    this.query('BEGIN', callback ?? (() => {}))
  }

  commit(callback?: QueryCallback): void {
    this.query('COMMIT', callback ?? (() => {}))
  }

  rollback(callback?: QueryCallback): void {
    this.query('ROLLBACK', callback ?? (() => {}))
  }

  /** Back to the pool. A transaction that is still open is rolled back, locks and temporary tables go; settings stay. */
  release(): void {
    if (this.#isReleased) return
    this.#isReleased = true
    // A stream that nobody reads on, such as an iterator of Drizzle (0.45) left early, may never end: the next user must not wait behind it.
    const isBusy = this.#queue.isBusy
    this.#queue.add((next) =>
      this.#endSession(() => {
        if (isBusy) this.#takeBack(this)
        next()
      }),
    )
    if (!isBusy) this.#takeBack(this)
  }

  /** Gives up the session with its settings; the pool makes another connection. */
  destroy(): void {
    if (this.#isReleased) return
    this.#isReleased = true
    this.#isDestroyed = true
    this.#queue.add((next) =>
      this.#endSession(() => {
        this.#door.connections.delete(this.threadId)
        next()
      }),
    )
  }

  end(callback?: (error: unknown) => void): void {
    this.release()
    if (callback !== undefined) process.nextTick(callback, null)
  }

  promise(): PromisePoolConnection {
    return new PromisePoolConnection(this)
  }

  format(sql: string, values: unknown): string {
    return formatText(this.#door, sql, values)
  }

  escape(value: unknown): string {
    return escapeValue(this.#door, value)
  }

  #send(first: unknown, second: unknown, third: unknown, protocol: 'text' | 'prepared'): EventEmitter {
    const cancellation = new Cancellation()
    const given = readQueryArguments(first, second, third)
    const task = sendQuery(this.#door, this.#session, given, protocol, cancellation)
    if (this.#isReleased) process.nextTick(() => task.fail(released()))
    else
      this.#queue.add((next) => {
        if (this.#isKilled) {
          task.fail(released())
          return next()
        }
        this.#running = cancellation
        task.start(() => {
          this.#running = undefined
          next()
        })
      })
    return task.command
  }

  #endSession(next: () => void): void {
    this.#door.current.endSession(this.#session, next)
  }
}

function newSession({ profile }: Door): Session {
  return new Session({ profile: profile?.connections })
}

function released(): SherdError {
  return new SherdError('SHERD_CONNECTION_RELEASED', {
    message: 'The connection was given back to the pool and takes no more statements.',
  })
}
