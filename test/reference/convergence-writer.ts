import { setTimeout as pause } from 'node:timers/promises'
import { type Connection, createConnection } from 'mysql2/promise'
import { waitFor } from '../../src/testing/servers/wait-for.ts'
import { Random } from '../oracle/random.ts'
import { makeChange, type RunChange } from './convergence-changes.ts'
import type { History, WrittenTransaction } from './convergence-history.ts'

/** What writers share with the rest of a round. */
export interface WriterPlace {
  readonly url: string
  readonly history: History
  /** Of a transaction that waits before its COMMIT. */
  readonly longestHoldMs: number
  /** Grows with everything the supervisors do. */
  readonly progress: () => number
}

/** Faults a statement may meet: a duplicate key, a parent that is missing or has children, waited too long, lost a deadlock. */
const expectedErrors = new Set([1062, 1205, 1213, 1451, 1452])
const deadlock = 1213
/** A writer's breath between two transactions; without it nobody else would have the processor. */
const breathMs = 12

export interface WriterCounts {
  committed: number
  rolledBack: number
  refused: number
  lost: number
}

/** Writes to its own rows of the source, in transactions of every kind, until it is stopped. */
export class Writer {
  readonly counts: WriterCounts = { committed: 0, rolledBack: 0, refused: 0, lost: 0 }
  readonly #place: WriterPlace
  readonly #owner: number
  readonly #random: Random
  #connection: Connection | undefined
  #isStopping = false
  /** From the first write to the answer to COMMIT; whoever reads it sets it back. */
  longestMs = 0

  constructor(place: WriterPlace, owner: number, seed: number) {
    this.#place = place
    this.#owner = owner
    this.#random = new Random(seed)
  }

  /** Ends when `stop` was called and the transaction at hand is over. */
  async run(): Promise<void> {
    this.#isStopping = false
    while (!this.#isStopping) {
      await this.#writeTransaction()
      await pause(this.#random.int(breathMs))
    }
  }

  stop(): void {
    this.#isStopping = true
  }

  async close(): Promise<void> {
    await this.#connection?.end().catch(() => undefined)
    this.#connection = undefined
  }

  /** Writes and leaves the transaction open; the result ends it. */
  async begin(): Promise<() => Promise<void>> {
    const transaction: WrittenTransaction = { outcome: 'open' }
    const startMs = performance.now()
    const isOpen = await this.#tell(transaction, async (connection) => {
      await connection.query('BEGIN')
      await this.#change(connection, transaction, 3)
    })
    if (!isOpen) return () => Promise.resolve()
    return async () => {
      await this.#tell(transaction, (connection) => this.#end(connection, transaction))
      this.#noteLength(transaction, startMs)
    }
  }

  async #writeTransaction(): Promise<void> {
    const transaction: WrittenTransaction = { outcome: 'open' }
    const startMs = performance.now()
    await this.#tell(transaction, async (connection) => {
      await connection.query('BEGIN')
      await this.#change(connection, transaction, 1 + this.#random.int(4))
      if (this.#random.chance(0.2)) await this.#hold()
      await this.#end(connection, transaction)
    })
    this.#noteLength(transaction, startMs)
  }

  #noteLength({ outcome }: WrittenTransaction, startMs: number): void {
    if (outcome === 'rolledBack') return
    this.longestMs = Math.max(this.longestMs, performance.now() - startMs)
  }

  async #end(connection: Connection, transaction: WrittenTransaction): Promise<void> {
    if (this.#random.chance(0.12)) {
      transaction.outcome = 'rolledBack'
      await connection.query('ROLLBACK')
      this.counts.rolledBack += 1
      return
    }
    transaction.outcome = 'sent'
    await connection.query('COMMIT')
    transaction.outcome = 'committed'
    this.counts.committed += 1
  }

  /** While the supervisors go round some times. */
  async #hold(): Promise<void> {
    const target = this.#place.progress() + 1 + this.#random.int(60)
    await waitFor(() => this.#isStopping || this.#place.progress() >= target, this.#place.longestHoldMs)
  }

  async #change(connection: Connection, transaction: WrittenTransaction, count: number): Promise<void> {
    const { history } = this.#place
    const run: RunChange = async (makeSql) => {
      const version = history.issue(transaction)
      try {
        const [rows] = await connection.query({ sql: makeSql(version), rowsAsArray: true })
        return Array.isArray(rows) ? (rows as unknown[][]) : []
      } catch (error) {
        history.fail(version)
        throw error
      }
    }
    for (let index = 0; index < count; index++) {
      try {
        await makeChange(this.#random, this.#owner)(run)
      } catch (error) {
        const { errno } = error as { errno?: number }
        if (errno === undefined || !expectedErrors.has(errno) || errno === deadlock) throw error
        this.counts.refused += 1
      }
    }
  }

  /** False when the transaction is over because of an error; then it is known what became of it. */
  async #tell(
    transaction: WrittenTransaction,
    work: (connection: Connection) => Promise<void>,
  ): Promise<boolean> {
    try {
      await work((this.#connection ??= await this.#connect()))
      return true
    } catch (error) {
      if (transaction.outcome === 'open') transaction.outcome = 'rolledBack'
      const { errno, code, fatal } = error as { errno?: number; code?: string; fatal?: boolean }
      if (errno === deadlock) return false
      this.#connection?.destroy()
      this.#connection = undefined
      this.counts.lost += 1
      const isEnded = errno === 1317 || errno === 1927 || errno === 1053
      if (fatal !== true && !isEnded && !/^(ECONN|PROTOCOL)/.test(code ?? '')) throw error
      await pause(breathMs)
      return false
    }
  }

  async #connect(): Promise<Connection> {
    const connection = await createConnection({ uri: this.#place.url, multipleStatements: true })
    // Without a listener a server that is killed would end this process.
    connection.on('error', () => undefined)
    const isolation = this.#random.pick(['READ COMMITTED', 'REPEATABLE READ'])
    await connection.query(
      `SET SESSION sql_mode = 'STRICT_TRANS_TABLES,NO_AUTO_VALUE_ON_ZERO', innodb_lock_wait_timeout = 2;
       SET SESSION TRANSACTION ISOLATION LEVEL ${isolation}`,
    )
    return connection
  }
}
