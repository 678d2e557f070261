import type { DriverConnection } from '../drivers/driver.ts'
import type { ConnectionProfile } from '../pools/server-pools.ts'
import type { Server } from '../topology/topology.ts'
import { findSavepoint, type Savepoint } from './savepoints.ts'
import type { LastInsert, Pin } from './pin.ts'
import type { Setting } from './session-settings.ts'
import {
  type OpenTransaction,
  type Participant,
  participantBeside,
  participantOn,
  type Transaction,
} from './transaction.ts'

/**
 * What one virtual connection remembers between statements. It owns real connections only
 * while a transaction is open; all other statements borrow one for their own time.
 */
export class Session {
  readonly #settings = new Map<string, string>()
  #signature = ''
  /** SET TRANSACTION, said for the transaction to come. */
  #characteristics: readonly string[] = []
  #isAutocommit = true
  transaction: Transaction | undefined
  /** Where the session keeps locks, temporary tables and variables, until it is given back. */
  pin: Pin | undefined
  /** The statement that generated an id last, on a connection that only this session has had since. */
  lastInsert: LastInsert | undefined
  /** The connection of the statement before, if nothing has run there since and it is still the session's own. */
  lastConnection: DriverConnection | undefined
  /** True for the session of statements sent to the pool itself: it can remember nothing. */
  readonly isShared: boolean
  /** Which connections it may be given. Absent: the usual ones. */
  readonly profile: ConnectionProfile | undefined

  constructor(options: { isShared?: boolean; profile?: ConnectionProfile | undefined } = {}) {
    this.isShared = options.isShared ?? false
    this.profile = options.profile
  }

  /** A session of its own with the same settings, for a transaction that is over before its statement is. */
  fork(): Session {
    const copy = new Session({ profile: this.profile })
    for (const [name, text] of this.#settings) copy.#settings.set(name, text)
    copy.#signature = this.#signature
    return copy
  }

  /** Differs when the remembered settings differ; empty when there are none. */
  get signature(): string {
    return this.#signature
  }

  /** The remembered SETs in the order in which they were first said. */
  get settings(): Iterable<string> {
    return this.#settings.values()
  }

  /**
   * The part of the transaction that serves a server: its own or, while the session keeps no connection elsewhere, that of
   * another server of the config at the same address.
   */
  participantFor(server: Server): Participant | undefined {
    const { transaction, pin } = this
    if (transaction?.kind !== 'open') return undefined
    const own = participantOn(transaction, server)
    return own !== undefined || pin !== undefined ? own : participantBeside(transaction, server)
  }

  /** False: a transaction begins by itself wherever none is. */
  get isAutocommit(): boolean {
    return this.#isAutocommit
  }

  remember(settings: readonly Setting[]): void {
    this.#signature = this.signatureWith(settings)
    for (const setting of settings) this.#settings.set(setting.name, setting.text)
  }

  /** The signature that it would have if it remembered these too. */
  signatureWith(settings: readonly Setting[]): string {
    const all = new Map(this.#settings)
    for (const setting of settings) all.set(setting.name, setting.text)
    return [...all.values()].join(';\n')
  }

  /** A transaction that is under way goes on; whoever switches autocommit on has committed it before. */
  setAutocommit(isOn: boolean): void {
    if (isOn === this.#isAutocommit) return
    this.#isAutocommit = isOn
    if (this.transaction === undefined || (isOn && this.transaction.kind === 'pending')) this.finish()
  }

  /** Holds a SET TRANSACTION for the transaction to come. */
  holdForNext(text: string): void {
    this.#characteristics = [...this.#characteristics, text]
  }

  /** Begins without a server; the texts held before come first. */
  begin(text: string): void {
    this.beginAgain([...this.#characteristics, text])
    this.#characteristics = []
  }

  /** Begins as another transaction began, for AND CHAIN. */
  beginAgain(opening: readonly string[]): void {
    this.transaction = { kind: 'pending', opening, savepoints: [], isImplicit: false }
  }

  /** What a server is told that the transaction reaches, before its first statement there. */
  get opening(): readonly string[] {
    const { transaction } = this
    if (transaction?.kind === 'pending') return [...this.#characteristics, ...transaction.opening]
    return transaction?.kind === 'open' ? transaction.opening : []
  }

  /** Adds a server's connection to the transaction. */
  join(participant: Participant): OpenTransaction {
    const { transaction, opening } = this
    const participants = transaction?.kind === 'open' ? transaction.participants : []
    const savepoints = this.savepoints
    const open: OpenTransaction = {
      kind: 'open',
      opening,
      savepoints,
      participants: [...participants, participant],
    }
    this.#characteristics = []
    this.transaction = open
    return open
  }

  get savepoints(): readonly Savepoint[] {
    const { transaction } = this
    return transaction === undefined || transaction.kind === 'lost' ? [] : transaction.savepoints
  }

  /** True when ROLLBACK TO and RELEASE can find it. Case does not count, as on the server. */
  hasSavepoint(name: string): boolean {
    return findSavepoint(this.savepoints, name) >= 0
  }

  setSavepoints(savepoints: readonly Savepoint[]): void {
    const { transaction } = this
    if (transaction === undefined || transaction.kind === 'lost') return
    this.transaction = { ...transaction, savepoints }
  }

  /** The transaction is gone without its caller's doing; what comes next is refused until he ends it. */
  lose(server: Server, reason: string): void {
    this.transaction = { kind: 'lost', server, reason }
  }

  /** Forgets the transaction; whoever ends it gives its connections back. */
  finish(): void {
    this.transaction = this.#isAutocommit
      ? undefined
      : { kind: 'pending', opening: ['BEGIN'], savepoints: [], isImplicit: true }
  }
}
