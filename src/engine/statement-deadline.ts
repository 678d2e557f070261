import type { DriverConnection, ResultCallback } from '../drivers/driver.ts'
import { SherdError } from '../errors/sherd-error.ts'
import type { LeaseGuard } from '../pools/lease-guard.ts'
import type { Lease } from '../pools/lease.ts'
import type { Server } from '../topology/topology.ts'
import { Cancellation } from './cancellation.ts'
import type { Deadlines, Expiring } from './deadlines.ts'

/** A server that has been asked to end a statement gets so long before its connection is cut. */
export const graceMs = 1_000

/** Where a statement with a deadline runs, for the error. */
export interface DeadlinePlace {
  readonly server: Server
  /** Names of the logical shards, or of the unsharded database. */
  readonly shards: readonly string[]
  readonly isRead: boolean
  readonly sql: string
  readonly isConnectionLost: (error: unknown) => boolean
}

/**
 * The end of one statement's time, on one server. At the deadline who waits is turned away, and what runs is ended on the
 * server by KILL QUERY. If the server is silent a second longer, its connection is cut.
 */
export class StatementDeadline implements LeaseGuard {
  readonly dueAt: number
  readonly #deadlines: Deadlines
  readonly #place: DeadlinePlace
  readonly #cancellation = new Cancellation()
  /** What to cut, the last first. */
  readonly #cuts: (() => void)[] = []
  #turnAway: (() => void) | undefined
  #pending: Expiring | undefined
  #isCut = false

  constructor(deadlines: Deadlines, dueAt: number, place: DeadlinePlace) {
    this.#deadlines = deadlines
    this.dueAt = dueAt
    this.#place = place
    this.#expect(dueAt, () => this.#expire())
  }

  /** True from the deadline on, even before anybody was woken. */
  get isExpired(): boolean {
    return this.#cancellation.isRequested || this.#deadlines.now() >= this.dueAt
  }

  hold(lease: Lease): void {
    this.#cuts.push(() => lease.destroy())
  }

  /** What to do when the server does not end the statement; what was said last is done first. */
  onSilence(cut: () => void): void {
    this.#cuts.push(cut)
  }

  /** A statement is sent; see Cancellation.attach. */
  attach(connection: DriverConnection): (next: () => void) => void {
    return this.#cancellation.attach(connection)
  }

  /**
   * The same callback, but called at the deadline if it was not before; what comes later is given to `late`. Only
   * for waits that change nothing, so that nobody needs to know that they still go on.
   */
  orExpire<Value>(
    callback: (error: unknown, value?: Value) => void,
    late: (value?: Value) => void,
  ): (error: unknown, value?: Value) => void {
    let isOver = false
    this.#turnAway = () => {
      isOver = true
      callback(this.passed())
    }
    return (error, value) => {
      this.#turnAway = undefined
      if (!isOver) return callback(error, value)
      this.#finish()
      late(value)
    }
  }

  /** Ends the watch, and tells the deadline in place of what it has brought about. */
  settle(done: ResultCallback): ResultCallback {
    return (error, rows, fields) => {
      // Who was turned away has left something behind that may have to be cut.
      if (this.#turnAway === undefined) this.#finish()
      done(error ? this.#explain(error) : error, rows, fields)
    }
  }

  /** The error of a statement that was not sent in time. */
  passed(cause?: unknown): SherdError {
    return this.#error('not started', unsent, cause)
  }

  #finish(): void {
    if (this.#pending !== undefined) this.#deadlines.remove(this.#pending)
    this.#pending = undefined
  }

  #expect(dueAt: number, expire: () => void): void {
    this.#pending = { dueAt, expire }
    this.#deadlines.add(this.#pending)
  }

  #expire(): void {
    this.#cancellation.request()
    this.#expect(this.dueAt + graceMs, () => this.#cut())
    this.#turnAway?.()
  }

  #cut(): void {
    this.#pending = undefined
    this.#isCut = true
    for (const cut of this.#cuts.toReversed()) cut()
    this.#cancellation.giveUp()
  }

  /** Errors that have nothing to do with the deadline stay what they are. */
  #explain(error: unknown): unknown {
    if (error instanceof SherdError) {
      const isOfLease = error.code === 'SHERD_DEADLINE' && error.details.shards === undefined
      return isOfLease ? this.passed(error) : error
    }
    if (!this.isExpired) return error
    if (isInterrupted(error)) return this.#error('failed', ended, error)
    if (!this.#isCut || !this.#place.isConnectionLost(error)) return error
    return this.#place.isRead ? this.#error('failed', cut, error) : this.#error('unknown', cutWrite, error)
  }

  #error(outcome: 'not started' | 'failed' | 'unknown', what: string, cause: unknown): SherdError {
    const { server, shards, sql } = this.#place
    const [shard = '', ...others] = shards
    const place = others.length === 0 ? shard : `${shard} and ${others.length} more`
    return new SherdError('SHERD_DEADLINE', {
      message: `The deadline of a statement on ${place} of server ${server.id} passed ${what}.`,
      details: {
        server: server.id,
        ...(others.length === 0 ? { shard } : {}),
        shards: shards.map((name) => ({ shard: name, outcome })),
      },
      sql,
      cause,
    })
  }
}

const unsent = 'before it was sent, so nothing was done'
const ended = 'while it ran, and the server has ended it'
const cut = 'while it ran; the server gave no sign of life, so the connection was cut'
const cutWrite = `${cut}, and the write may still be done`

/** The server's answer to KILL QUERY. */
function isInterrupted(error: unknown): boolean {
  return typeof error === 'object' && error !== null && 'errno' in error && error.errno === 1317
}
