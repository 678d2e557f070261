import type { Driver } from '../drivers/driver.ts'
import { SherdError } from '../errors/sherd-error.ts'
import type { CancelTimer, Clock } from './clock.ts'
import type { ServerPool } from './server-pool.ts'

export interface HangWatchOptions {
  readonly pool: ServerPool
  readonly driver: Driver
  readonly clock: Clock
  readonly timeoutMs: number
  /** Called when the replica gave no sign of life. */
  readonly onHang: () => void
}

/**
 * Looks after the statements of one replica while there are any. One timer serves them all: a timer for each
 * read costs more than choosing the replica. One that is silent for `timeoutMs` is not cut for being slow: the
 * server is asked, on a connection of its own, whether it still works at it.
 */
export class HangWatch {
  readonly #options: HangWatchOptions
  #mark = 0
  #isRunning = false
  #cancelTimer: CancelTimer | undefined
  #cancelQuestion: CancelTimer | undefined
  readonly #stopping = new AbortController()

  constructor(options: HangWatchOptions) {
    this.#options = options
  }

  /** Tells that a statement is about to run. */
  start(): void {
    if (this.#isRunning) return
    this.#isRunning = true
    this.#rest()
  }

  stop(): void {
    this.#isRunning = true
    this.#cancelTimer?.()
    this.#cancelTimer = undefined
    this.#cancelQuestion?.()
    this.#stopping.abort()
  }

  /** Twice within the time-out, so that a statement is suspected when it is between half and all of it old. */
  #rest(): void {
    const { pool, clock, timeoutMs } = this.#options
    this.#mark = pool.uses
    this.#cancelTimer = clock.setTimer(() => this.#look(), Math.max(timeoutMs / 2, 1), 'background')
  }

  #look(): void {
    const { pool } = this.#options
    if (pool.load === 0) {
      this.#isRunning = false
      return
    }
    if (!pool.hasUseUpTo(this.#mark)) return this.#rest()
    const mark = this.#mark
    this.#ask((busyThreads) => {
      // The question was given up with the watch, which says nothing of the replica.
      if (this.#stopping.signal.aborted) return
      if (busyThreads === 'hung') {
        // First, so that those who are cut do not come back here.
        this.#options.onHang()
        pool.cutAll()
      } else if (busyThreads !== undefined) pool.cutIdleThreads(mark, busyThreads)
      if (this.#cancelTimer !== undefined) this.#rest()
    })
  }

  /** `undefined` when the server lives but does not tell what it works at. */
  #ask(callback: (answer: ReadonlySet<number> | 'hung' | undefined) => void): void {
    const { pool, driver, clock, timeoutMs } = this.#options
    let isOver = false
    const finish = (answer: ReadonlySet<number> | 'hung' | undefined): void => {
      if (isOver) return
      isOver = true
      cancel()
      callback(answer)
    }
    const cancel = clock.setTimer(() => finish('hung'), timeoutMs, 'background')
    this.#cancelQuestion = cancel
    // Not from the pool: all its connections may be the ones that hang.
    const options = { databases: [], signal: this.#stopping.signal }
    driver.connect(pool.endpoint, options, (error, connection) => {
      if (connection === undefined) return finish(isUnreachable(error) ? 'hung' : undefined)
      if (isOver) return connection.destroy()
      driver.readBusyThreads(connection, (threads) => {
        connection.destroy()
        finish(threads)
      })
    })
  }
}

/** Any other error is an answer: the server lives and has, for example, too many connections. */
function isUnreachable(error: unknown): boolean {
  return error instanceof SherdError && error.code === 'SHERD_SERVER_UNREACHABLE'
}
