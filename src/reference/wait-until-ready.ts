import { SherdError } from '../errors/sherd-error.ts'
import { systemClock } from '../locks/clock.ts'
import type { Freshness } from './sync-context.ts'
import { waitMs } from './wait-ms.ts'

const askAgainAfterMs = 250

/** Asks for the state of copies until their first sync is through. Throws SHERD_REFERENCE_NOT_READY after `timeoutMs`. */
export async function waitUntilReady(
  ask: () => Promise<readonly Freshness[]>,
  timeoutMs: number,
): Promise<void> {
  const dueAt = systemClock.now() + timeoutMs
  for (;;) {
    const told = await ask()
    const waiting = told.filter(({ isComplete }) => !isComplete)
    const [first] = waiting
    if (first === undefined) return
    if (systemClock.now() >= dueAt) throw notReady(first, waiting.length, told.length)
    await waitMs(askAgainAfterMs)
  }
}

function notReady({ table, shard, lastError }: Freshness, waiting: number, total: number): SherdError {
  const why = lastError === undefined ? '' : `; its last round failed with ${lastError.code}`
  return new SherdError('SHERD_REFERENCE_NOT_READY', {
    message: `Of ${total} copies of reference tables ${waiting} are not filled yet, such as ${table} on logical shard ${shard}${why}.`,
    details: { table, shard },
  })
}
