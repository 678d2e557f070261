import { setTimeout as pause } from 'node:timers/promises'
import { Redis } from 'ioredis'
import { createPool } from 'mysql2/promise'
import { loadMysqlDriver } from '../../src/drivers/mysql2.ts'
import { createEngine } from '../../src/engine/create-engine.ts'
import { openServerDoor } from '../../src/engine/run-on-server.ts'
import { intervalJobs } from '../../src/jobs/interval-jobs.ts'
import type { RunningJobs } from '../../src/jobs/jobs.ts'
import { databaseLocks } from '../../src/locks/database-locks.ts'
import { keepHeld } from '../../src/locks/keep-held.ts'
import type { Locks } from '../../src/locks/lock.ts'
import { redisLocks } from '../../src/locks/redis-locks.ts'
import { compareCopy } from '../../src/reference/compare-copy.ts'
import { readFreshness } from '../../src/reference/read-freshness.ts'
import type { ReferenceContext, SyncOptions } from '../../src/reference/sync-context.ts'
import { syncCopy } from '../../src/reference/sync-copy.ts'
import { defineConfig } from '../../src/topology/define-config.ts'
import { listReferenceCopies, type ReferenceCopy } from '../../src/topology/reference-copies.ts'
import { Random } from '../oracle/random.ts'
import { convergenceConfig } from './convergence-config.ts'
import { disturbDriver, heldCopies, passLock, setDisturbance, tell } from './convergence-disturb.ts'
import type { CopyName, SupervisorOrder, SupervisorPlace } from './convergence-orders.ts'

/*
 * A process that keeps copies in sync until it is killed, as the supervisor of an application would: for each copy it takes
 * the lock, syncs, compares now and then, and releases. It can be told to kill or stop itself at the n-th statement that it
 * sends; the wrapper stands around the driver, sherd itself knows nothing of it.
 */

type Work = 'sync' | 'compare' | 'both'

/** Copies that one process syncs at the same time. */
const concurrency = 4
const compareShare = 0.12
const everyMs = 40

// The parent passes the place as the only argument.
const place = JSON.parse(process.argv[2] ?? '{}') as SupervisorPlace
const random = new Random(place.seed)
const topology = defineConfig(convergenceConfig(place))
const copies = listReferenceCopies(topology)
const context: ReferenceContext = {
  door: openServerDoor(createEngine(topology, disturbDriver(await loadMysqlDriver()))),
  copies,
  limits: place.limits,
}
const locks = openLocks()
/** Numbers that were seen on shards, for a store of locks that has forgotten its own. */
const seen = new Map<ReferenceCopy, number>()
let jobs: RunningJobs | undefined

function openLocks(): Locks {
  if (place.locks === 'redis') {
    const redis = new Redis(place.redisUrl, { maxRetriesPerRequest: 0, retryStrategy: () => 50 })
    redis.on('error', () => undefined)
    return redisLocks(redis)
  }
  const pool = createPool({ uri: place.lockUrl, connectionLimit: concurrency, supportBigNumbers: true })
  return databaseLocks(async (sql, values) => (await pool.query(sql, [...values]))[0])
}

function nameOf({ table, shard }: ReferenceCopy): CopyName {
  return { table: table.table, shard: shard.name }
}

function jobOf({ table, shard }: CopyName): string {
  return `reference:${table}:${shard}`
}

/** How many rows were changed; undefined when another holds the lock or it failed. */
async function visit(copy: ReferenceCopy, work: Work, signal?: AbortSignal): Promise<number | undefined> {
  const about = nameOf(copy)
  try {
    const { leaseMs, isReckless } = place
    const lock = await locks.acquire(jobOf(about), { leaseMs, fenceAbove: seen.get(copy) ?? 0 })
    if (lock === undefined) return undefined
    heldCopies.add(about)
    const kept = keepHeld(lock, { leaseMs, ...(signal === undefined ? {} : { signal }) })
    passLock()
    try {
      return await act(copy, work, { fence: lock.fence, ...(isReckless ? {} : { signal: kept.signal }) })
    } finally {
      heldCopies.delete(about)
      await kept.release()
    }
  } catch (error) {
    noteFailure(copy, error)
    return undefined
  }
}

async function act(copy: ReferenceCopy, work: Work, options: SyncOptions): Promise<number> {
  let changes = 0
  if (work !== 'compare') {
    const { inserted, updated, deleted } = await syncCopy(context, copy, options)
    const rows = inserted + updated + deleted
    changes += rows
    tell({ kind: 'synced', rows, ...nameOf(copy) })
  }
  if (work !== 'sync') {
    const { differences } = await compareCopy(context, copy, { ...options, repair: true })
    changes += differences
    tell({ kind: 'compared', rows: differences, ...nameOf(copy) })
  }
  return changes
}

function noteFailure(copy: ReferenceCopy, error: unknown): void {
  const { code, name, details, isRetryable } = error as {
    code?: string
    name?: string
    details?: { fence?: number }
    isRetryable?: boolean
  }
  if (typeof details?.fence === 'number') seen.set(copy, details.fence)
  const text = String(error instanceof Error ? error.stack : error)
    .split('\n')
    .slice(0, 4)
    .join(' ')
  tell({
    kind: 'failed',
    code: code ?? name ?? 'none',
    isRetryable: isRetryable === true,
    text,
    ...nameOf(copy),
  })
}

function startJobs(): RunningJobs {
  const list = copies.map((copy) => ({
    name: jobOf(nameOf(copy)),
    everyMs,
    run: async (signal: AbortSignal) => {
      await visit(copy, random.chance(compareShare) ? 'both' : 'sync', signal)
    },
  }))
  // Each process has an order of its own.
  const order = list
    .map((job) => ({ job, place: random.next() }))
    .toSorted((one, other) => one.place - other.place)
  return intervalJobs(
    order.map(({ job }) => job),
    { jitter: 0.9, concurrency },
  )
}

/** At once, in the middle of whatever the jobs do. */
async function rest(): Promise<void> {
  const stopping = jobs
  jobs = undefined
  await stopping?.stop({ timeoutMs: 1 })
  tell({ kind: 'resting' })
}

/** Parents come first, as the tables stand in the config. */
async function settle(work: Work): Promise<void> {
  for (let left = copies; left.length > 0;) {
    const queue = [...left]
    const again = new Set<ReferenceCopy>()
    const next = async (): Promise<void> => {
      for (let copy = queue.shift(); copy !== undefined; copy = queue.shift()) {
        const changes = await visit(copy, work)
        if (changes !== 0) again.add(copy)
        if (changes === undefined) await pause(random.int(20))
      }
    }
    await Promise.all(Array.from({ length: concurrency }, next))
    left = left.filter((copy) => again.has(copy))
  }
  const fresh = await readFreshness(context, copies)
  const isFresh = ({ isComplete, checksum }: (typeof fresh)[number]): boolean =>
    isComplete && (work === 'sync' || checksum === 'equal')
  const stale = fresh.filter((one) => !isFresh(one)).map((one) => JSON.stringify(one))
  tell({ kind: 'settled', stale })
}

process.on('message', (order: SupervisorOrder) => {
  switch (order.kind) {
    case 'disturb':
      setDisturbance(order)
      return
    case 'work':
      jobs ??= startJobs()
      return
    case 'take':
      jobs?.runNow(jobOf(order)).catch(() => undefined)
      return
    case 'rest':
      setDisturbance(undefined)
      void rest()
      return
    case 'settle':
      void settle(order.compares ? 'compare' : 'sync')
  }
})
process.on('disconnect', () => process.exit(0))
tell({ kind: 'ready' })
