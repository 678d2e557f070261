import type { SqlModes } from '../sql/modes.ts'
import type { Endpoint } from '../topology/topology.ts'
import type { RowListener, RowReading } from './raw-rows.ts'

/**
 * What sherd needs of a database library. Callback style, because a promise and its stack trace
 * cost more than everything sherd does to a statement (see bench/).
 */
export interface Driver {
  readonly dialect: 'mysql' | 'sqlite'
  /** Opens a connection and reads its facts. Fails with SHERD_SERVER_UNREACHABLE, or with the server's own error. */
  readonly connect: (endpoint: Endpoint, options: ConnectOptions, callback: ConnectCallback) => void
  /** A value as a literal of SQL text, by the rules of the underlying library. */
  readonly escape: (value: unknown, options?: EscapeOptions) => string
  /** Fills `?` and `??` with arrays, objects and names as the library does; for texts that cannot be planned before. */
  readonly format: (sql: string, values: readonly unknown[], options?: EscapeOptions) => string
  /** Reads the OK packet of a write; `undefined` for rows. */
  readonly readWrite: (rows: unknown) => WriteResult | undefined
  /** Asks how far the server's own log is, after a write that did not tell; `undefined` when it keeps none. */
  readonly readPosition: (connection: DriverConnection, callback: PositionCallback) => void
  /** Asks how far a replica has followed its primary; `undefined` when it cannot tell. */
  readonly readReplicaPosition: (connection: DriverConnection, callback: PositionCallback) => void
  /** True when the connection is of no further use after this error. */
  readonly isFatal: (error: unknown) => boolean
}

export type PositionCallback = (position: string | undefined) => void

/** What decides how a literal is written; must be the connection's own. Default: `local`, and backslashes escape. */
export interface EscapeOptions {
  readonly timezone?: string
  readonly modes?: SqlModes
}

export interface ConnectOptions {
  /** Logical databases an SQLite connection must attach; ignored by servers. */
  readonly databases: readonly string[]
  /** Options of the library that hold for a whole connection (`flags`, `supportBigNumbers`, `jsonStrings` …). */
  readonly library?: object
}

export type ConnectCallback = (error: unknown, connection?: DriverConnection) => void

/** What a server said about itself when the connection was made. */
export interface ServerFacts {
  readonly version: string
  readonly modes: SqlModes
  readonly isReadOnly: boolean
  /** False when the server accepts a key out of range by changing it. */
  readonly isStrict: boolean
}

export interface DriverConnection {
  /** The server's number for this connection, for KILL; 0 when there is none. */
  readonly threadId: number
  readonly facts: ServerFacts
  /** Signature of the session settings in force; pools keep it. Empty: as connected. */
  settings: string
  readonly run: (request: DriverRequest, callback: ResultCallback) => void
  /**
   * Reads row by row. The last `rawCount` columns are kept out of the rows and told as they are, whatever the
   * options of the request; `all`: there is nothing but raw columns. The request has no command.
   */
  readonly readRows: (request: DriverRequest, rawCount: number | 'all', listener: RowListener) => RowReading
  /**
   * Asks the server to give up the statement that runs, over a connection beside this one, and calls back when
   * the server has answered or cannot be reached. The statement then ends with an error, or has ended before.
   */
  readonly cancel: (callback: () => void) => void
  /** Back to the state after connect: session variables, user variables, temporary tables, prepared statements. */
  readonly reset: (callback: (error: unknown) => void) => void
  /** Closes in an orderly way. */
  readonly end: (callback: () => void) => void
  /** Cuts the socket at once. */
  readonly destroy: () => void
  /** Called once when the connection breaks, whether a statement is running or not. */
  readonly onLost: (listener: (error: unknown) => void) => void
}

/** Statement text cut at its markers: `segments.length` is the number of markers plus one. */
export interface SqlText {
  readonly segments: readonly string[]
  /** The segments joined by `?`. */
  readonly sql: string
}

export interface DriverRequest {
  /** A plain string goes as it is, with values filled in by the library. */
  readonly text: SqlText | string
  readonly values: readonly unknown[]
  /** `prepared` uses the binary protocol. */
  readonly protocol: 'text' | 'prepared'
  /** The library's options for one query (`rowsAsArray`, `typeCast`, `nestTables` …), passed on untouched. */
  readonly options?: object | undefined
  /**
   * The library's own command object, made by the facade before the shard was known. The driver sets
   * its text and runs it; its own callback and events serve the caller.
   */
  readonly command?: object | undefined
  /** A text that will not come again: a prepared statement of it is closed, not kept. Default false. */
  readonly isOnce?: boolean
}

/** `rows` and `fields` in the library's own form: an array of rows, or its OK packet. */
export type ResultCallback = (error: unknown, rows?: unknown, fields?: unknown) => void

/** What an OK packet tells. */
export interface WriteResult {
  readonly affectedRows: number
  readonly insertId: number | bigint | string
  /** GTID of the write, when the server reports it. */
  readonly position?: string
}
