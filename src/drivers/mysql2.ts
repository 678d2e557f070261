import { SherdError } from '../errors/sherd-error.ts'
import type { Endpoint } from '../topology/topology.ts'
import type {
  ConnectCallback,
  ConnectOptions,
  Driver,
  DriverConnection,
  PositionCallback,
  WriteResult,
} from './driver.ts'
import { loadPeer } from '../errors/load-peer.ts'
import { explainConnectError } from './mysql-connect-error.ts'
import { openMysqlConnection } from './mysql-connect.ts'
import { isFatalMysqlError, isLostMysqlConnection } from './mysql-errors.ts'
import type { MysqlCallback, MysqlCommand, MysqlField, MysqlLibrary } from './mysql-library.ts'
import { describeColumn } from './mysql-raw-columns.ts'
import { createMysqlWriter } from './mysql-text.ts'
import {
  type StateChanges,
  ownPositionQuery,
  readFlavour,
  readTrackedPosition,
  replicaPositionQuery,
  threadsQuery,
  waitQuery,
} from './server-flavour.ts'

/** What only mysql2 has. */
export interface MysqlExtras {
  readonly dialect: 'mysql'
  /**
   * A real `Query` of mysql2 that is not sent yet: the facade gives it to the caller at once and to
   * `run` later, as `command`, for either protocol. `.stream()` works before it is sent.
   */
  readonly createCommand: (
    sql: string | object,
    values: unknown,
    callback: MysqlCallback | undefined,
  ) => MysqlCommand
}

export type MysqlDriver = Driver & MysqlExtras

/** Loads mysql2 and makes the driver. SHERD_PEER_MISSING when it is not installed. */
export async function loadMysqlDriver(): Promise<MysqlDriver> {
  const loaded = await loadPeer('mysql2', '^3.24.6', () => import('mysql2'))
  // mysql2 is CommonJS: its exports are on `default`. The shape is the one read in its source, see mysql-library.ts.
  return createMysqlDriver((loaded as { readonly default: MysqlLibrary }).default)
}

/** The driver over a mysql2 that is loaded already. */
export function createMysqlDriver(library: MysqlLibrary): MysqlDriver {
  const plain = createMysqlWriter(library)
  return {
    dialect: 'mysql',
    connect: (endpoint, options, callback) => connect(library, endpoint, options, callback),
    escape: (value, options) =>
      (options === undefined ? plain : createMysqlWriter(library, options)).escape(value),
    format: (sql, values, options) =>
      (options === undefined ? plain : createMysqlWriter(library, options)).format(sql, values),
    // Fields of mysql2 are an array of its ColumnDefinition.
    describeFields: (fields) =>
      (fields as readonly MysqlField[]).map((field) => describeColumn(field, 'text')),
    readWrite,
    readPosition: (connection, callback) =>
      readPosition(connection, ownPositionQuery(readFlavour(connection.facts.version)), callback),
    readReplicaPosition: (connection, callback) =>
      readPosition(connection, replicaPositionQuery(readFlavour(connection.facts.version)), callback),
    waitForPosition,
    readBusyThreads,
    isConnectionLost: isLostMysqlConnection,
    isFatal: isFatalMysqlError,
    createCommand: (sql, values, callback) => library.createQuery(sql, values, callback, {}),
  }
}

function connect(
  library: MysqlLibrary,
  endpoint: Endpoint,
  options: ConnectOptions,
  callback: ConnectCallback,
): void {
  if (endpoint.options.charset !== 'utf8mb4') {
    const error = new SherdError('SHERD_SERVER_MODE', {
      message: `Server ${endpoint.id} is configured for the character set ${endpoint.options.charset}, not utf8mb4.`,
      remedy: 'Leave options.charset out, or set it to utf8mb4.',
      details: { server: endpoint.id },
    })
    return queueMicrotask(() => callback(error))
  }
  openMysqlConnection(library, endpoint, options, (error, connection) => {
    if (connection === undefined) callback(explainConnectError(error, endpoint))
    else callback(null, connection)
  })
}

/** mysql2's ResultSetHeader, the fields that count here. */
interface OkPacket {
  readonly affectedRows: number
  readonly insertId: number | bigint | string
  readonly serverStatus?: number
  readonly stateChanges?: StateChanges
}

/** SERVER_STATUS_IN_TRANS of the protocol's status flags. */
const inTransaction = 1

function isOkPacket(rows: unknown): rows is OkPacket {
  return typeof rows === 'object' && rows !== null && 'affectedRows' in rows && 'insertId' in rows
}

function readWrite(rows: unknown): WriteResult | undefined {
  if (Array.isArray(rows) || !isOkPacket(rows)) return undefined
  const { affectedRows, insertId, serverStatus } = rows
  const position = readTrackedPosition(rows.stateChanges)
  return {
    affectedRows,
    insertId,
    ...(position === undefined ? {} : { position }),
    ...(serverStatus === undefined ? {} : { isInTransaction: (serverStatus & inTransaction) !== 0 }),
  }
}

function waitForPosition(
  connection: DriverConnection,
  position: string,
  timeoutMs: number,
  callback: (isReached: boolean) => void,
): void {
  const text = waitQuery(readFlavour(connection.facts.version), position, timeoutMs)
  connection.run({ text, values: [], protocol: 'text' }, (error, rows) => {
    // One row with one column, as the query above asks.
    callback(!error && (rows as readonly { readonly answer: unknown }[])[0]?.answer === 0)
  })
}

/** Behind a proxy the numbers of connections are the proxy's own: this connection then does not find itself. */
function readBusyThreads(
  connection: DriverConnection,
  callback: (threads: ReadonlySet<number> | undefined) => void,
): void {
  connection.run({ text: threadsQuery, values: [], protocol: 'text' }, (error, rows) => {
    if (error) return callback(undefined)
    // The columns of SHOW PROCESSLIST.
    const threads = rows as readonly { readonly Id: unknown; readonly Command: unknown }[]
    const isGenuine = threads.some(({ Id }) => Number(Id) === connection.threadId)
    const busy = threads.filter(({ Command }) => Command !== 'Sleep')
    callback(isGenuine ? new Set(busy.map(({ Id }) => Number(Id))) : undefined)
  })
}

function readPosition(connection: DriverConnection, text: string, callback: PositionCallback): void {
  connection.run({ text, values: [], protocol: 'text' }, (error, rows) => {
    if (error) return callback(undefined)
    // One row with one column, as the query above asks.
    const position = (rows as readonly { readonly position: unknown }[])[0]?.position
    callback(typeof position === 'string' && position !== '' ? position : undefined)
  })
}
