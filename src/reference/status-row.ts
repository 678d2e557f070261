import { isNoSuchTable } from '../engine/no-such-table.ts'
import type { RawCell, RawRow } from '../drivers/raw-rows.ts'
import { readText } from '../drivers/text-rows.ts'
import type { ServerDoor, ServerSession } from '../engine/run-on-server.ts'
import type { ReferenceCopy } from '../topology/reference-copies.ts'
import { quoteName } from '../sql/quote-name.ts'

/** Where a walk over the table by its key stands. */
export interface Sweep {
  /** `snapshot` fills the copy, `confirm` compares it for the first time, `compare` each time after that. */
  readonly kind: 'snapshot' | 'confirm' | 'compare'
  /** The last key that is done; absent: none yet. */
  readonly after?: RawRow
}

/** A place in the order of cursor and key. */
export interface Watermark {
  readonly cursor: RawCell
  readonly key: RawRow
}

/** What the next round goes on from. */
export interface Progress {
  readonly sweep?: Sweep
  /** The newest row of the source before the snapshot began. */
  readonly start?: Watermark
  /** Every row up to here that was committed in time is in the copy. */
  readonly watermark?: Watermark
  /** The source's clock when a round last found something new. */
  readonly changedAt?: string
  /** Rows up to the watermark have been read again after the time in which they may be committed late. */
  readonly isSettled?: boolean
}

/** The row of one reference table in `sherd_reference_status` of a logical shard. */
export interface StatusRow {
  readonly fence: number
  readonly isComplete: boolean
  readonly progress: Progress
  readonly definition: string
  readonly syncedAt: string | undefined
  readonly sourcePosition: string | undefined
  readonly rows: number | undefined
  readonly comparedAt: string | undefined
  readonly differences: number | undefined
  /** Whether source and copy were the same when the last comparison ended. */
  readonly isEqual: boolean | undefined
  readonly lastError: string | undefined
  readonly errorAt: string | undefined
}

const table = 'sherd_reference_status'

/*
 * The lock that orders all who write a copy: whoever holds its row reads the source only then, so what a copy shows only
 * ever gets newer. Letters of table_name count, and its collation is one that every charset of a database can be joined with.
 */
const createMysql = `(
  table_name VARCHAR(64) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin NOT NULL PRIMARY KEY,
  fence BIGINT NOT NULL DEFAULT 0,
  is_complete TINYINT NOT NULL DEFAULT 0,
  progress LONGTEXT CHARACTER SET utf8mb4 NOT NULL,
  definition VARCHAR(64) CHARACTER SET ascii NOT NULL DEFAULT '',
  synced_at DATETIME(6) NULL,
  source_position TEXT CHARACTER SET ascii NULL,
  row_count BIGINT NULL,
  compared_at DATETIME(6) NULL,
  differences BIGINT NULL,
  is_equal TINYINT NULL,
  last_error VARCHAR(64) CHARACTER SET ascii NULL,
  error_at DATETIME(6) NULL
) ENGINE=InnoDB`
const createSqlite = `(
  table_name TEXT NOT NULL PRIMARY KEY, fence INTEGER NOT NULL DEFAULT 0, is_complete INTEGER NOT NULL DEFAULT 0,
  progress TEXT NOT NULL, definition TEXT NOT NULL DEFAULT '', synced_at TEXT, source_position TEXT, row_count INTEGER,
  compared_at TEXT, differences INTEGER, is_equal INTEGER, last_error TEXT, error_at TEXT
)`
const columns =
  'fence, is_complete, progress, definition, synced_at, source_position, row_count, compared_at, differences, is_equal, last_error, error_at'

/** The status row; undefined when there is none, or no table of them. */
export async function readStatus(
  door: ServerDoor,
  session: ServerSession,
  copy: ReferenceCopy,
): Promise<StatusRow | undefined> {
  try {
    return await selectStatus(door, session, copy, '')
  } catch (error) {
    if (isNoSuchTable(error)) return undefined
    throw error
  }
}

/** Makes the table, and the rows of all tables of the shard, where they are missing. Outside of a transaction, because DDL would end it. */
export async function createStatus(
  door: ServerDoor,
  session: ServerSession,
  copy: ReferenceCopy,
  all: readonly ReferenceCopy[],
): Promise<void> {
  const form = door.dialect === 'mysql' ? createMysql : createSqlite
  await session.run(`CREATE TABLE IF NOT EXISTS ${placeOf(door, copy)} ${form}`)
  const ignore = door.dialect === 'mysql' ? 'INSERT IGNORE' : 'INSERT OR IGNORE'
  const names = new Set(
    [copy, ...all.filter(({ shard }) => shard.name === copy.shard.name)].map((one) => nameOf(door, one)),
  )
  const rows = [...names].map((name) => `(${name}, '{}')`)
  await session.run(`${ignore} INTO ${placeOf(door, copy)} (table_name, progress) VALUES ${rows.join(', ')}`)
}

/** Locks the row until the transaction ends. */
export async function lockStatus(
  door: ServerDoor,
  session: ServerSession,
  copy: ReferenceCopy,
): Promise<StatusRow | undefined> {
  if (door.dialect === 'mysql') return selectStatus(door, session, copy, ' FOR UPDATE')
  // SQLite locks the database by the first write.
  await session.run(
    `UPDATE ${placeOf(door, copy)} SET fence = fence WHERE table_name = ${nameOf(door, copy)}`,
  )
  return selectStatus(door, session, copy, '')
}

export async function writeStatus(
  door: ServerDoor,
  session: ServerSession,
  copy: ReferenceCopy,
  row: StatusRow,
): Promise<void> {
  const text = (value: string | undefined): string => (value === undefined ? 'NULL' : door.escape(value))
  const number = (value: number | undefined): string => (value === undefined ? 'NULL' : String(value))
  const sets = [
    `fence = ${row.fence}`,
    `is_complete = ${row.isComplete ? 1 : 0}`,
    `progress = ${door.escape(JSON.stringify(row.progress, encodeCell))}`,
    `definition = ${text(row.definition)}`,
    `synced_at = ${text(row.syncedAt)}`,
    `source_position = ${text(row.sourcePosition)}`,
    `row_count = ${number(row.rows)}`,
    `compared_at = ${text(row.comparedAt)}`,
    `differences = ${number(row.differences)}`,
    `is_equal = ${number(row.isEqual === undefined ? undefined : Number(row.isEqual))}`,
    `last_error = ${text(row.lastError)}`,
    `error_at = ${text(row.errorAt)}`,
  ]
  await session.run(
    `UPDATE ${placeOf(door, copy)} SET ${sets.join(', ')} WHERE table_name = ${nameOf(door, copy)}`,
  )
}

/** Remembers why a round failed. Not in a transaction with anything else, and without regard to fences: it moves nothing. */
export async function noteError(
  door: ServerDoor,
  session: ServerSession,
  copy: ReferenceCopy,
  code: string,
): Promise<void> {
  const now = clockOf(door)
  await session.run(
    `UPDATE ${placeOf(door, copy)} SET last_error = ${door.escape(code.slice(0, 64))}, error_at = ${now} WHERE table_name = ${nameOf(door, copy)}`,
  )
}

async function selectStatus(
  door: ServerDoor,
  session: ServerSession,
  copy: ReferenceCopy,
  lock: string,
): Promise<StatusRow | undefined> {
  const { rows } = await session.rows(
    `SELECT ${columns} FROM ${placeOf(door, copy)} WHERE table_name = ${nameOf(door, copy)}${lock}`,
  )
  const [row] = rows
  if (row === undefined) return undefined
  const text = (place: number): string | undefined => readText(door.dialect, row[place] ?? null)
  const number = (place: number): number | undefined => {
    const cell = text(place)
    return cell === undefined ? undefined : Number(cell)
  }
  return {
    fence: number(0) ?? 0,
    isComplete: number(1) === 1,
    // Written by writeStatus, or '{}' by createStatus.
    progress: JSON.parse(text(2) ?? '{}', decodeCell) as Progress,
    definition: text(3) ?? '',
    syncedAt: text(4),
    sourcePosition: text(5),
    rows: number(6),
    comparedAt: text(7),
    differences: number(8),
    isEqual: text(9) === undefined ? undefined : number(9) === 1,
    lastError: text(10),
    errorAt: text(11),
  }
}

function placeOf(door: ServerDoor, { shard }: ReferenceCopy): string {
  return `${quoteName(shard.name, door.dialect)}.${table}`
}

function nameOf(door: ServerDoor, copy: ReferenceCopy): string {
  return door.escape(copy.table.table)
}

/** JSON knows no 64-bit integers and no bytes, both cells of SQLite. */
function encodeCell(_name: string, cell: unknown): unknown {
  if (typeof cell === 'bigint') return { integer: String(cell) }
  if (isStoredBuffer(cell)) return { bytes: Buffer.from(cell.data).toString('hex') }
  return cell instanceof Uint8Array ? { bytes: Buffer.from(cell).toString('hex') } : cell
}

/** What JSON.stringify makes of a Buffer before it asks. */
function isStoredBuffer(cell: unknown): cell is { readonly data: readonly number[] } {
  return (
    typeof cell === 'object' && cell !== null && 'type' in cell && cell.type === 'Buffer' && 'data' in cell
  )
}

function decodeCell(_name: string, cell: unknown): unknown {
  if (typeof cell !== 'object' || cell === null) return cell
  if ('integer' in cell) return BigInt(String(cell.integer))
  return 'bytes' in cell ? Buffer.from(String(cell.bytes), 'hex') : cell
}

/** The present moment in UTC, in the words of the server. */
export function clockOf({ dialect }: ServerDoor): string {
  return dialect === 'mysql' ? 'UTC_TIMESTAMP(6)' : "strftime('%Y-%m-%d %H:%M:%f', 'now')"
}
