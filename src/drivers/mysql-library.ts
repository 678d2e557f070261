import type { EventEmitter } from 'node:events'
import type { Socket } from 'node:net'

/*
 * The part of mysql2 that sherd stands on, described and not imported, so that the types of sherd
 * hold for those who do not have mysql2. Read in mysql2 3.24.6.
 */

export type MysqlCallback = (error: unknown, rows?: unknown, fields?: unknown) => void

/** mysql2's `Query`. Without `onResult` it emits `fields`, `result` for each row, `error`, `end`. */
export interface MysqlCommand extends EventEmitter {
  sql: string
  values: unknown
  namedPlaceholders: boolean | undefined
  onResult: MysqlCallback | undefined
  /** Set by mysql2 when the command starts; `stream()` pauses and resumes it. */
  _connection: unknown
}

/** mysql2's callback `Connection`. */
export interface MysqlHandle extends EventEmitter {
  readonly threadId: number | null
  readonly stream: Socket
  query: {
    (command: MysqlCommand): MysqlCommand
    (sql: string, values: unknown, callback: MysqlCallback): MysqlCommand
    (options: object, callback?: MysqlCallback): MysqlCommand
  }
  execute: (options: object, callback?: MysqlCallback) => MysqlCommand
  reset: (callback: (error: unknown) => void) => void
  end: (callback: (error: unknown) => void) => void
  destroy: () => void
}

export interface MysqlSqlMode {
  readonly noBackslashEscapes?: boolean
  readonly ansiQuotes?: boolean
}

export interface MysqlLibrary {
  readonly createConnection: (options: object) => MysqlHandle
  readonly createQuery: (
    sql: string | object,
    values: unknown,
    callback: MysqlCallback | undefined,
    config: object,
  ) => MysqlCommand
  readonly escape: (value: unknown, stringifyObjects: boolean, timezone: string, mode: MysqlSqlMode) => string
  readonly format: (
    sql: string,
    values: unknown,
    stringifyObjects: boolean,
    timezone: string,
    mode: MysqlSqlMode,
  ) => string
}
