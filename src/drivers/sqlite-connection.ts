import { SherdError } from '../errors/sherd-error.ts'
import { sqliteModes } from '../sql/modes.ts'
import type { Endpoint } from '../topology/topology.ts'
import type { DriverConnection, DriverRequest, ResultCallback, ServerFacts } from './driver.ts'
import type { RawColumn, RowListener, RowReading } from './raw-rows.ts'
import type { SqliteColumn, SqliteHandle, SqliteStatement } from './sqlite-library.ts'
import { hasSecondStatement, isTrigger } from './sqlite-text.ts'
import { bindValues, readCell, readRaw } from './sqlite-values.ts'
import { StatementCache } from './statement-cache.ts'

/** The OK packet of SQLite, with mysql2's names and SQLite's own. */
export interface SqliteWrite {
  readonly affectedRows: number
  readonly insertId: number | bigint
  readonly changes: number
  readonly lastInsertRowid: number | bigint
}

const rememberedStatements = 500

/**
 * One connection of SQLite. A statement runs within `run`, in the order of the calls; its callback
 * always comes later, as a microtask, so that no caller meets it before `run` has returned.
 */
export class SqliteConnection implements DriverConnection {
  readonly endpoint: Endpoint
  readonly threadId = 0
  readonly facts: ServerFacts
  readonly isPaused = false
  database: string | undefined = undefined
  settings = ''
  readonly #handle: SqliteHandle
  readonly #statements = new StatementCache<SqliteStatement>(rememberedStatements)
  #isOpen = true

  constructor(endpoint: Endpoint, handle: SqliteHandle, version: string) {
    this.endpoint = endpoint
    this.#handle = handle
    // Strict in the sense of ServerFacts: SQLite may store a key of another type, but never another key.
    this.facts = { version, modes: sqliteModes, isReadOnly: false, isStrict: true }
  }

  run(request: DriverRequest, callback: ResultCallback): void {
    this.#answer(request, callback, (cells, fields) =>
      isRowsAsArray(request.options) ? cells.map((row) => row.map(readCell)) : readRows(cells, fields),
    )
  }

  /** `build` makes the rows of the cells, in which an INTEGER is a bigint and a REAL a number. */
  #answer(
    request: DriverRequest,
    callback: ResultCallback,
    build: (cells: readonly (readonly unknown[])[], fields: readonly SqliteColumn[]) => unknown,
  ): void {
    let rows: unknown
    let fields: readonly SqliteColumn[] | undefined
    try {
      const text = typeof request.text === 'string' ? request.text : request.text.sql
      checkRequest(request, text)
      const values = bindValues(request.values)
      const statement = this.#statements.take(text, (sql) => this.#prepare(sql))
      if (statement.reader) {
        const cells = statement.all(values)
        // Asked anew each time: another process may have changed the columns of a prepared `SELECT *`.
        fields = statement.columns()
        rows = build(cells, fields)
      } else {
        rows = this.#write(statement, values)
      }
    } catch (error) {
      queueMicrotask(() => callback(error))
      return
    }
    queueMicrotask(() => callback(null, rows, fields))
  }

  /** All rows are read within the call and told later, at once. */
  readRows(request: DriverRequest, rawCount: number | 'all', listener: RowListener): RowReading {
    const asTheyAre = (cells: readonly (readonly unknown[])[]) => cells
    const tell: ResultCallback = (error, rows, fields) => {
      if (error || fields === undefined) return listener.onEnd(error, rows)
      // Those of `asTheyAre`, for a statement that reads.
      const cells = rows as readonly (readonly unknown[])[]
      tellRows(cells, fields as readonly SqliteColumn[], rawCount, request.options, listener)
      listener.onEnd(null)
    }
    this.#answer(request, tell, asTheyAre)
    return { pause: () => undefined, resume: () => undefined }
  }

  /** Ends an open transaction. PRAGMAs that were changed stay changed, as SQLite knows no session state. */
  reset(callback: (error: unknown) => void): void {
    this.settings = ''
    try {
      if (this.#handle.inTransaction) this.#handle.exec('ROLLBACK')
    } catch (error) {
      queueMicrotask(() => callback(error))
      return
    }
    queueMicrotask(() => callback(null))
  }

  end(callback: () => void): void {
    this.destroy()
    queueMicrotask(callback)
  }

  /** Databases in memory are gone with it. */
  cancel(callback: () => void): void {
    callback()
  }

  destroy(): void {
    if (!this.#isOpen) return
    this.#isOpen = false
    this.#statements.clear()
    this.#handle.close()
  }

  /** Never called back: a library inside the process cannot be lost. */
  onLost(): void {}

  /** Never called back: its errors say nothing of a server. */
  onFault(): void {}

  #prepare(sql: string): SqliteStatement {
    const statement = this.#handle.prepare(sql)
    if (statement.reader) statement.raw(true)
    return statement.safeIntegers(true)
  }

  #write(statement: SqliteStatement, values: readonly unknown[]): SqliteWrite {
    const { changes, lastInsertRowid } = statement.run(values)
    const insertId = this.#exactId(lastInsertRowid)
    return { affectedRows: changes, insertId, changes, lastInsertRowid: insertId }
  }

  /** libsql gives the id as a number even with safe integers on, so a large one must be asked for. */
  #exactId(id: number | bigint): number | bigint {
    if (typeof id === 'bigint' || Number.isSafeInteger(id)) return id
    const text = 'SELECT last_insert_rowid()'
    const exact = this.#statements.take(text, (sql) => this.#prepare(sql)).all([])[0]?.[0]
    return typeof exact === 'bigint' ? exact : id
  }
}

/**
 * What libsql does silently and better-sqlite3 refuses: a missing value becomes NULL, one too many
 * is dropped, and of two statements only the first is run.
 */
function checkRequest(request: DriverRequest, text: string): void {
  if (typeof request.text !== 'string') {
    const markers = request.text.segments.length - 1
    if (markers === request.values.length) return
    throw new SherdError('SHERD_SQLITE_VALUE', {
      message: `The statement has ${markers} markers and got ${request.values.length} values.`,
      sql: text,
    })
  }
  if (!hasSecondStatement(text) || isTrigger(text)) return
  throw new SherdError('SHERD_SQLITE_STATEMENTS', {
    message: 'The text holds more than one statement.',
    sql: text,
  })
}

/** Raw cells stay bigint or number, INTEGER or REAL: of 7.0 a division would make something else than of 7. */
function tellRows(
  rows: readonly (readonly unknown[])[],
  fields: readonly SqliteColumn[],
  rawCount: number | 'all',
  options: object | undefined,
  listener: RowListener,
): void {
  const visibleCount = rawCount === 'all' ? 0 : fields.length - rawCount
  const visible = fields.slice(0, visibleCount)
  listener.onColumns(visible, fields.slice(visibleCount).map(describeColumn))
  for (const row of rows) {
    const cells = row.slice(0, visibleCount)
    const raw = row.slice(visibleCount).map(readRaw)
    listener.onRow(isRowsAsArray(options) ? cells.map(readCell) : readRow(cells, visible), raw)
  }
}

/** What SQLite says of a column: nothing but its name. */
export function describeColumn({ name }: SqliteColumn): RawColumn {
  return { name, type: 'any', typeCode: 0, isUnsigned: false, decimals: 0, length: 0, isExact: true }
}

function isRowsAsArray(options: object | undefined): boolean {
  return options !== undefined && 'rowsAsArray' in options && options.rowsAsArray === true
}

/** Of two columns with one name the last wins, as in mysql2. */
function readRows(
  cells: readonly (readonly unknown[])[],
  fields: readonly SqliteColumn[],
): Record<string, unknown>[] {
  return cells.map((row) => readRow(row, fields))
}

function readRow(row: readonly unknown[], fields: readonly SqliteColumn[]): Record<string, unknown> {
  const record: Record<string, unknown> = {}
  for (let index = 0; index < fields.length; index++) {
    const field = fields[index]
    if (field !== undefined) record[field.name] = readCell(row[index])
  }
  return record
}
