import type { ServerDoor } from '../engine/run-on-server.ts'
import { inPlace } from './in-place.ts'
import { refuseOption } from './migration-errors.ts'
import type { Place } from './places.ts'

/** A statement whose state was settled by hand. */
export interface Resolution {
  readonly name: string
  readonly database: string
  /** Place of the statement in its file, from 0. */
  readonly statement: number
  readonly was: 'started' | 'failed'
  readonly as: 'done' | 'undone'
}

/** Settles the statements of a file that neither ran to their end nor were left out, on one database. */
export function resolveMigration(
  { door, place, busyTimeoutMs }: { door: ServerDoor; place: Place; busyTimeoutMs: number },
  name: string,
  as: 'done' | 'undone',
): Promise<readonly Resolution[]> {
  return inPlace(door, place, busyTimeoutMs, async ({ ledger }) => {
    const open = (await ledger.read()).filter((row) => row.name === name && row.state !== 'done')
    if (open.length === 0)
      throw refuseOption(
        `The ledger of ${place.name} has no statement of ${name} that is unknown or failed.`,
        'sherd migrate status shows what there is.',
      )
    for (const { index } of open) {
      if (as === 'done') await ledger.end(name, index, 'done')
      else await ledger.remove(name, index)
    }
    return open.map(({ index, state }) => ({
      name,
      database: place.name,
      statement: index,
      was: state === 'failed' ? 'failed' : 'started',
      as,
    }))
  })
}
