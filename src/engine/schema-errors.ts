import { SherdError, type ShardOutcome } from '../errors/sherd-error.ts'
import type { Request } from './request.ts'

/**
 * Numbers by which a server says that a schema statement finds its work done, or nothing to work on. 1005, 1022 and 1826 are
 * those of a foreign key whose name is taken. Alone they prove nothing: who counts them as done compares definitions.
 */
const alreadyNumbers: ReadonlySet<unknown> = new Set([
  1005, 1022, 1050, 1051, 1054, 1060, 1061, 1068, 1091, 1146, 1826,
])

/** Whether a server refused a schema statement in a way that fits a change it has already. */
export function isAlreadyDone(error: unknown): boolean {
  return typeof error === 'object' && error !== null && 'errno' in error && alreadyNumbers.has(error.errno)
}

/** What the caller hears when a schema statement ran in some databases only. */
export function schemaPartial(outcomes: readonly ShardOutcome[], { sql }: Pick<Request, 'sql'>): SherdError {
  const failed = outcomes.filter(({ outcome }) => outcome === 'failed' || outcome === 'unknown')
  const parts = (['done', 'failed', 'unknown', 'not started'] as const).flatMap((outcome) => {
    const names = outcomes.filter((one) => one.outcome === outcome).map(nameOf)
    return names.length === 0 ? [] : `${outcome}: ${names.join(', ')}`
  })
  return new SherdError('SHERD_SCHEMA_PARTIAL', {
    message: `The schema statement did not run in all of ${outcomes.length} databases (${parts.join('; ')}).`,
    details: { shards: outcomes },
    sql,
    // The first that is more than "it is there already".
    cause: (failed.find(({ cause }) => !isAlreadyDone(cause)) ?? failed[0])?.cause,
  })
}

/** Why a database that says it has the change does not count as done. */
export function otherDefinition(place: string, done: string, cause: unknown): SherdError {
  return new SherdError('SHERD_SCHEMA_DIFFERS', {
    message: `${place} refused the schema statement as done before (${codeOf(cause)}), but its tables are not defined as those of ${done}, where the statement ran.`,
    details: { shard: place },
    cause,
  })
}

function nameOf({ shard, outcome, cause }: ShardOutcome): string {
  return outcome === 'failed' || outcome === 'unknown' ? `${shard} (${codeOf(cause)})` : shard
}

function codeOf(error: unknown): string {
  const code = typeof error === 'object' && error !== null && 'code' in error ? error.code : undefined
  return typeof code === 'string' ? code : 'no code'
}
