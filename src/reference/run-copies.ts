import { SherdError } from '../errors/sherd-error.ts'
import { systemClock } from '../locks/clock.ts'
import type { ReferenceCopy } from '../topology/reference-copies.ts'
import { waitMs } from './wait-ms.ts'

/** How copies are worked at. */
export interface RunOptions {
  /** Logical shards at once. */
  readonly concurrency: number
  /** Longest wait for the locks of others. */
  readonly timeoutMs: number
}

const askAgainAfterMs = 100

interface Failure {
  readonly copy: ReferenceCopy
  readonly error: unknown
}

/**
 * Runs `one` for every copy, those of a shard one after another, again where somebody else holds the lock. One that fails does
 * not keep the others from being done; its error is then thrown, or SHERD_REFERENCE_FAILED when there are several.
 */
export async function runCopies<Report>(
  copies: readonly ReferenceCopy[],
  { concurrency, timeoutMs }: RunOptions,
  one: (copy: ReferenceCopy) => Promise<Report | undefined>,
): Promise<readonly Report[]> {
  const dueAt = systemClock.now() + timeoutMs
  const reports = new Map<ReferenceCopy, Report>()
  const failures: Failure[] = []
  const waiting = groupByShard(copies)
  const work = async (): Promise<void> => {
    for (let group = waiting.shift(); group !== undefined; group = waiting.shift()) {
      for (const copy of group) {
        try {
          reports.set(copy, await runUnlocked(copy, dueAt, one))
        } catch (error) {
          failures.push({ copy, error })
        }
      }
    }
  }
  await Promise.all(Array.from({ length: concurrency }, work))
  if (failures.length > 0) throw explain(failures, copies.length)
  return copies.flatMap((copy) => reports.get(copy) ?? [])
}

function groupByShard(copies: readonly ReferenceCopy[]): ReferenceCopy[][] {
  const groups = new Map<string, ReferenceCopy[]>()
  for (const copy of copies) {
    const group = groups.get(copy.shard.name)
    if (group === undefined) groups.set(copy.shard.name, [copy])
    else group.push(copy)
  }
  return [...groups.values()]
}

async function runUnlocked<Report>(
  copy: ReferenceCopy,
  dueAt: number,
  one: (copy: ReferenceCopy) => Promise<Report | undefined>,
): Promise<Report> {
  for (;;) {
    const report = await one(copy)
    if (report !== undefined) return report
    if (systemClock.now() >= dueAt) throw busy(copy)
    await waitMs(askAgainAfterMs)
  }
}

function busy({ table, shard }: ReferenceCopy): SherdError {
  return new SherdError('SHERD_REFERENCE_BUSY', {
    message: `Somebody else is at work at the copy of reference table ${table.table} on logical shard ${shard.name}.`,
    details: { table: table.table, shard: shard.name, server: shard.server.id },
  })
}

function explain(failures: readonly Failure[], total: number): unknown {
  const [first] = failures
  if (failures.length === 1) return first?.error
  const names = failures.map(
    ({ copy, error }) => `${copy.table.table} on ${copy.shard.name} (${codeOf(error)})`,
  )
  return new SherdError('SHERD_REFERENCE_FAILED', {
    message: `Of ${total} copies of reference tables ${failures.length} failed, the others are done: ${names.join(', ')}.`,
    details: {
      shards: failures.map(({ copy, error }) => ({
        shard: copy.shard.name,
        server: copy.shard.server.id,
        outcome: 'failed',
        cause: error,
      })),
    },
    cause: first?.error,
  })
}

function codeOf(error: unknown): string {
  const code = typeof error === 'object' && error !== null && 'code' in error ? error.code : undefined
  return typeof code === 'string' ? code : 'no code'
}
