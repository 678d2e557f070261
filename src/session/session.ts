import type { Lease } from '../pools/server-pool.ts'
import type { Server } from '../topology/topology.ts'
import type { Setting } from './session-settings.ts'

/** BEGIN was said, but no statement has named a server yet: what was said is held and replayed then. */
export interface PendingTransaction {
  readonly kind: 'pending'
  /** SET TRANSACTION, BEGIN, SAVEPOINT …, in order. */
  readonly held: readonly string[]
}

/** A transaction that runs on one connection of one primary. */
export interface OpenTransaction {
  readonly kind: 'open'
  readonly server: Server
  readonly lease: Lease
}

export type Transaction = PendingTransaction | OpenTransaction

/**
 * What one virtual connection remembers between statements. It owns a real connection only
 * while a transaction is open; all other statements borrow one for their own time.
 */
export class Session {
  readonly #settings = new Map<string, string>()
  #signature = ''
  #held: readonly string[] = []
  transaction: Transaction | undefined
  /** Whether the open transaction has sent anything but reads, so that its COMMIT moves the write position. */
  hasWritten = false
  /** True for the session of statements sent to the pool itself: it can remember nothing. */
  readonly isShared: boolean

  constructor(options: { isShared?: boolean } = {}) {
    this.isShared = options.isShared ?? false
  }

  /** Differs when the remembered settings differ; empty when there are none. */
  get signature(): string {
    return this.#signature
  }

  /** The remembered SETs in the order in which they were first said. */
  get settings(): Iterable<string> {
    return this.#settings.values()
  }

  remember(settings: readonly Setting[]): void {
    for (const setting of settings) this.#settings.set(setting.name, setting.text)
    this.#signature = [...this.#settings.values()].join(';\n')
  }

  /** Holds a SET TRANSACTION for the BEGIN that follows it. */
  holdForNext(text: string): void {
    this.#held = [...this.#held, text]
  }

  /** Begins without a server; the texts held before come first. */
  begin(text: string): void {
    this.transaction = { kind: 'pending', held: [...this.#held, text] }
    this.#held = []
  }

  /** Adds a savepoint's text to a transaction that has no server yet. */
  hold(pending: PendingTransaction, text: string): void {
    this.transaction = { kind: 'pending', held: [...pending.held, text] }
  }

  open(server: Server, lease: Lease): OpenTransaction {
    const transaction: OpenTransaction = { kind: 'open', server, lease }
    this.transaction = transaction
    return transaction
  }

  /** Forgets the transaction; whoever ends it gives the lease back. */
  finish(): void {
    this.transaction = undefined
    this.hasWritten = false
  }
}
