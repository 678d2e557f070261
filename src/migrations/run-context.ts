import type { ServerDoor } from '../engine/run-on-server.ts'
import type { Place } from './places.ts'
import type { PlannedMigration, PlannedStatement } from './plan-files.ts'

/** One statement on one database, as it goes on. */
export interface MigrationStep {
  readonly kind: 'started' | 'done' | 'failed' | 'unknown'
  /** Logical shard or unsharded database. */
  readonly database: string
  readonly server: string
  readonly name: string
  readonly path: string
  /** Place of the statement in its file, from 0. */
  readonly statement: number
  readonly line: number
}

/** How a run left one database. `stopped`: between two statements, because of another database, a signal or a lost lock. */
export interface PlaceReport {
  readonly database: string
  readonly server: string
  readonly state: 'done' | 'failed' | 'stopped' | 'not started' | 'unknown'
  /** Statements that this run did, or found done, and noted. */
  readonly applied: number
  /** The statement it stands at; absent when it is done. */
  readonly at?: {
    readonly name: string
    readonly statement: number
    readonly line: number
    readonly path: string
  }
  readonly error?: unknown
}

/** What running on one database needs. */
export interface RunContext {
  readonly door: ServerDoor
  readonly migrations: readonly PlannedMigration[]
  /** Statements for each connection before its first migration. */
  readonly preparations: readonly string[]
  /** Longest wait for a server that still works at a statement of an earlier run. */
  readonly busyTimeoutMs: number
  /** Asked before each statement. */
  readonly mustStop: () => boolean
  readonly onStep: (step: MigrationStep) => void
}

export function describeStep(
  kind: MigrationStep['kind'],
  place: Place,
  { name, path }: PlannedMigration,
  { index, line }: PlannedStatement,
): MigrationStep {
  return { kind, database: place.name, server: place.server.id, name, path, statement: index, line }
}
