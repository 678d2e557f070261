import type { Lease } from '../pools/server-pool.ts'
import { isSameServer } from '../topology/same-server.ts'
import type { Server } from '../topology/topology.ts'
import type { Savepoint } from './savepoints.ts'

/** BEGIN was said, but no statement has named a server yet: what was said is held and replayed then. */
export interface PendingTransaction {
  readonly kind: 'pending'
  /** SET TRANSACTION, BEGIN. */
  readonly opening: readonly string[]
  readonly savepoints: readonly Savepoint[]
  /** True when nobody said BEGIN, but autocommit is off. */
  readonly isImplicit: boolean
}

/** A transaction that runs on one connection of each server it has reached. */
export interface OpenTransaction {
  readonly kind: 'open'
  readonly opening: readonly string[]
  readonly savepoints: readonly Savepoint[]
  /** In the order in which they joined; never empty. */
  readonly participants: readonly Participant[]
}

/** A transaction that a server has ended, or whose connection broke: refused until its caller ends it. */
export interface LostTransaction {
  readonly kind: 'lost'
  readonly server: Server
  /** Why, as a part of a sentence. */
  readonly reason: string
}

export type Transaction = PendingTransaction | OpenTransaction | LostTransaction

/** The name of one server's part in a transaction of XA. */
export interface Branch {
  /** The same for all branches; no quotes in it. */
  readonly transactionId: string
  readonly number: number
}

/** A server's part in a transaction. */
export class Participant {
  readonly server: Server
  readonly lease: Lease
  /** Absent for a local transaction. */
  readonly branch: Branch | undefined
  readonly #servers: Set<Server>
  readonly #written = new Set<string>()
  #hasWritten = false

  constructor(server: Server, lease: Lease, branch?: Branch) {
    this.server = server
    this.lease = lease
    this.branch = branch
    this.#servers = new Set([server])
  }

  /** The servers of the config that this is the part of, all at one address: replicas of each must hear of the commit. */
  get servers(): Iterable<Server> {
    return this.#servers
  }

  /** A statement of this server runs here. */
  serve(server: Server): void {
    this.#servers.add(server)
  }

  /** Whether anything but reads was sent, so that the COMMIT counts. */
  get hasWritten(): boolean {
    return this.#hasWritten
  }

  /** The logical shards and unsharded databases that were written, by name; the server when none was named. */
  get written(): readonly string[] {
    return this.#written.size === 0 ? [this.server.id] : [...this.#written]
  }

  noteWrite(shard?: string): void {
    this.#hasWritten = true
    if (shard !== undefined) this.#written.add(shard)
  }
}

/**
 * The part of a server, if the transaction has reached it: also of an unsharded database at the address of a shard
 * group, whose connections have no default database of their own. Two unsharded databases do not share one.
 */
export function participantOn(transaction: OpenTransaction, server: Server): Participant | undefined {
  return transaction.participants.find(
    ({ server: own }) =>
      own === server ||
      (isSameServer(own, server) &&
        (own.primary.database === undefined || server.primary.database === undefined)),
  )
}
