import { mkdirSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { SherdError } from '../errors/sherd-error.ts'
import type { Endpoint } from '../topology/topology.ts'
import type { ConnectOptions, Driver, WriteResult } from './driver.ts'
import { loadPeer } from '../errors/load-peer.ts'
import { SqliteConnection, type SqliteWrite, describeColumn } from './sqlite-connection.ts'
import type { SqliteColumn, SqliteHandle, SqliteLibrary } from './sqlite-library.ts'
import { formatSqlite } from './sqlite-text.ts'
import { writeLiteral } from './sqlite-values.ts'
import { quoteName } from '../sql/quote-name.ts'

const memory = ':memory:'
/** SQLITE_MAX_ATTACHED of libsql's build, measured; only a build of SQLite can raise it. */
const maxAttached = 10
/** Longest wait for another process that writes the same file. Short: the wait blocks the event loop. */
const busyTimeoutMs = 200

/** Loads libsql and makes the driver. SHERD_PEER_MISSING when it is not installed; why libsql: docs/decisions/001. */
export async function loadSqliteDriver(): Promise<Driver> {
  const loaded = await loadPeer('libsql', '^0.5.29', () => import('libsql'))
  // libsql is CommonJS: its class is on `default`. The shape is the one read in its source, see sqlite-library.ts.
  return createSqliteDriver((loaded as { readonly default: SqliteLibrary }).default)
}

function createSqliteDriver(library: SqliteLibrary): Driver {
  return {
    dialect: 'sqlite',
    connect: (endpoint, options, callback) => {
      let connection: SqliteConnection
      try {
        connection = open(library, endpoint, options)
      } catch (error) {
        queueMicrotask(() => callback(error))
        return
      }
      queueMicrotask(() => callback(null, connection))
    },
    escape: (value) => writeLiteral(value),
    format: formatSqlite,
    // Only SqliteConnection makes fields here.
    describeFields: (fields) => (fields as readonly SqliteColumn[]).map(describeColumn),
    readWrite,
    readPosition: (_connection, callback) => queueMicrotask(() => callback(undefined)),
    readReplicaPosition: (_connection, callback) => queueMicrotask(() => callback(undefined)),
    waitForPosition: (_connection, _position, _timeoutMs, callback) => queueMicrotask(() => callback(false)),
    readBusyThreads: (_connection, callback) => queueMicrotask(() => callback(undefined)),
    isConnectionLost: () => false,
    isFatal: () => false,
  }
}

function readWrite(rows: unknown): WriteResult | undefined {
  if (typeof rows !== 'object' || rows === null || !('lastInsertRowid' in rows) || Array.isArray(rows))
    return undefined
  // Only SqliteConnection makes objects with this name here.
  const { affectedRows, insertId } = rows as SqliteWrite
  return { affectedRows, insertId }
}

/**
 * A server of a shard group is an empty database in memory with each logical shard attached under its
 * own name, so that `"product_3"."orders"` means the same as on a MySQL server. An unsharded database
 * is its own file.
 */
function open(library: SqliteLibrary, endpoint: Endpoint, options: ConnectOptions): SqliteConnection {
  const { databases } = options
  if (databases.length > maxAttached) {
    throw new SherdError('SHERD_SQLITE_SHARDS', {
      message: `Server ${endpoint.id} has ${databases.length} logical shards; SQLite attaches at most ${maxAttached}.`,
      details: { server: endpoint.id },
    })
  }
  const isAttaching = databases.length > 0
  let handle: SqliteHandle | undefined
  try {
    if (endpoint.address !== memory)
      mkdirSync(isAttaching ? endpoint.address : dirname(endpoint.address), { recursive: true })
    handle = new library(isAttaching ? memory : endpoint.address, { timeout: busyTimeoutMs })
    if (!isAttaching && endpoint.address !== memory) handle.exec('PRAGMA journal_mode = WAL')
    for (const database of databases) attach(handle, endpoint.address, database)
    handle.exec('PRAGMA foreign_keys = ON')
    return new SqliteConnection(endpoint, handle, readVersion(handle))
  } catch (cause) {
    handle?.close()
    throw new SherdError('SHERD_SERVER_UNREACHABLE', {
      message: `SQLite server ${endpoint.id} at ${endpoint.address} cannot be opened.`,
      remedy:
        'Check that the folder exists or may be made, that it may be written, and that its files are SQLite databases.',
      details: { server: endpoint.id },
      cause,
    })
  }
}

function attach(handle: SqliteHandle, folder: string, database: string): void {
  const name = quoteName(database, 'sqlite')
  const path = folder === memory ? memory : join(folder, `${database}.db`)
  handle.exec(`ATTACH ${writeLiteral(path)} AS ${name}`)
  if (folder !== memory) handle.exec(`PRAGMA ${name}.journal_mode = WAL`)
}

function readVersion(handle: SqliteHandle): string {
  return String(handle.prepare('SELECT sqlite_version()').raw(true).all([])[0]?.[0])
}
