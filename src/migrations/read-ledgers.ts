import type { ServerDoor } from '../engine/run-on-server.ts'
import { SherdError } from '../errors/sherd-error.ts'
import { type LedgerRow, openLedger } from './ledger.ts'
import type { Place } from './places.ts'
import type { PlannedMigration } from './plan-files.ts'

/** The ledgers of many databases by their names, those of a server one after another. Makes no table. */
export async function readLedgers(
  door: ServerDoor,
  places: readonly Place[],
): Promise<ReadonlyMap<string, readonly LedgerRow[]>> {
  const found = new Map<string, readonly LedgerRow[]>()
  const servers = new Set(places.map(({ server }) => server))
  const readServer = async (server: Place['server']): Promise<void> => {
    for (const place of places)
      if (place.server === server)
        found.set(
          place.name,
          await door.inDatabase({ server, database: place.name }, (session) =>
            openLedger(door, session, place).read(),
          ),
        )
  }
  await Promise.all([...servers].map(readServer))
  return found
}

/** The files that a ledger knows by another checksum, with the first database that does. */
export function findChanged(
  migrations: readonly PlannedMigration[],
  ledgers: ReadonlyMap<string, readonly LedgerRow[]>,
): ReadonlyMap<string, string> {
  const checksums = new Map(migrations.map(({ name, checksum }) => [name, checksum]))
  const changed = new Map<string, string>()
  for (const [place, rows] of ledgers)
    for (const { name, checksum } of rows) {
      const now = checksums.get(name)
      if (now !== undefined && now !== checksum && !changed.has(name)) changed.set(name, place)
    }
  return changed
}

/** SHERD_MIGRATE_CHANGED when a file is not what was run of it. */
export function refuseChanged(
  migrations: readonly PlannedMigration[],
  ledgers: ReadonlyMap<string, readonly LedgerRow[]>,
): void {
  const [first] = findChanged(migrations, ledgers)
  if (first === undefined) return
  const [name, place] = first
  const path = migrations.find((migration) => migration.name === name)?.path ?? name
  throw new SherdError('SHERD_MIGRATE_CHANGED', {
    message: `The file ${path} is not what the ledger of ${place} knows as ${name}.`,
    details: { shard: place },
  })
}
