import type { ServerDoor } from '../engine/run-on-server.ts'
import type { Topology } from '../topology/topology.ts'
import { readDdlOptions } from './ddl-options.ts'
import { type DriftFinding, findDrift } from './find-drift.ts'
import { refuseOption } from './migration-errors.ts'
import { listPlaces, type Place } from './places.ts'
import { type PlannedMigration, planFiles } from './plan-files.ts'
import { readFolder } from './read-folder.ts'
import { readLedgers, refuseChanged } from './read-ledgers.ts'
import { describeStatus, type MigrationStatus } from './read-status.ts'
import { resolveMigration, type Resolution } from './resolve-migration.ts'
import type { MigrationStep, PlaceReport } from './run-context.ts'
import { withRunLock } from './run-lock.ts'
import { explainStop, runMigrations } from './run-migrations.ts'

/** What is needed of a sherd. */
export interface MigrationOwner {
  readonly topology: Topology
  readonly serverDoor: () => ServerDoor
}

export interface MigrationsOptions {
  /** The folder of the SQL files: plain ones, drizzle-kit's, or Prisma's. */
  readonly folder: string
  /**
   * How long the lock of a run lasts unless it is extended, in milliseconds. Default 15,000. Too low: lost in a short pause, and the run stops
   * before its next statement. Too high: after a crash the next run waits that long.
   */
  readonly leaseMs?: number
  /** Longest wait for the lock, in milliseconds. Default: a second more than the lease, by when that of a dead process is over. */
  readonly waitMs?: number
  /**
   * Longest wait for a server that still works at a statement of a run whose process is gone, in milliseconds. Default 10,000. Too low: the run
   * is refused while a moment more would do. Too high: it seems to hang behind a long ALTER TABLE.
   */
  readonly busyTimeoutMs?: number
}

export interface RunOptions {
  /** Logical shard that is done first, of its group. Default: the first one of each group. */
  readonly canary?: string
  /** Databases of one server that are worked at side by side. Default 1. Too low: slow. Too high: the application waits for the server. */
  readonly perServer?: number
  /** `lock_wait_timeout` and `innodb_lock_wait_timeout` in seconds. Default: the server's own, often a day. Too high: an ALTER TABLE behind a long transaction holds up all others at its table. */
  readonly lockWaitTimeoutSeconds?: number
  /** Appended to ALTER TABLE and CREATE INDEX, such as `ALGORITHM=INPLACE, LOCK=NONE`. Default none: the server chooses. */
  readonly ddlOptions?: string
  /** Ends the run behind the statements under way. */
  readonly signal?: AbortSignal
  readonly onStep?: (step: MigrationStep) => void
}

/** How a run left all databases that its files name. */
export interface MigrationReport {
  readonly databases: readonly PlaceReport[]
  /** False: the signal ended it. */
  readonly isComplete: boolean
}

/** Schema changes and other statements on all databases of a config, from a folder of files. */
export interface Migrations {
  /** Reads and plans every file. Nothing is connected. SHERD_MIGRATE_FOLDER, SHERD_MIGRATE_REFUSED. */
  readonly plan: (options?: Pick<RunOptions, 'ddlOptions'>) => Promise<readonly PlannedMigration[]>
  /**
   * Runs what is pending. Resolves when all is done or the signal has ended it. SHERD_MIGRATE_STOPPED says how it left each database; nothing was
   * touched with SHERD_MIGRATE_FOLDER, SHERD_MIGRATE_REFUSED, SHERD_MIGRATE_CHANGED, SHERD_MIGRATE_OPTION and SHERD_MIGRATE_BUSY.
   */
  readonly run: (options?: RunOptions) => Promise<MigrationReport>
  /** How far each file is on each database it concerns. */
  readonly status: () => Promise<readonly MigrationStatus[]>
  /** Says what is so of a statement whose end nobody saw, or forgets that one failed. SHERD_MIGRATE_OPTION when there is none. */
  readonly resolve: (name: string, shard: string, as: 'done' | 'undone') => Promise<readonly Resolution[]>
}

/** Migrations of a sherd. Makes no connection until it is asked, and holds nothing. */
export function migrations(sherd: MigrationOwner, options: MigrationsOptions): Migrations {
  const { folder, leaseMs = 15_000, busyTimeoutMs = 10_000 } = options
  const lock = { leaseMs, waitMs: options.waitMs ?? leaseMs + 1_000 }
  const plan: Migrations['plan'] = async ({ ddlOptions } = {}) =>
    planFiles(sherd.topology, await readFolder(folder), readDdlOptions(ddlOptions))
  return {
    plan,
    run: async (given = {}) => {
      const { perServer = 1, signal, onStep = () => undefined } = given
      const { topology } = sherd
      const canaries = chooseCanaries(topology, given.canary)
      const preparations = readTimeout(topology, given.lockWaitTimeoutSeconds)
      if (!Number.isInteger(perServer) || perServer < 1)
        throw refuseOption('The number of databases at once on a server is no whole number above 0.')
      const planned = await plan(given)
      const places = placesOf(topology, planned)
      const door = sherd.serverDoor()
      return withRunLock(door, topology, { ...lock, signal }, async (kept) => {
        const ledgers = await readLedgers(door, places)
        refuseChanged(planned, ledgers)
        const mustStop = (): boolean => signal?.aborted === true || kept.isLost()
        const context = { door, migrations: planned, preparations, busyTimeoutMs, mustStop, onStep }
        const databases = await runMigrations(context, places, ledgers, { canaries, perServer })
        const isComplete = databases.every(({ state }) => state === 'done')
        const lost: unknown = !isComplete && kept.signal.aborted ? kept.signal.reason : undefined
        const error = explainStop(databases, lost)
        if (error !== undefined) throw error
        return { databases, isComplete }
      })
    },
    status: async () => {
      const planned = await plan()
      const places = placesOf(sherd.topology, planned)
      return describeStatus(planned, places, await readLedgers(sherd.serverDoor(), places))
    },
    resolve: async (name, shard, as) => {
      const door = sherd.serverDoor()
      const place = listPlaces(sherd.topology).find((one) => one.name === shard)
      if (place === undefined) throw refuseOption(`The config has no logical shard or database ${shard}.`)
      return withRunLock(door, sherd.topology, lock, () =>
        resolveMigration({ door, place, busyTimeoutMs }, name, as),
      )
    },
  }
}

/** Compares the schemas of all logical shards of each group, and reference tables with their copies. Reads only. */
export function drift(sherd: MigrationOwner): Promise<readonly DriftFinding[]> {
  return findDrift(sherd.serverDoor(), sherd.topology)
}

function placesOf(topology: Topology, planned: readonly PlannedMigration[]): readonly Place[] {
  const named = new Set(
    planned.flatMap(({ statements }) => statements.flatMap(({ texts }) => [...texts.keys()])),
  )
  return listPlaces(topology).filter(({ name }) => named.has(name))
}

function chooseCanaries(topology: Topology, canary: string | undefined): ReadonlySet<string> {
  const groups = [...topology.shardGroups.values()]
  const isKnown = groups.some(({ shards }) => shards.some(({ name }) => name === canary))
  if (canary !== undefined && !isKnown) throw refuseOption(`The config has no logical shard ${canary}.`)
  return new Set(
    groups.flatMap(({ shards }) => (shards.find(({ name }) => name === canary) ?? shards[0])?.name ?? []),
  )
}

function readTimeout({ dialect }: Topology, seconds: number | undefined): readonly string[] {
  if (seconds === undefined || dialect === 'sqlite') return []
  if (!Number.isInteger(seconds) || seconds < 1 || seconds > 31_536_000)
    throw refuseOption('The lock wait timeout is no whole number of seconds from 1 to 31536000.')
  return [`SET SESSION lock_wait_timeout = ${seconds}, innodb_lock_wait_timeout = ${seconds}`]
}
