import { EventEmitter } from 'node:events'
import { Session } from '../session/session.ts'
import { MysqlPoolConnection } from './mysql-pool-connection.ts'
import { refuseOtherConnection } from './other-library.ts'
import { PromisePool } from './promise-pool.ts'
import { readQueryArguments } from './query-arguments.ts'
import { type Door, sendQuery } from './send-query.ts'
import { escapeValue, formatText } from './write-values.ts'

/**
 * A pool in mysql2's shape. Its connections are virtual and cost nothing; real ones belong to the engine.
 * They are handed out last in, first out, and keep their session settings, because ORMs that send
 * `SET …` and the next statement as two acquisitions rely on mysql2's pool doing so.
 */
export class MysqlPool extends EventEmitter {
  readonly #door: Door
  readonly #close: () => Promise<void>
  /** Statements sent to the pool itself share a session that remembers nothing. */
  readonly #session: Session
  readonly #idle: MysqlPoolConnection[] = []
  /** As mysql2's; ORMs read options from it, and Knex makes its `password` not enumerable, so it holds none. */
  readonly config: { readonly connectionConfig: object } = { connectionConfig: {} }

  constructor(door: Door, close: () => Promise<void>) {
    super()
    this.#door = door
    this.#close = close
    this.#session = new Session({ isShared: true, profile: door.profile?.connections })
  }

  query(first: unknown, second?: unknown, third?: unknown): EventEmitter {
    const task = sendQuery(this.#door, this.#session, readQueryArguments(first, second, third), 'text')
    task.start(() => {})
    return task.command
  }

  execute(first: unknown, second?: unknown, third?: unknown): EventEmitter {
    const task = sendQuery(this.#door, this.#session, readQueryArguments(first, second, third), 'prepared')
    task.start(() => {})
    return task.command
  }

  /** SHERD_QUERY_ARGUMENTS without a callback, which would end the process later, where nobody could catch it. */
  getConnection(callback: (error: unknown, connection: MysqlPoolConnection) => void): void {
    refuseOtherConnection(callback)
    const connection =
      this.#idle.pop() ?? new MysqlPoolConnection(this.#door, (released) => this.#takeBack(released))
    connection.reopen()
    process.nextTick(() => {
      this.emit('acquire', connection)
      callback(null, connection)
    })
  }

  releaseConnection(connection: MysqlPoolConnection): void {
    connection.release()
  }

  /** Closes sherd as a whole, as `sherd.close()`. */
  end(callback?: (error: unknown) => void): void {
    this.#close().then(
      () => callback?.(null),
      (error: unknown) => callback?.(error),
    )
  }

  promise(): PromisePool {
    return new PromisePool(this)
  }

  format(sql: string, values: unknown): string {
    return formatText(this.#door, sql, values)
  }

  escape(value: unknown): string {
    return escapeValue(this.#door, value)
  }

  escapeId(name: string): string {
    return this.#door.driver.format('??', [name])
  }

  #takeBack(connection: MysqlPoolConnection): void {
    this.#idle.push(connection)
    this.emit('release', connection)
  }
}
