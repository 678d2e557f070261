import type { RawRow } from '../drivers/raw-rows.ts'
import type { ServerDoor, ServerSession } from '../engine/run-on-server.ts'
import { type Column, quoteName, readColumn } from './column.ts'
import { comparePrefix } from './key-conditions.ts'
import { fitRows } from './fit-rows.ts'
import { readSourceClock, readTime, rowsOf, type TableRound } from './round.ts'
import { runBatch } from './run-batch.ts'
import type { Progress, StatusRow, Watermark } from './status-row.ts'
import type { SyncedTable } from './synced-table.ts'
import { isAlive, keyColumns, keyOf, selectByKeys, sizeOf } from './table-text.ts'

/** Where a batch of increments starts. */
type From =
  | { readonly kind: 'all' }
  /** The window that late commits may fall into, or what is newer than the watermark. */
  | { readonly kind: 'window' | 'newer'; readonly cursor: string }
  | { readonly kind: 'behind'; readonly last: RawRow }

/** Whether the source has a row newer than the watermark; the only question of a round in which nothing happened. */
export async function hasNews(
  door: ServerDoor,
  source: ServerSession,
  place: string,
  cursorName: string,
  watermark: Watermark,
): Promise<boolean> {
  const cursor = quoteName(door.dialect, cursorName)
  const text = `SELECT 1 FROM ${place} WHERE ${cursor} > ${door.escape(String(watermark.cursor))} LIMIT 1`
  return (await rowsOf(source, text)).length > 0
}

/** The newest row, so that what changes from now on is newer or within the overlap. */
export async function readNewest(round: TableRound, source: ServerSession): Promise<Watermark | undefined> {
  const { table, context, limits } = round
  const cursor = requireCursor(table)
  const order = [cursor, ...keyColumns(table)].map(({ name }) => `${quoteName('mysql', name)} DESC`)
  const what = [cursor, ...keyColumns(table)].map((column) => readColumn('mysql', column))
  const [row] = await rowsOf(
    source,
    `SELECT ${what.join(', ')} FROM ${table.source} WHERE ${quoteName('mysql', cursor.name)} IS NOT NULL AND NOT ${isAhead(context.door, cursor, limits.overlapMs)} ORDER BY ${order.join(', ')} LIMIT 1`,
  )
  return row === undefined ? undefined : { cursor: row[0] ?? null, key: row.slice(1) }
}

/** Batches by (cursor, key) until there are no more. */
export async function runIncrement(round: TableRound): Promise<void> {
  let from: From | undefined
  let hasChanged = false
  for (;;) {
    const { answer, changed } = await runIncrementBatch(round, from, hasChanged)
    hasChanged ||= changed > 0
    if (answer === undefined) return
    from = { kind: 'behind', last: answer }
  }
}

/** Gives the row to go on behind, or undefined after the last batch. */
function runIncrementBatch(
  round: TableRound,
  before: From | undefined,
  hadChanges: boolean,
): Promise<{ readonly answer: RawRow | undefined; readonly changed: number }> {
  const { table, context, limits } = round
  return runBatch(round, async ({ source, target, status }) => {
    const from = before ?? findStart(status.progress)
    const clock = await readSourceClock(round, source)
    const limit = await fitRows(round, source, (rows) =>
      selectNewer(round, from, sizeOf(context.door, table), rows),
    )
    const what = [
      ...table.columns.map((column) => readColumn(context.door.dialect, column)),
      isAlive(context.door, table),
      isAhead(context.door, requireCursor(table), limits.overlapMs),
    ]
    const rows = await rowsOf(source, selectNewer(round, from, what.join(', '), limit))
    const width = table.columns.length
    const all = rows.map((row) => row.slice(0, width))
    const keys = all.map((row) => keyOf(table, row))
    const isLast = rows.length < limit
    return {
      source: all.filter((_, index) => rows[index]?.[width] === '1'),
      readCopies: () =>
        keys.length === 0
          ? Promise.resolve([])
          : rowsOf(target, selectByKeys(context.door, table, keys, 'copy')),
      advance: (changed) =>
        advance(round, status, clock, {
          reached: rows.filter((row) => row[width + 1] === '0').at(-1),
          isLast,
          hasChanged: hadChanges || changed > 0,
        }),
      answer: isLast ? undefined : all.at(-1),
    }
  })
}

function findStart({ watermark, isSettled }: Progress): From {
  const cursor = watermark?.cursor
  // Nothing can be taken from the zero date.
  if (typeof cursor !== 'string' || cursor.startsWith('0000')) return { kind: 'all' }
  return { kind: isSettled === true ? 'newer' : 'window', cursor }
}

function selectNewer(
  { table, context: { door }, limits }: TableRound,
  from: From,
  what: string,
  limit: number,
): string {
  const columns = [requireCursor(table), ...keyColumns(table)]
  const [cursor = ''] = columns.map(({ name }) => quoteName(door.dialect, name))
  const order = columns.map(({ name }) => quoteName(door.dialect, name)).join(', ')
  const where = (): string => {
    switch (from.kind) {
      case 'all':
        return `${cursor} IS NOT NULL`
      case 'newer':
        return `${cursor} > ${door.escape(from.cursor)}`
      case 'window':
        return `${cursor} >= CAST(${door.escape(from.cursor)} AS DATETIME(6)) - INTERVAL ${limits.overlapMs * 1000} MICROSECOND`
      case 'behind':
        return comparePrefix(
          door,
          columns,
          [from.last[table.cursor ?? 0] ?? null, ...keyOf(table, from.last)],
          '>',
          '>',
        )
    }
  }
  return `SELECT ${what} FROM ${table.source} WHERE ${where()} ORDER BY ${order} LIMIT ${limit}`
}

/**
 * True for rows that are ahead of every clock there is: of a TIMESTAMP the overlap may be between two clocks, a DATETIME
 * may be in any time zone. The watermark stays behind them, or all rows with right dates would be missed.
 */
function isAhead(door: ServerDoor, cursor: Column, overlapMs: number): string {
  const tolerance =
    cursor.type === 'timestamp' ? `INTERVAL ${overlapMs * 1000} MICROSECOND` : 'INTERVAL 14 HOUR'
  return `(${quoteName(door.dialect, cursor.name)} > UTC_TIMESTAMP(6) + ${tolerance})`
}

function advance(
  { table, limits }: TableRound,
  { progress }: StatusRow,
  clock: { readonly now: string; readonly position: string | undefined },
  batch: { readonly reached: RawRow | undefined; readonly isLast: boolean; readonly hasChanged: boolean },
): Partial<StatusRow> | undefined {
  const { reached, isLast, hasChanged } = batch
  const watermark = later(progress.watermark, reached === undefined ? undefined : markOf(table, reached))
  const isNew = watermark !== progress.watermark || hasChanged
  const changedAt = isNew ? clock.now : (progress.changedAt ?? clock.now)
  const isOver = readTime(clock.now).getTime() - readTime(changedAt).getTime() >= limits.overlapMs
  // Only what was read from the start of the window to its end counts as read again.
  const isSettled = isLast && !isNew && (progress.isSettled === true || isOver)
  const { watermark: _old, ...rest } = progress
  const next: Progress = { ...rest, ...(watermark === undefined ? {} : { watermark }), changedAt, isSettled }
  const isSame = !isNew && isSettled === progress.isSettled && progress.changedAt !== undefined
  if (isSame) return undefined
  return {
    progress: next,
    ...(isLast
      ? { syncedAt: clock.now, sourcePosition: clock.position, lastError: undefined, errorAt: undefined }
      : {}),
  }
}

function markOf(table: SyncedTable, row: RawRow): Watermark {
  return { cursor: row[table.cursor ?? 0] ?? null, key: keyOf(table, row) }
}

/** The text of a DATETIME or TIMESTAMP column is ordered as its dates are. */
function later(one: Watermark | undefined, other: Watermark | undefined): Watermark | undefined {
  if (one === undefined || other === undefined) return one ?? other
  return String(other.cursor) > String(one.cursor) ? other : one
}

function requireCursor(table: SyncedTable): Column {
  const column = table.columns[table.cursor ?? -1]
  if (column === undefined) throw new TypeError('a table without a cursor has no increments')
  return column
}
