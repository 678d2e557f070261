import type { LeaseGuard } from '../pools/lease-guard.ts'
import type { Session } from '../session/session.ts'
import type { OpenTransaction, Participant } from '../session/transaction.ts'
import type { Server } from '../topology/topology.ts'
import type { Engine } from './engine.ts'
import type { ParticipantCallback } from './join-transaction.ts'

/** How a transaction meets a second server, and how it is committed: one for each value of `transactions` in the config. */
export interface TransactionStrategy {
  /** Brings another server into an open transaction, or calls back with the refusal. */
  readonly join: (
    engine: Engine,
    session: Session,
    transaction: OpenTransaction,
    server: Server,
    callback: ParticipantCallback,
    guard?: LeaseGuard,
  ) => void
  /** Commits on all servers and gives every connection back, whatever happens. */
  readonly commit: (
    engine: Engine,
    participants: readonly Participant[],
    callback: (error: unknown) => void,
  ) => void
}
