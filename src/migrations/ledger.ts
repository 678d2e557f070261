import { isNoSuchTable } from '../engine/no-such-table.ts'
import type { TextRow } from '../drivers/text-rows.ts'
import type { ServerDoor, ServerSession } from '../engine/run-on-server.ts'
import type { Place } from './places.ts'
import { quoteName } from '../sql/quote-name.ts'

/** `started`: it may or may not have taken effect. `failed`: the server refused it, and nothing of it took effect. */
export type LedgerState = 'started' | 'done' | 'failed'

/** What a database knows of one statement. */
export interface LedgerRow {
  readonly name: string
  readonly index: number
  readonly checksum: string
  readonly state: LedgerState
  /** The tables of the statement as they were before it; empty where nothing can be told by them. */
  readonly evidence: string
  /** Code of the server's error, of a statement that failed. */
  readonly error: string
  /** UTC, as `2026-11-23 18:00:00.000`. */
  readonly startedAt: string
  readonly endedAt: string
}

/** The table `sherd_migrations` of one database, over one connection to it. */
export interface Ledger {
  /** Makes the table when it is not there. */
  readonly create: () => Promise<void>
  /** No rows when there is no table yet. */
  readonly read: () => Promise<readonly LedgerRow[]>
  readonly write: (
    row: Pick<LedgerRow, 'name' | 'index' | 'checksum' | 'state'> & Partial<LedgerRow>,
  ) => Promise<void>
  readonly end: (name: string, index: number, state: 'done' | 'failed', error?: string) => Promise<void>
  readonly remove: (name: string, index: number) => Promise<void>
}

const ledgerTable = 'sherd_migrations'

/** Binary names: the ledger must not take `a` and `A` for one. InnoDB, whatever the server's default: rows are written with it in one transaction. */
const mysqlColumns = `(
  name VARCHAR(190) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin NOT NULL,
  statement INT NOT NULL,
  checksum CHAR(64) CHARACTER SET ascii NOT NULL,
  state VARCHAR(10) CHARACTER SET ascii NOT NULL,
  evidence TEXT CHARACTER SET utf8mb4 NOT NULL,
  error VARCHAR(190) CHARACTER SET utf8mb4 NOT NULL,
  started_at DATETIME(3) NOT NULL,
  ended_at DATETIME(3) NULL,
  PRIMARY KEY (name, statement)
) ENGINE=InnoDB`
const sqliteColumns =
  '(name TEXT NOT NULL, statement INTEGER NOT NULL, checksum TEXT NOT NULL, state TEXT NOT NULL, evidence TEXT NOT NULL, error TEXT NOT NULL, started_at TEXT NOT NULL, ended_at TEXT, PRIMARY KEY (name, statement))'

export function openLedger(door: ServerDoor, session: ServerSession, place: Place): Ledger {
  const isMysql = door.dialect === 'mysql'
  const table = `${quoteName(place.database, door.dialect)}.${ledgerTable}`
  const now = isMysql ? 'UTC_TIMESTAMP(3)' : "strftime('%Y-%m-%d %H:%M:%f', 'now')"
  const at = (name: string, index: number): string =>
    `name = ${door.escape(name)} AND statement = ${door.escape(index)}`
  return {
    create: async () => {
      await session.run(`CREATE TABLE IF NOT EXISTS ${table} ${isMysql ? mysqlColumns : sqliteColumns}`)
    },
    read: async () => {
      const columns = 'name, statement, checksum, state, evidence, error, started_at, ended_at'
      try {
        const rows = await session.texts(`SELECT ${columns} FROM ${table} ORDER BY name, statement`)
        return rows.map(readRow)
      } catch (error) {
        if (isNoSuchTable(error)) return []
        throw error
      }
    },
    write: async ({ name, index, checksum, state, evidence = '', error = '' }) => {
      const ended = state === 'started' ? 'NULL' : now
      const values = [name, index, checksum, state, evidence, error].map((value) => door.escape(value))
      await session.run(`REPLACE INTO ${table} VALUES (${values.join(', ')}, ${now}, ${ended})`)
    },
    end: async (name, index, state, error = '') => {
      const set = `state = ${door.escape(state)}, error = ${door.escape(error)}, ended_at = ${now}`
      await session.run(`UPDATE ${table} SET ${set} WHERE ${at(name, index)}`)
    },
    remove: async (name, index) => {
      await session.run(`DELETE FROM ${table} WHERE ${at(name, index)}`)
    },
  }
}

function readRow(row: TextRow): LedgerRow {
  const state = row['state']
  return {
    name: row['name'] ?? '',
    index: Number(row['statement']),
    checksum: row['checksum'] ?? '',
    state: state === 'done' || state === 'failed' ? state : 'started',
    evidence: row['evidence'] ?? '',
    error: row['error'] ?? '',
    startedAt: row['started_at'] ?? '',
    endedAt: row['ended_at'] ?? '',
  }
}
