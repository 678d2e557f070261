import { SherdError } from '../errors/sherd-error.ts'
import type { ReferenceCopy } from '../topology/reference-copies.ts'

/** Source and copy do not fit; nothing was written. */
export function definitionDiffers(copy: ReferenceCopy, problem: string, column?: string): SherdError {
  return new SherdError('SHERD_REFERENCE_DEFINITION', {
    message: `${problem}: reference table ${copy.table.table} on logical shard ${copy.shard.name}.`,
    details: { ...placeOf(copy), ...(column === undefined ? {} : { column }) },
  })
}

/** The lock is held by somebody else by now, or was. `fence` is what the next holder must be above. */
export function fenced(copy: ReferenceCopy, fence: number): SherdError {
  return new SherdError('SHERD_REFERENCE_FENCED', {
    message: `The copy of reference table ${copy.table.table} on logical shard ${copy.shard.name} has been written with the fencing number ${fence}, which is higher than the one given; nothing was written.`,
    details: { ...placeOf(copy), fence },
  })
}

/** Rows of the copy that the source has no more, and that other rows of the shard point to. */
export function deleteBlocked(copy: ReferenceCopy, rows: number): SherdError {
  return new SherdError('SHERD_REFERENCE_BLOCKED', {
    message: `${rows} rows of reference table ${copy.table.table} are gone from the source and stay in the copy on logical shard ${copy.shard.name}, because rows there point to them by a foreign key. All else was synced.`,
    details: placeOf(copy),
  })
}

/** Rows that cannot be written because of other rows of the shard. */
export function rowsConflict(copy: ReferenceCopy, problem: string, cause?: unknown): SherdError {
  return new SherdError('SHERD_REFERENCE_CONFLICT', {
    message: `Rows of reference table ${copy.table.table} cannot be written to its copy on logical shard ${copy.shard.name}: ${problem}.`,
    details: placeOf(copy),
    cause,
  })
}

function placeOf({ table, shard }: ReferenceCopy) {
  return { table: table.table, shard: shard.name, server: shard.server.id }
}
