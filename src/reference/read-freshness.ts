import { isNoSuchTable } from '../engine/no-such-table.ts'
import type { ReferenceCopy } from '../topology/reference-copies.ts'
import { hasNews } from './increment.ts'
import { readSourceClock, readTime, withSessions } from './round.ts'
import { readStatus, type StatusRow } from './status-row.ts'
import type { Freshness, ReferenceContext } from './sync-context.ts'
import { quoteName } from '../sql/quote-name.ts'

/** How fresh copies are, read from their status rows and the source; in the order of `copies`. */
export async function readFreshness(
  context: ReferenceContext,
  copies: readonly ReferenceCopy[],
): Promise<readonly Freshness[]> {
  const told: Freshness[] = []
  for (const copy of copies) told.push(await readOne(context, copy))
  return told
}

function readOne(context: ReferenceContext, copy: ReferenceCopy): Promise<Freshness> {
  return withSessions({ context, copy }, async (source, target) => {
    const place = { table: copy.table.table, shard: copy.shard.name }
    const status = await readStatus(context.door, target, copy)
    if (status === undefined) return { ...place, isComplete: false, phase: 'none', checksum: 'unknown' }
    const { watermark } = status.progress
    const { cursor } = copy.table
    const isCurrent =
      context.door.dialect === 'mysql' &&
      status.isComplete &&
      cursor !== undefined &&
      watermark !== undefined &&
      !(await hasNews(context.door, source, placeOf(copy), cursor, watermark).catch(answerMissing))
    const { now } = await readSourceClock({ context }, source)
    return { ...place, ...describe(status, isCurrent ? 0 : secondsSince(status.syncedAt, now)) }
  })
}

/** Without its source a copy is as old as its last round; the round itself tells what is wrong. */
function answerMissing(error: unknown): boolean {
  if (isNoSuchTable(error)) return true
  throw error
}

function describe(status: StatusRow, lagSeconds: number | undefined): Omit<Freshness, 'table' | 'shard'> {
  const { fence, isComplete, syncedAt, sourcePosition, rows, comparedAt, differences, isEqual } = status
  const { lastError, errorAt } = status
  return {
    fence,
    isComplete,
    phase: isComplete
      ? 'following'
      : syncedAt === undefined && status.definition === ''
        ? 'none'
        : 'snapshot',
    checksum: isEqual === undefined ? 'unknown' : isEqual ? 'equal' : 'different',
    ...(syncedAt === undefined ? {} : { syncedAt: readTime(syncedAt) }),
    ...(sourcePosition === undefined ? {} : { sourcePosition }),
    ...(lagSeconds === undefined ? {} : { lagSeconds }),
    ...(rows === undefined ? {} : { rows }),
    ...(comparedAt === undefined ? {} : { comparedAt: readTime(comparedAt) }),
    ...(differences === undefined ? {} : { differences }),
    ...(lastError === undefined ? {} : { lastError: { code: lastError, at: readTime(errorAt ?? '') } }),
  }
}

function secondsSince(then: string | undefined, now: string): number | undefined {
  if (then === undefined) return undefined
  return Math.max(0, (readTime(now).getTime() - readTime(then).getTime()) / 1000)
}

function placeOf({ source, table }: ReferenceCopy): string {
  return `${quoteName(source.server.primary.database ?? source.name, 'mysql')}.${quoteName(table.table, 'mysql')}`
}
