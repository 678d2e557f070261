/*
 * The part of libsql that sherd stands on, described and not imported. Read in libsql 0.5.29; better-sqlite3
 * has the same names, but differs where sqlite-connection.ts says so.
 */

export interface SqliteColumn {
  readonly name: string
  readonly column: string | null
  readonly table: string | null
  readonly database: string | null
  readonly type: string | null
}

export interface SqliteStatement {
  readonly reader: boolean
  raw: (isRaw: boolean) => SqliteStatement
  safeIntegers: (isSafe: boolean) => SqliteStatement
  all: (values: readonly unknown[]) => unknown[][]
  run: (values: readonly unknown[]) => { readonly changes: number; readonly lastInsertRowid: number | bigint }
  columns: () => SqliteColumn[]
}

export interface SqliteHandle {
  readonly inTransaction: boolean
  prepare: (sql: string) => SqliteStatement
  exec: (sql: string) => void
  close: () => void
}

export interface SqliteLibrary {
  new (path: string, options: { readonly timeout: number }): SqliteHandle
}
