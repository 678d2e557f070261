import { setTimeout as pause } from 'node:timers/promises'
import { Redis } from 'ioredis'
import { createPool } from 'mysql2/promise'
import type { Driver, DriverConnection } from '../../src/drivers/driver.ts'
import { loadMysqlDriver } from '../../src/drivers/mysql2.ts'
import { createEngine } from '../../src/engine/create-engine.ts'
import { openServerDoor } from '../../src/engine/run-on-server.ts'
import { databaseLocks } from '../../src/locks/database-locks.ts'
import { keepHeld } from '../../src/locks/keep-held.ts'
import type { Locks } from '../../src/locks/lock.ts'
import { redisLocks } from '../../src/locks/redis-locks.ts'
import { compareCopy } from '../../src/reference/compare-copy.ts'
import type { ReferenceContext, ReferenceLimits } from '../../src/reference/sync-context.ts'
import { syncCopy } from '../../src/reference/sync-copy.ts'
import { defineConfig } from '../../src/topology/define-config.ts'
import { listReferenceCopies, type ReferenceCopy } from '../../src/topology/reference-copies.ts'
import { Random } from '../oracle/random.ts'
import { type ConvergenceAddress, convergenceConfig } from './convergence-config.ts'

/*
 * A process that keeps copies in sync until it is killed, as the supervisor of an application would: for each copy it takes
 * the lock, syncs, compares now and then, and releases. It can be told to kill or stop itself at the n-th statement that it
 * sends; the wrapper stands around the driver, sherd itself knows nothing of it.
 */

export interface SupervisorPlace extends ConvergenceAddress {
  readonly locks: 'database' | 'redis'
  readonly lockUrl: string
  readonly redisUrl: string
  readonly leaseMs: number
  readonly limits: ReferenceLimits
  readonly seed: number
  /** Does not look whether it still holds its locks, so that nothing but the fencing number keeps it from writing. */
  readonly isReckless: boolean
}

/** Where the process ends or stands still: at which statement, counted from the message on. */
export interface Disturbance {
  readonly kind: 'disturb'
  readonly step: number
  readonly moment: 'before' | 'sent' | 'after' | 'acquired'
  readonly action: 'SIGKILL' | 'SIGSTOP'
}

export type SupervisorOrder =
  | Disturbance
  | { readonly kind: 'work' }
  | { readonly kind: 'rest' }
  /** Takes one copy next. */
  | ({ readonly kind: 'take' } & CopyName)
  /** Goes over all copies until nothing is left to do; without `compares` by syncing alone. */
  | { readonly kind: 'settle'; readonly compares: boolean }

export interface CopyName {
  readonly table: string
  readonly shard: string
}

export type SupervisorMessage =
  | { readonly kind: 'ready' | 'resting' }
  /** With the copies whose locks it has now. */
  | { readonly kind: 'disturbed'; readonly held: readonly CopyName[] }
  | { readonly kind: 'settled'; readonly rounds: number }
  | ({ readonly kind: 'synced' | 'compared'; readonly rows: number } & CopyName)
  | ({
      readonly kind: 'failed'
      readonly code: string
      /** As the error says itself. */
      readonly isRetryable: boolean
      readonly text: string
    } & CopyName)

/** Copies that one process syncs at the same time. */
const parallel = 4
const compareShare = 0.12

// The parent passes the place as the only argument.
const place = JSON.parse(process.argv[2] ?? '{}') as SupervisorPlace
const random = new Random(place.seed)
let isWorking = false
/** Copies whose locks this process has. */
const held = new Set<CopyName>()
let disturbance: Disturbance | undefined

function tell(message: SupervisorMessage): void {
  process.send?.(message)
}

function reach(moment: Disturbance['moment']): void {
  if (disturbance?.moment !== moment || disturbance.step > 0) return
  const { action } = disturbance
  disturbance = undefined
  tell({ kind: 'disturbed', held: [...held] })
  process.kill(process.pid, action)
}

function watch(connection: DriverConnection): DriverConnection {
  const disturb =
    <Arguments extends readonly unknown[]>(send: (...values: Arguments) => void) =>
    (...values: Arguments): void => {
      if (disturbance !== undefined) disturbance = { ...disturbance, step: disturbance.step - 1 }
      reach('before')
      send(...values)
      reach('sent')
    }
  const [run, readRows] = [connection.run.bind(connection), connection.readRows.bind(connection)]
  return Object.assign(connection, {
    run: disturb((request: Parameters<typeof run>[0], callback: Parameters<typeof run>[1]) =>
      run(request, (...answer) => {
        reach('after')
        callback(...answer)
      }),
    ),
    readRows: disturb(readRows),
  })
}

const mysql = await loadMysqlDriver()
const driver: Driver = {
  ...mysql,
  connect: (endpoint, options, callback) =>
    mysql.connect(endpoint, options, (error, connection) =>
      connection === undefined ? callback(error) : callback(null, watch(connection)),
    ),
}
const topology = defineConfig(convergenceConfig(place))
const context: ReferenceContext = {
  door: openServerDoor(createEngine(topology, driver)),
  limits: place.limits,
}
const copies = listReferenceCopies(topology)
const locks = openLocks()
/** Numbers that were seen on shards, for a store of locks that has forgotten its own. */
const seen = new Map<ReferenceCopy, number>()

function openLocks(): Locks {
  if (place.locks === 'redis') {
    const redis = new Redis(place.redisUrl, { maxRetriesPerRequest: 0, retryStrategy: () => 50 })
    redis.on('error', () => undefined)
    return redisLocks(redis)
  }
  const pool = createPool({ uri: place.lockUrl, connectionLimit: parallel, supportBigNumbers: true })
  return databaseLocks(async (sql, values) => (await pool.query(sql, [...values]))[0])
}

/** Whether it was done; false when another holds the lock or it failed. */
async function visit(copy: ReferenceCopy, work: 'sync' | 'compare' | 'both'): Promise<number | undefined> {
  const { table, shard } = copy
  const about = { table: table.table, shard: shard.name }
  try {
    const name = `reference:${table.table}:${shard.name}`
    const fenceAbove = seen.get(copy) ?? 0
    const lock = await locks.acquire(name, { leaseMs: place.leaseMs, fenceAbove })
    if (lock === undefined) return undefined
    held.add(about)
    const kept = keepHeld(lock, { leaseMs: place.leaseMs })
    if (disturbance?.moment === 'acquired') disturbance = { ...disturbance, step: disturbance.step - 1 }
    reach('acquired')
    const options = { fence: lock.fence, ...(place.isReckless ? {} : { signal: kept.signal }) }
    try {
      let changes = 0
      if (work !== 'compare') {
        const { inserted, updated, deleted } = await syncCopy(context, copy, options)
        changes += inserted + updated + deleted
        tell({ kind: 'synced', rows: inserted + updated + deleted, ...about })
      }
      if (work !== 'sync') {
        const { differences } = await compareCopy(context, copy, { ...options, repair: true })
        changes += differences
        tell({ kind: 'compared', rows: differences, ...about })
      }
      return changes
    } finally {
      held.delete(about)
      await kept.release()
    }
  } catch (error) {
    noteFailure(copy, error)
    return undefined
  }
}

function noteFailure(copy: ReferenceCopy, error: unknown): void {
  const { code, errno, details, isRetryable } = error as {
    code?: string
    errno?: number
    details?: { fence?: number }
    isRetryable?: boolean
  }
  if (typeof details?.fence === 'number') seen.set(copy, details.fence)
  const { table, shard } = copy
  const text = error instanceof Error ? (error.stack ?? error.message) : String(error)
  tell({
    kind: 'failed',
    code: `${code ?? errno ?? 'none'}`,
    isRetryable: isRetryable === true,
    text,
    table: table.table,
    shard: shard.name,
  })
}

/** Several tasks take copies from one list. */
async function inParallel(
  list: readonly ReferenceCopy[],
  task: (copy: ReferenceCopy) => Promise<void>,
): Promise<void> {
  const left = [...list]
  const next = async (): Promise<void> => {
    for (let copy = left.shift(); copy !== undefined; copy = left.shift()) await task(copy)
  }
  await Promise.all(Array.from({ length: parallel }, next))
}

/** Whoever is refused at once would else keep everybody from the processor. */
function breathe(): Promise<void> {
  return pause(random.int(20))
}

async function work(): Promise<void> {
  if (isWorking) return
  isWorking = true
  const next = async (): Promise<void> => {
    while (isWorking) {
      const isDone = await visit(random.pick(copies), random.chance(compareShare) ? 'both' : 'sync')
      if (isDone === undefined) await breathe()
    }
  }
  await Promise.all(Array.from({ length: parallel }, next))
  tell({ kind: 'resting' })
}

async function settle(compares: boolean): Promise<void> {
  let rounds = 0
  // Parents come first, as the tables stand in the config.
  for (let left = copies; left.length > 0; rounds++) {
    const again = new Set<ReferenceCopy>()
    await inParallel(left, async (copy) => {
      const changes = await visit(copy, compares ? 'both' : 'sync')
      if (changes !== 0) again.add(copy)
      if (changes === undefined) await breathe()
    })
    left = left.filter((copy) => again.has(copy))
  }
  tell({ kind: 'settled', rounds })
}

process.on('message', (order: SupervisorOrder) => {
  switch (order.kind) {
    case 'disturb':
      disturbance = order
      return
    case 'work':
      void work()
      return
    case 'rest':
      disturbance = undefined
      if (!isWorking) tell({ kind: 'resting' })
      isWorking = false
      return
    case 'take': {
      const copy = copies.find(
        ({ table, shard }) => table.table === order.table && shard.name === order.shard,
      )
      if (copy !== undefined) void visit(copy, 'sync')
      return
    }
    case 'settle':
      void settle(order.compares)
  }
})
process.on('disconnect', () => process.exit(0))
tell({ kind: 'ready' })
