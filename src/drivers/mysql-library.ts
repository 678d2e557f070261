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
  /** Options that hold for this command, over those of its connection. */
  readonly _queryOptions: { disableEval?: boolean }
  /** What it has read of the columns of each result. */
  readonly _fields: readonly MysqlField[][]
  /** Begins without a packet, and goes on with each. */
  execute: (packet: MysqlPacket | undefined, connection: unknown) => boolean
}

export type MysqlPacketClass = new (id: number, buffer: Buffer, start: number, end: number) => MysqlPacket

/** A packet of the server; the methods read on from `offset`. */
export interface MysqlPacket {
  readonly buffer: Buffer
  offset: number
  /** The end of the rows, where a row might stand. */
  isEOF: () => boolean
  readInt8: () => number
  readSInt8: () => number
  readInt16: () => number
  readSInt16: () => number
  readInt32: () => number
  readSInt32: () => number
  readInt64String: () => string
  readSInt64String: () => string
  readFloat: () => number
  readDouble: () => number
  readDateTimeString: (decimals: number, separator: string, columnType: number) => string
  readTimeString: () => string
  readLengthCodedString: (encoding: string) => string | null
}

/** mysql2's `ColumnDefinition`, the part that tells the type. */
export interface MysqlField {
  readonly name: string
  readonly columnType: number
  readonly flags: number
  readonly decimals: number
  readonly columnLength: number
  readonly characterSet: number
  readonly extendedTypeName?: string
  readonly extendedFormat?: string
}

/** The state of a `Query` that reads a row: it gives the state for the next packet. */
export type MysqlRowState = (this: MysqlCommand, packet: MysqlPacket, connection: unknown) => unknown

/** A parser of the rows of one result, as `Execute` makes them. */
export interface MysqlRowParser {
  next(packet: MysqlPacket, fields: unknown, options: unknown): unknown
}
export type MysqlRowParserClass = new () => MysqlRowParser

/** What of a `Query` and an `Execute` stands between the packets and the rows. */
export interface MysqlRowCommand extends MysqlCommand {
  /** Of a `Query`: entered with the first row by this name, for later rows by that of the prototype. */
  row: MysqlRowState
  /** Of a `Query` with a callback: the rows that it has made. */
  readonly _currentRows: unknown[]
  /** Of an `Execute`. */
  buildParserFromFields: (fields: readonly MysqlField[], connection: unknown) => MysqlRowParserClass
}

/** mysql2's callback `Connection`. */
export interface MysqlHandle extends EventEmitter {
  /** Its `ConnectionConfig`. */
  readonly config: object
  readonly threadId: number | null
  readonly stream: Socket
  query: {
    (command: MysqlCommand): MysqlCommand
    (sql: string, values: unknown, callback: MysqlCallback): MysqlCommand
    (options: object, callback?: MysqlCallback): MysqlCommand
  }
  execute: (options: object, callback?: MysqlCallback) => MysqlCommand
  unprepare: (options: object) => void
  pause: () => void
  resume: () => void
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
