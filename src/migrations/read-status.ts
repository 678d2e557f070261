import type { LedgerRow } from './ledger.ts'
import type { Place } from './places.ts'
import type { PlannedMigration } from './plan-files.ts'
import { findChanged } from './read-ledgers.ts'

/** How far one file is on one database. */
export interface MigrationStatus {
  readonly name: string
  /** Logical shard or unsharded database. */
  readonly database: string
  readonly server: string
  /**
   * `pending`: not all of its statements have run. `unknown`: one was started and its end was not noted; the next run finds out, or says
   * that it cannot be told. `changed`: the file is not what ran. `missing`: it ran, and is not in the folder.
   */
  readonly state: 'done' | 'pending' | 'failed' | 'unknown' | 'changed' | 'missing'
  readonly done: number
  readonly total: number
  /** UTC, of the last statement that ended; empty when none did. */
  readonly endedAt: string
  /** Line of the statement that failed or is unknown. */
  readonly line?: number
  /** Code of the server's error. */
  readonly error?: string
}

export function describeStatus(
  migrations: readonly PlannedMigration[],
  places: readonly Place[],
  ledgers: ReadonlyMap<string, readonly LedgerRow[]>,
): readonly MigrationStatus[] {
  const changed = findChanged(migrations, ledgers)
  const known = migrations.flatMap((migration) =>
    places.flatMap((place) => {
      const statements = migration.statements.filter(({ texts }) => texts.has(place.name))
      if (statements.length === 0) return []
      const rows = (ledgers.get(place.name) ?? []).filter(({ name }) => name === migration.name)
      const status = describeRows(rows, statements.length)
      const troubled = rows.find(({ state }) => state !== 'done')
      const line = statements.find(({ index }) => index === troubled?.index)?.line
      return {
        name: migration.name,
        database: place.name,
        server: place.server.id,
        ...status,
        ...(changed.has(migration.name) ? { state: 'changed' as const } : {}),
        ...(line === undefined ? {} : { line }),
      }
    }),
  )
  return [...known, ...listMissing(migrations, places, ledgers)]
}

function listMissing(
  migrations: readonly PlannedMigration[],
  places: readonly Place[],
  ledgers: ReadonlyMap<string, readonly LedgerRow[]>,
): readonly MigrationStatus[] {
  const names = new Set(migrations.map(({ name }) => name))
  return places.flatMap(({ name: database, server }) => {
    const rows = (ledgers.get(database) ?? []).filter(({ name }) => !names.has(name))
    return [...new Set(rows.map(({ name }) => name))].map((name): MigrationStatus => {
      const own = rows.filter((row) => row.name === name)
      return { name, database, server: server.id, ...describeRows(own, own.length), state: 'missing' }
    })
  })
}

function describeRows(
  rows: readonly LedgerRow[],
  total: number,
): Pick<MigrationStatus, 'state' | 'done' | 'total' | 'endedAt' | 'error'> {
  const done = rows.filter(({ state }) => state === 'done')
  const failed = rows.find(({ state }) => state === 'failed')
  const isUnknown = rows.some(({ state }) => state === 'started')
  const state = isUnknown ? 'unknown' : failed ? 'failed' : done.length === total ? 'done' : 'pending'
  const endedAt =
    done
      .map((row) => row.endedAt)
      .toSorted()
      .at(-1) ?? ''
  return {
    state,
    done: done.length,
    total,
    endedAt,
    ...(failed === undefined ? {} : { error: failed.error }),
  }
}
