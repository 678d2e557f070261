import type { SqlModes } from '../sql/modes.ts'
import type { Endpoint } from '../topology/topology.ts'
import type { RawColumn, RawRow, RowListener, RowReading } from './raw-rows.ts'

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
  /** What the fields of a result, in the library's own form, say of its columns. */
  readonly describeFields: (fields: unknown) => readonly RawColumn[]
  /** Reads the OK packet of a write; `undefined` for rows. */
  readonly readWrite: (rows: unknown) => WriteResult | undefined
  /** Asks how far the server's own log is, after a write that did not tell; `undefined` when it keeps none. */
  readonly readPosition: (connection: DriverConnection, callback: PositionCallback) => void
  /** Asks how far a replica has followed its primary; `undefined` when it cannot tell. */
  readonly readReplicaPosition: (connection: DriverConnection, callback: PositionCallback) => void
  /** Lets a replica wait until it has `position`; false when it has not after `timeoutMs`, or cannot tell. */
  readonly waitForPosition: (
    connection: DriverConnection,
    position: string,
    timeoutMs: number,
    callback: (isReached: boolean) => void,
  ) => void
  /** Asks a server which of this user's connections it works for, by `threadId`; `undefined` when it does not tell. */
  readonly readBusyThreads: (
    connection: DriverConnection,
    callback: (threads: ReadonlySet<number> | undefined) => void,
  ) => void
  /**
   * True when the connection broke, or its server went down, under a statement: a read may be sent to another
   * server. Not when the statement was killed or its own time ran out; a killed connection looks like a lost one.
   */
  readonly isConnectionLost: (error: unknown) => boolean
  /** True when the connection is of no further use after this error. */
  readonly isFatal: (error: unknown) => boolean
}

export type PositionCallback = (position: string | undefined) => void

/** What decides how a literal is written; must be the connection's own. Default: `local`, and backslashes escape. */
export interface EscapeOptions {
  readonly timezone?: string
  readonly modes?: SqlModes
  /** Objects are written as their own text, not as assignments `name = value`. Default false. */
  readonly stringifyObjects?: boolean
}

export interface ConnectOptions {
  /** Logical databases an SQLite connection must attach; ignored by servers. */
  readonly databases: readonly string[]
  /** Options of the library that hold for a whole connection (`flags`, `supportBigNumbers`, `jsonStrings` …). */
  readonly library?: object
  /** Ends an attempt that is under way. One that is over already is left alone. */
  readonly signal?: AbortSignal
}

export type ConnectCallback = (error: unknown, connection?: DriverConnection) => void

/** What a server said about itself when the connection was made. */
export interface ServerFacts {
  readonly version: string
  readonly modes: SqlModes
  readonly isReadOnly: boolean
  /** False when the server accepts a key out of range by changing it. */
  readonly isStrict: boolean
  /** How far it had followed a primary; absent when it follows none, or does not tell. */
  readonly position?: string
}

/**
 * Makes rows in the library's own form of values as a server tells them in its text protocol, with these fields, which
 * belong to the callback then, and the library's options for one query.
 */
export type RowMaker = (
  fields: readonly object[],
  rows: readonly RawRow[],
  options: object | undefined,
  callback: ResultCallback,
) => void

export interface DriverConnection {
  /** Where it leads. */
  readonly endpoint: Endpoint
  /** The server's number for this connection, for KILL; 0 when there is none. */
  readonly threadId: number
  readonly facts: ServerFacts
  /** Rows wait in the socket until their reader takes more. */
  readonly isPaused: boolean
  /** The default database in force; engine/use-database.ts keeps it. */
  database: string | undefined
  /** Signature of the session settings in force; pools keep it. Empty: as connected. */
  settings: string
  readonly run: (request: DriverRequest, callback: ResultCallback) => void
  /**
   * Reads row by row. The last `rawCount` columns are kept out of the rows and told as they are, whatever the
   * options of the request; `all`: there is nothing but raw columns. The request has no command.
   */
  readonly readRows: (request: DriverRequest, rawCount: number | 'all', listener: RowListener) => RowReading
  /** Makes rows as this connection would; needs it no longer. Absent where every row comes from the library. */
  readonly makeRows?: RowMaker
  /** Back to the state after connect: session variables, user variables, temporary tables, prepared statements. */
  readonly reset: (callback: (error: unknown) => void) => void
  /**
   * Asks the server, over another connection, to end the statement that runs here; the connection stays. Calls back
   * when the server was told or could not be. Nothing to do for SQLite, whose statements run to their end at once.
   */
  readonly cancel: (callback: () => void) => void
  /** Closes in an orderly way. */
  readonly end: (callback: () => void) => void
  /** Cuts the socket at once. */
  readonly destroy: () => void
  /** Called once when the connection breaks, whether a statement is running or not. */
  readonly onLost: (listener: (error: unknown) => void) => void
  /** Called with each error by which the server says what is wrong with itself, before whoever sent the statement hears of it. */
  readonly onFault: (listener: (fault: ServerFault) => void) => void
}

/**
 * What a server says of itself when it refuses a statement that is right. `read-only`: it takes no writes, as after a
 * demotion. `full`: it has no room for the data, no memory, or no connection left.
 */
export type ServerFault = 'read-only' | 'full'

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
  /**
   * For a read that its sender can run again elsewhere: called in place of the callback, and of the events of
   * `command`, when the connection was lost before a row was delivered.
   */
  readonly onLost?: ((error: unknown) => void) | undefined
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
  /** Whether a transaction is open on the connection now, when the server reports it. */
  readonly isInTransaction?: boolean
}
