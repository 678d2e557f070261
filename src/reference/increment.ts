import type { RawCell, RawRow } from '../drivers/raw-rows.ts'
import type { ServerDoor, ServerSession } from '../engine/run-on-server.ts'
import { readColumn } from './column.ts'
import type { ColumnFacts } from '../schema/table-facts.ts'
import { comparePrefix } from './key-conditions.ts'
import { fitRows } from './fit-rows.ts'
import { readSourceClock, readTime, rowsOf, type TableRound } from './round.ts'
import { runBatch } from './run-batch.ts'
import type { Progress, StatusRow, Watermark } from './status-row.ts'
import type { SyncedTable } from './synced-table.ts'
import { isAlive, keyColumns, keyOf, selectByKeys, sizeOf } from './table-text.ts'
import { quoteName } from '../sql/quote-name.ts'

/** What one round reads. Its end is the newest row when it began: see runIncrement. */
interface Span {
  readonly from: From
  readonly end: RawCell
  /** By the source's clock. */
  readonly startedAt: string
}

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
  const cursor = quoteName(cursorName, door.dialect)
  const text = `SELECT 1 FROM ${place} WHERE ${cursor} > ${door.escape(String(watermark.cursor))} LIMIT 1`
  return (await rowsOf(source, text)).length > 0
}

/** The newest row, so that what changes from now on is newer or within the overlap. */
export async function readNewest(round: TableRound, source: ServerSession): Promise<Watermark | undefined> {
  const { table, context, limits } = round
  const cursor = requireCursor(table)
  const order = [cursor, ...keyColumns(table)].map(({ name }) => `${quoteName(name, 'mysql')} DESC`)
  const what = [cursor, ...keyColumns(table)].map((column) => readColumn('mysql', column))
  const [row] = await rowsOf(
    source,
    `SELECT ${what.join(', ')} FROM ${table.source} WHERE ${quoteName(cursor.name, 'mysql')} IS NOT NULL AND NOT ${isAhead(context.door, cursor, limits.overlapMs)} ORDER BY ${order.join(', ')} LIMIT 1`,
  )
  return row === undefined ? undefined : { cursor: row[0] ?? null, key: row.slice(1) }
}

/**
 * Batches by (cursor, key) up to what was the newest row when the round began. What is newer waits for the next round: if the
 * watermark moved on while the round lasts, a row committed late behind a batch could end up before the next window.
 */
export async function runIncrement(round: TableRound): Promise<void> {
  let span: Span | undefined
  let hasChanged = false
  for (;;) {
    const { answer, changed } = await runIncrementBatch(round, span, hasChanged)
    hasChanged ||= changed > 0
    if (answer === undefined) return
    span = answer
  }
}

/** Gives what is left of the span, or undefined after the last batch. */
function runIncrementBatch(
  round: TableRound,
  before: Span | undefined,
  hadChanges: boolean,
): Promise<{ readonly answer: Span | undefined; readonly changed: number }> {
  const { table, context, limits } = round
  return runBatch(round, async ({ source, target, status }) => {
    const clock = await readSourceClock(round, source)
    const span = before ?? {
      from: findStart(status.progress),
      end: (await readNewest(round, source))?.cursor ?? null,
      startedAt: clock.now,
    }
    const limit = await fitRows(round, source, (rows) =>
      selectNewer(round, span, sizeOf(context.door, table), rows),
    )
    const what = [
      ...table.columns.map((column) => readColumn(context.door.dialect, column)),
      isAlive(context.door, table),
      isAhead(context.door, requireCursor(table), limits.overlapMs),
    ]
    const rows = await rowsOf(source, selectNewer(round, span, what.join(', '), limit))
    const width = table.columns.length
    const all = rows.map((row) => row.slice(0, width))
    const keys = all.map((row) => keyOf(table, row))
    const isLast = rows.length < limit
    const last = all.at(-1)
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
          startedAt: span.startedAt,
        }),
      answer: isLast || last === undefined ? undefined : { ...span, from: { kind: 'behind', last } },
    }
  })
}

function findStart({ watermark, isSettled }: Progress): From {
  const cursor = watermark?.cursor
  // Nothing can be taken from the zero date.
  if (typeof cursor !== 'string' || cursor.startsWith('0000')) return { kind: 'all' }
  return { kind: isSettled === true ? 'newer' : 'window', cursor }
}

function selectNewer(round: TableRound, { from, end }: Span, what: string, limit: number): string {
  const { table, context, limits } = round
  const { door } = context
  const cursor = requireCursor(table)
  const order = [cursor, ...keyColumns(table)].map(({ name }) => quoteName(name, door.dialect))
  const upTo = `${order[0]} <= ${end === null ? 'NULL' : door.escape(end)}`
  const where = `${writeStart(round, from)} AND (${upTo} OR ${isAhead(door, cursor, limits.overlapMs)})`
  return `SELECT ${what} FROM ${table.source} WHERE ${where} ORDER BY ${order.join(', ')} LIMIT ${limit}`
}

function writeStart({ table, context: { door }, limits }: TableRound, from: From): string {
  const column = requireCursor(table)
  const cursor = quoteName(column.name, door.dialect)
  switch (from.kind) {
    case 'all':
      return `${cursor} IS NOT NULL`
    case 'newer':
      return `${cursor} > ${door.escape(from.cursor)}`
    case 'window':
      return `${cursor} >= CAST(${door.escape(from.cursor)} AS DATETIME(6)) - INTERVAL ${limits.overlapMs * 1000} MICROSECOND`
    case 'behind': {
      const cells = [from.last[table.cursor ?? 0] ?? null, ...keyOf(table, from.last)]
      return comparePrefix(door, [column, ...keyColumns(table)], cells, '>', '>')
    }
  }
}

/**
 * True for rows that are ahead of every clock there is: of a TIMESTAMP the overlap may be between two clocks, a DATETIME
 * may be in any time zone. The watermark stays behind them, or all rows with right dates would be missed.
 */
function isAhead(door: ServerDoor, cursor: ColumnFacts, overlapMs: number): string {
  const tolerance =
    cursor.type === 'timestamp' ? `INTERVAL ${overlapMs * 1000} MICROSECOND` : 'INTERVAL 14 HOUR'
  return `(${quoteName(cursor.name, door.dialect)} > UTC_TIMESTAMP(6) + ${tolerance})`
}

function advance(
  { table, limits }: TableRound,
  { progress, lastError }: StatusRow,
  clock: { readonly now: string; readonly position: string | undefined },
  batch: {
    readonly reached: RawRow | undefined
    readonly isLast: boolean
    readonly hasChanged: boolean
    readonly startedAt: string
  },
): Partial<StatusRow> | undefined {
  const { reached, isLast, hasChanged, startedAt } = batch
  const watermark = later(progress.watermark, reached === undefined ? undefined : markOf(table, reached))
  const isNew = watermark !== progress.watermark || hasChanged
  const changedAt = isNew ? clock.now : (progress.changedAt ?? clock.now)
  const isOver = readTime(startedAt).getTime() - readTime(changedAt).getTime() >= limits.overlapMs
  // Only what was read from the start of the window to its end, all of it late enough, counts as read again.
  const isSettled = isLast && !isNew && (progress.isSettled === true || isOver)
  const { watermark: _old, ...rest } = progress
  const next: Progress = { ...rest, ...(watermark === undefined ? {} : { watermark }), changedAt, isSettled }
  const isSame = !isNew && isSettled === progress.isSettled && progress.changedAt !== undefined
  const isOk = lastError === undefined || !isLast
  if (isSame && isOk) return undefined
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

function requireCursor(table: SyncedTable): ColumnFacts {
  const column = table.columns[table.cursor ?? -1]
  if (column === undefined) throw new TypeError('a table without a cursor has no increments')
  return column
}
