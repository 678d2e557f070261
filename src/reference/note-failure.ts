import { SherdError } from '../errors/sherd-error.ts'
import { type Round, withSessions } from './round.ts'
import { noteError } from './status-row.ts'

/** Writes the code of a failure into the status row, where it can be; the failure itself goes on to the caller. */
export async function noteFailure(round: Round, error: unknown): Promise<void> {
  const { context, copy, options } = round
  // Whoever has the lock now is not to find the trouble of whoever had it before.
  if (options.signal?.aborted === true) return
  if (error instanceof SherdError && error.code === 'SHERD_REFERENCE_FENCED') return
  await withSessions(round, (_source, target) => noteError(context.door, target, copy, codeOf(error))).catch(
    () => undefined,
  )
}

function codeOf(error: unknown): string {
  if (typeof error === 'object' && error !== null && 'code' in error) return String(error.code)
  return error instanceof Error ? error.name : 'unknown'
}
