import { channel, type Channel } from 'node:diagnostics_channel'

/*
 * What sherd tells about itself, on channels of `node:diagnostics_channel`. An event is made only when
 * somebody listens. None holds a parameter's value, a literal of the text or a password.
 */

/** Where a part of a statement runs. */
export interface EventPlace {
  /** Name of the logical shard, or of the unsharded database. */
  readonly database: string
  /** Absent for unsharded databases. */
  readonly shardGroup?: string
  /** `product/0`. */
  readonly server: string
  readonly role: 'primary' | 'replica'
  readonly host: string
  readonly port: number
}

/** How the logical shard of a statement was found. */
export type RouteReason = 'key' | 'hint' | 'scope' | 'table' | 'session'

/** A statement of the caller. One object for `start` and `end`; the fields of the end are set in between. */
export interface StatementEvent {
  readonly system: 'mariadb' | 'sqlite'
  /** First word, upper case: `SELECT`. */
  readonly operation: string
  /** The tables in text order. */
  readonly tables: readonly string[]
  /** The text with `?` for every literal. Made when first read. */
  readonly text: string
  readonly isInTransaction: boolean
  /** Set at the end. */
  outcome?: 'direct' | 'subset' | 'scatter' | 'broadcast' | 'passthrough' | 'session' | 'refuse'
  readonly routeReason?: RouteReason
  readonly shardGroup?: string
  /** The logical shards that were sent something. */
  readonly shards: readonly string[]
  /** The object the caller gets, which may quote values if it is a server's; absent when it went well. */
  error?: unknown
}

/** A text on its way to one server. One object for `start` and `end`. */
export interface QueryEvent {
  /** The caller's statement; absent for what sherd asks for itself. */
  readonly statement?: StatementEvent
  readonly place: EventPlace
  error?: unknown
}

export interface TransactionEvent {
  readonly action: 'begin' | 'commit' | 'rollback' | 'lost'
  readonly server: string
}

export interface ReplicaEvent {
  readonly server: string
  /** `product/0/replica/1`. */
  readonly endpoint: string
  readonly state: 'ejected' | 'readmitted'
  readonly reason: 'connection' | 'timeout' | 'lag' | 'probe'
}

export interface RefusalEvent {
  readonly code: string
  readonly operation: string
  readonly tables: readonly string[]
}

/** A read that failed on one endpoint before any row was delivered, and is tried on another. */
export interface RetryEvent {
  readonly server: string
  readonly from: string
  readonly to: string
}

/** Work at one copy of a reference table that has ended. */
export interface ReferenceEvent {
  readonly action: 'sync' | 'compare'
  readonly table: string
  /** The logical shard of the copy. */
  readonly shard: string
  readonly server: string
  /** Of a sync that went well: what kind of round it was. */
  readonly round?: 'snapshot' | 'increment' | 'compare' | 'nothing'
  /** Of a comparison that went well: rows that were not the same, repaired or not. */
  readonly differences?: number
  /** Rows of the copy that were changed. */
  readonly inserted?: number
  readonly updated?: number
  readonly deleted?: number
  /** The error itself, which may quote values if it is a server's; absent when it went well. */
  readonly error?: unknown
}

/** A channel with the type of its messages; `publish` costs one look when nobody listens. */
export class EventChannel<E extends object> {
  readonly #channel: Channel

  constructor(name: string) {
    this.#channel = channel(name)
  }

  get isHeard(): boolean {
    return this.#channel.hasSubscribers
  }

  publish(event: E): void {
    if (this.#channel.hasSubscribers) this.#channel.publish(event)
  }

  /** Hears every event until the returned function is called. */
  subscribe(listener: (event: E) => void): () => void {
    // Only `publish` of this class puts messages on the channel, and it takes nothing but E.
    const hear = (message: unknown): void => listener(message as E)
    this.#channel.subscribe(hear)
    return () => {
      this.#channel.unsubscribe(hear)
    }
  }
}

/** All channels, by what happens on them. Their names are part of the public interface. */
export const events = Object.freeze({
  /** In the async context of the caller, before anything is planned. */
  statementStart: new EventChannel<StatementEvent>('sherd:statement:start'),
  statementEnd: new EventChannel<StatementEvent>('sherd:statement:end'),
  queryStart: new EventChannel<QueryEvent>('sherd:query:start'),
  queryEnd: new EventChannel<QueryEvent>('sherd:query:end'),
  transaction: new EventChannel<TransactionEvent>('sherd:transaction'),
  replica: new EventChannel<ReplicaEvent>('sherd:replica'),
  refusal: new EventChannel<RefusalEvent>('sherd:refusal'),
  retry: new EventChannel<RetryEvent>('sherd:retry'),
  reference: new EventChannel<ReferenceEvent>('sherd:reference'),
})
