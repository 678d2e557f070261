import type { ServerDoor } from '../engine/run-on-server.ts'
import type { Locks } from '../locks/lock.ts'
import { memoryLocks } from '../locks/memory-locks.ts'
import { listReferenceCopies, type ReferenceCopy } from '../topology/reference-copies.ts'
import type { Topology } from '../topology/topology.ts'
import { type CopyFilter, filterCopies } from './filter-copies.ts'
import { readFreshness } from './read-freshness.ts'
import { runCopies } from './run-copies.ts'
import type { CompareReport, Freshness, ReferenceHooks, ReferenceLimits, SyncReport } from './sync-context.ts'
import { waitUntilReady } from './wait-until-ready.ts'
import { type Supervisor, watchCopies, type WatchOptions } from './watch.ts'
import { compareUnderLock, type CopyWork, syncUnderLock } from './work-at-copy.ts'

/** What is needed of a sherd. */
export interface ReferenceOwner {
  readonly topology: Topology
  readonly serverDoor: () => ServerDoor
}

export interface ReferenceTablesOptions {
  /**
   * Order who works at a copy. Default: `memoryLocks()`, for one process. Several processes give `databaseLocks` or
   * `redisLocks`; without, they do each other's work again and are held off by the fencing numbers of the copies.
   */
  readonly locks?: Locks
  /**
   * How long a lock lasts unless it is extended, in milliseconds. Default 30,000. Too low: lost in short pauses, and a
   * round begins again. Too high: after a crash nobody works at the copy for that long.
   */
  readonly leaseMs?: number
  /** Copies that `sync` and `verify` work at side by side, each of another logical shard. Default 4. Too low: slow. Too high: many connections to the sources. */
  readonly concurrency?: number
  readonly limits?: ReferenceLimits
  /** By the name of the table as it is declared. */
  readonly hooks?: Readonly<Record<string, ReferenceHooks>>
}

export interface CopyWaitOptions extends CopyFilter {
  /** Longest wait in milliseconds. Default 60,000. Too low fails while others are still at work; too high keeps callers waiting. */
  readonly timeoutMs?: number
}

export interface VerifyOptions extends CopyWaitOptions {
  /** True: what differs is repaired. Default false: it is told. */
  readonly repair?: boolean
}

/** The reference tables whose copies sherd keeps. Which these are, the config tells; nothing is listed here. */
export interface ReferenceTables {
  /** Every copy, a table on a logical shard. Here and below SHERD_REFERENCE_UNKNOWN for a name of the filter that no copy has. */
  readonly copies: (filter?: CopyFilter) => readonly ReferenceCopy[]
  /**
   * Runs one round for each copy. When it resolves, they hold every change that was committed in the source before the call and
   * that a round can see: by the cursor, by the mark of deleted rows, or, for a table without a cursor, by comparing all rows;
   * reads of this process see them too. SHERD_REFERENCE_BUSY when somebody else held a lock for all of `timeoutMs`,
   * SHERD_REFERENCE_FAILED when several copies failed, else the error of the one that did.
   */
  readonly sync: (options?: CopyWaitOptions) => Promise<readonly SyncReport[]>
  /** Compares copies with their source, row for row where checksums differ. Throws as `sync` does. */
  readonly verify: (options?: VerifyOptions) => Promise<readonly CompareReport[]>
  /** How fresh copies are. */
  readonly status: (filter?: CopyFilter) => Promise<readonly Freshness[]>
  /** Resolves when the first sync of all these copies is through, whoever does it. SHERD_REFERENCE_NOT_READY when it takes too long. */
  readonly ready: (options?: CopyWaitOptions) => Promise<void>
  /** Keeps copies fresh from now on, until the supervisor is stopped. Tables that a reload declares need a new one. */
  readonly watch: (options?: WatchOptions) => Promise<Supervisor>
}

/** Work at the reference tables of a sherd. Makes no connection and holds nothing; the locks are closed by who made them. */
export function referenceTables(
  sherd: ReferenceOwner,
  { locks = memoryLocks(), leaseMs = 30_000, concurrency = 4, limits, hooks }: ReferenceTablesOptions = {},
): ReferenceTables {
  const work: CopyWork = {
    locks,
    leaseMs,
    context: () => ({
      door: sherd.serverDoor(),
      copies: listReferenceCopies(sherd.topology),
      ...(limits === undefined ? {} : { limits }),
      ...(hooks === undefined ? {} : { hooks }),
    }),
  }
  const copies = (filter: CopyFilter = {}): readonly ReferenceCopy[] =>
    filterCopies(listReferenceCopies(sherd.topology), filter)
  const run = <Report>(
    options: CopyWaitOptions,
    one: (copy: ReferenceCopy) => Promise<Report | undefined>,
  ): Promise<readonly Report[]> =>
    runCopies(copies(options), { concurrency, timeoutMs: options.timeoutMs ?? 60_000 }, one)
  const status = (filter: CopyFilter = {}): Promise<readonly Freshness[]> =>
    readFreshness(work.context(), copies(filter))
  return {
    copies,
    sync: async (options = {}) => run(options, (copy) => syncUnderLock(work, copy)),
    verify: async (options = {}) =>
      run(options, (copy) => compareUnderLock(work, copy, options.repair ?? false)),
    status: async (filter) => status(filter),
    ready: (options = {}) => waitUntilReady(() => status(options), options.timeoutMs ?? 60_000),
    watch: async (options = {}) => watchCopies({ work, list: () => copies(options) }, options),
  }
}
