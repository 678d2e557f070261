import type { ServerDoor } from '../engine/run-on-server.ts'
import type { ReferenceCopy } from '../topology/reference-copies.ts'

/** What syncing needs besides the copy itself. Made once, for all copies of a topology. */
export interface ReferenceContext {
  readonly door: ServerDoor
  /** Every copy that sherd keeps: rows that point to each other by foreign keys are brought up to date together. */
  readonly copies: readonly ReferenceCopy[]
  readonly limits?: ReferenceLimits
  /** By the name of the table as it is declared. */
  readonly hooks?: Readonly<Record<string, ReferenceHooks>>
}

export interface ReferenceLimits {
  /** Rows of one batch, which is one transaction on the copy. Default 1,000. Fewer: more round trips. More: rows stay locked longer. */
  readonly batchRows?: number
  /** Bytes of the rows of one batch; a larger row is a batch of its own. Default 8 MiB. More needs more memory, and half of the servers' `max_allowed_packet` is the most. */
  readonly batchBytes?: number
  /** Rows that one checksum stands for. Default 5,000. More: fewer questions, and more rows to look at when one differs. */
  readonly chunkRows?: number
  /**
   * How much older than the newest row a row may be when it is committed and still be found by the next rounds, in
   * milliseconds of the cursor column. Default 60,000. Too low: rows of long transactions, or of writers whose clocks
   * differ, wait for the next comparison. Too high: more rows are read again while the table changes.
   */
  readonly overlapMs?: number
}

/** One row that a batch changes in a copy. */
export interface ReferenceChange {
  readonly kind: 'insert' | 'update' | 'delete'
  /** By column, as the server writes it. */
  readonly key: Readonly<Record<string, string>>
}

export interface ReferenceBatch {
  readonly table: string
  readonly shard: string
  readonly changes: readonly ReferenceChange[]
}

/**
 * What an application adds to the batches of a table. A batch that is taken back, as after a deadlock, is done again, and
 * `collect` and `before` are called again. None can leave rows out or change them: copy and source would then
 * differ for ever, and comparing could not tell this from a fault. Narrow a table in the source instead.
 */
export interface ReferenceHooks {
  /** Rows were read from the source, and are compared next. Throwing holds the batch back; the round fails and is tried again. */
  readonly collect?: (read: {
    readonly table: string
    readonly shard: string
    readonly rows: number
  }) => void | Promise<void>
  /** The batch is written next, inside its transaction. Throwing undoes it. */
  readonly before?: (batch: ReferenceBatch) => void | Promise<void>
  /** The batch is committed. Throwing fails the round, and the batch stays. May be missed when the process dies in between. */
  readonly after?: (batch: ReferenceBatch) => void | Promise<void>
}

export interface SyncOptions {
  /** Fencing number of the lock that is held for this copy. */
  readonly fence: number
  /** Aborted when the lock is lost: nothing is written afterwards, and its reason is thrown. */
  readonly signal?: AbortSignal
}

export interface CompareOptions extends SyncOptions {
  /** False: differences are counted and left. */
  readonly repair: boolean
}

/** How many rows of the copy were changed. */
export interface ChangedRows {
  readonly inserted: number
  readonly updated: number
  readonly deleted: number
}

export interface SyncReport extends ChangedRows {
  readonly table: string
  readonly shard: string
  /** `snapshot`: first filling. `increment`: by the cursor column. `compare`: no cursor, so by checksums. `nothing`: no news. */
  readonly kind: 'snapshot' | 'increment' | 'compare' | 'nothing'
  /** Transactions on the copy. */
  readonly batches: number
  /** Of the table, afterwards: reads of the copy are allowed. */
  readonly isComplete: boolean
}

export interface CompareReport extends ChangedRows {
  readonly table: string
  readonly shard: string
  readonly chunks: number
  /** Rows that were not the same, repaired or not. */
  readonly differences: number
  /** Chunks with differences, in the order of the primary key; at most 1,000 are told. */
  readonly differingChunks: readonly { readonly chunk: number; readonly differences: number }[]
}

/** How fresh one copy is. */
export interface Freshness {
  readonly table: string
  readonly shard: string
  /** Absent: the copy was never synced. */
  readonly fence?: number
  readonly isComplete: boolean
  /** `none`: never synced. */
  readonly phase: 'none' | 'snapshot' | 'following'
  /** Of the last round that wrote, by the source's clock, UTC. */
  readonly syncedAt?: Date
  /** Where the source's log was then, when it tells. */
  readonly sourcePosition?: string
  /** Seconds by which the copy may be behind; 0 when the source has nothing newer by its cursor. Absent: not known. */
  readonly lagSeconds?: number
  /** As last counted by a comparison. */
  readonly rows?: number
  readonly checksum: 'unknown' | 'equal' | 'different'
  readonly comparedAt?: Date
  /** Found by the last comparison. */
  readonly differences?: number
  readonly lastError?: { readonly code: string; readonly at: Date }
}
