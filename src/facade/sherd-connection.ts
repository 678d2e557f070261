import { Cancellation } from '../engine/cancellation.ts'
import type { CurrentEngine } from '../engine/current-engine.ts'
import { SherdError } from '../errors/sherd-error.ts'
import type { ShardCount } from '../merge/sum-writes.ts'
import { Session } from '../session/session.ts'
import { obeySignal } from './cancel-query.ts'
import { readDueAt } from './read-due.ts'
import { SerialQueue } from './serial-queue.ts'

/** What a statement gave, the same for every engine. */
export interface StatementResult {
  /** Objects by column name, or arrays of values with `rowsAsArray`. Empty for statements that give no rows. */
  readonly rows: readonly unknown[]
  readonly columns: readonly string[]
  readonly affectedRows: number
  /** 0 when the server gave none, and always 0 for an INSERT split over several logical shards. */
  readonly insertId: number | bigint
  /** Of a write that ran on several logical shards: what each has written. */
  readonly shards?: readonly ShardCount[]
}

export interface StatementOptions {
  /** Rows as arrays of values in the order of the columns. Default false. */
  readonly rowsAsArray?: boolean
  /**
   * Ends the statement when it is aborted: with SHERD_ABORTED before it was sent, with the server's error 1317 while it runs.
   * A write to several logical shards runs to its end. Default: none.
   */
  readonly signal?: AbortSignal
  /**
   * The statement ends after so many milliseconds with SHERD_DEADLINE, the wait for a connection included. Default: what the
   * scope and the config say. Above what they say it changes nothing.
   */
  readonly timeout?: number
}

/**
 * A virtual connection with promises, for MariaDB and SQLite alike. It costs nothing until a statement
 * runs; transactions and savepoints sent as SQL stay on it. Statements run one at a time, in order.
 */
export class SherdConnection {
  readonly #current: CurrentEngine
  readonly #defaults: object
  readonly #session = new Session()
  readonly #queue = new SerialQueue()
  #isReleased = false

  /** `defaults`: options of the library for each statement. */
  constructor(current: CurrentEngine, defaults: object = {}) {
    this.#current = current
    this.#defaults = defaults
  }

  /** Runs one statement. Fails with a SherdError before anything was sent, or with the server's own error. */
  execute(
    sql: string,
    values: readonly unknown[] = [],
    { signal, timeout, ...options }: StatementOptions = {},
  ): Promise<StatementResult> {
    const { traffic } = this.#current.engine
    const cancellation = signal === undefined ? undefined : new Cancellation()
    const scope = this.#current.engine.scopes.current()
    const dueAt = readDueAt(this.#current.engine, { timeout }, scope)
    return new Promise((resolve, reject) => {
      if (this.#isReleased) return reject(released())
      this.#queue.add((next) => {
        const settled = signal === undefined ? next : obeySignal(signal, cancellation, next)
        const done = (error: unknown, rows?: unknown, fields?: unknown): void => {
          traffic.leave()
          settled()
          if (error) reject(error as Error)
          else resolve(this.#toResult(rows, fields))
        }
        try {
          traffic.enter(this.#session)
          const request = {
            sql,
            values,
            protocol: 'text',
            isStreamed: false,
            options: { ...this.#defaults, ...options },
            scope,
            cancellation,
            dueAt,
          } as const
          this.#current.run(this.#session, request, done)
        } catch (error) {
          done(error)
        }
      })
    })
  }

  /** Gives everything back. A transaction that is still open is rolled back. */
  release(): void {
    if (this.#isReleased) return
    this.#isReleased = true
    this.#queue.add((next) => this.#current.endSession(this.#session, next))
  }

  #toResult(rows: unknown, fields: unknown): StatementResult {
    if (Array.isArray(rows)) return { rows, columns: columnNames(fields), affectedRows: 0, insertId: 0 }
    // Statements only sherd had to know of, such as a BEGIN that is held, give a packet that no driver made.
    const { affectedRows, insertId } = this.#current.engine.driver.readWrite(rows) ?? {
      affectedRows: 0,
      insertId: 0,
    }
    return {
      rows: [],
      columns: [],
      affectedRows,
      insertId: typeof insertId === 'string' ? BigInt(insertId) : insertId,
      ...countsOf(rows),
    }
  }
}

/** `sumWrites` adds them to its packet. */
function countsOf(packet: unknown): { readonly shards?: readonly ShardCount[] } {
  if (typeof packet !== 'object' || packet === null || !('shards' in packet)) return {}
  return { shards: packet.shards as readonly ShardCount[] }
}

function columnNames(fields: unknown): readonly string[] {
  return Array.isArray(fields) ? fields.map((field: { name: string }) => field.name) : []
}

function released(): SherdError {
  return new SherdError('SHERD_CONNECTION_RELEASED', {
    message: 'The connection was released and takes no more statements.',
  })
}
