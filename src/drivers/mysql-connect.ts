import { defaultPreparedStatementLimit } from '../topology/connection-options.ts'
import type { Endpoint } from '../topology/topology.ts'
import type { ConnectOptions, DriverConnection, ServerFacts } from './driver.ts'
import { MysqlConnection } from './mysql-connection.ts'
import { createRowMaker } from './mysql-made-rows.ts'
import type { MysqlHandle, MysqlLibrary } from './mysql-library.ts'
import { createMysqlWriter } from './mysql-text.ts'
import { type FactsRow, factsQuery, readFacts, readFlavour, trackingAssignment } from './server-flavour.ts'
import { quoteName } from '../sql/quote-name.ts'

type Opened = (error: unknown, connection?: DriverConnection) => void

/**
 * Opens a connection in two round trips after the hand-shake: one SET for all settings, one SELECT for
 * all facts. Errors are the library's own, but for SHERD_SERVER_MODE.
 */
export function openMysqlConnection(
  library: MysqlLibrary,
  endpoint: Endpoint,
  options: ConnectOptions,
  callback: Opened,
): void {
  const open = (): MysqlHandle => library.createConnection(createOptions(endpoint, options))
  const handle = open()
  let isDone = false
  const finish: Opened = (error, connection) => {
    if (isDone) return
    isDone = true
    handle.removeListener('error', fail)
    options.signal?.removeEventListener('abort', giveUp)
    if (connection === undefined) discard(handle)
    callback(error, connection)
  }
  const fail = (error: unknown): void => finish(error)
  const giveUp = (): void => finish(new Error('The attempt to connect was given up.'))
  handle.on('error', fail)
  options.signal?.addEventListener('abort', giveUp)
  handle.once('connect', (handshake: { readonly serverVersion: string }) => {
    const flavour = readFlavour(handshake.serverVersion)
    const tracking = trackingAssignment(flavour)
    const { sqlMode } = endpoint.options
    const assignments = sqlMode === undefined ? tracking : `${assignSqlMode(library, sqlMode)}, ${tracking}`
    // connectTimeout ends with the hand-shake; a server that hangs after it must not hold the caller.
    const timeout = endpoint.options.connectTimeoutMs
    handle.query({ sql: `SET ${assignments}`, timeout }, (error) => {
      if (error) finish(error)
    })
    handle.query(
      { sql: factsQuery(flavour), timeout, typeCast: true, rowsAsArray: false, nestTables: false },
      (error, rows) => {
        if (error) return finish(error)
        try {
          // One row, as factsQuery asks.
          const row = (rows as readonly [FactsRow])[0]
          finish(null, build(library, endpoint, handle, row, tracking, open))
        } catch (refusal) {
          finish(refusal)
        }
      },
    )
  })
}

function build(
  library: MysqlLibrary,
  endpoint: Endpoint,
  handle: MysqlHandle,
  row: FactsRow,
  tracking: string,
  openBeside: () => MysqlHandle,
): MysqlConnection {
  const facts: ServerFacts = readFacts(row, endpoint.id)
  // COM_RESET_CONNECTION drops the character set of the hand-shake, and IGNORE_SPACE, which mysql2's flags
  // had put into sql_mode (seen on MariaDB 10.11): everything is set to what it was.
  const again = `SET NAMES utf8mb4 COLLATE ${row.collation}, ${assignSqlMode(library, row.sqlMode)}, ${tracking}`
  const use = endpoint.database === undefined ? [] : [`USE ${quoteName(endpoint.database, 'mysql')}`]
  return new MysqlConnection({
    endpoint,
    handle,
    facts,
    writer: createMysqlWriter(library, { timezone: endpoint.options.timezone, modes: facts.modes }),
    makeRows: createRowMaker(library, handle.config),
    createQuery: (text, callback) => library.createQuery(text, undefined, callback, handle.config),
    setUp: [again, ...use],
    openBeside,
    besideTimeoutMs: endpoint.options.connectTimeoutMs,
  })
}

/** A list of modes has no backslash, so either way of escaping is right. */
function assignSqlMode(library: MysqlLibrary, sqlMode: string): string {
  return `sql_mode = ${library.escape(sqlMode, false, 'local', {})}`
}

function discard(handle: MysqlHandle): void {
  handle.on('error', () => undefined)
  handle.stream.destroy()
}

function createOptions(endpoint: Endpoint, options: ConnectOptions): object {
  return {
    ...options.library,
    charset: 'UTF8MB4_UNICODE_CI',
    host: endpoint.host,
    port: endpoint.port,
    user: endpoint.user(),
    password: endpoint.password(),
    timezone: endpoint.options.timezone,
    maxPreparedStatements: endpoint.options.preparedStatementLimit ?? defaultPreparedStatementLimit,
    connectTimeout: endpoint.options.connectTimeoutMs,
    ...(endpoint.database === undefined ? {} : { database: endpoint.database }),
    ...tlsOptions(endpoint.options.tls),
  }
}

// One object each for the whole process: mysql2 caches the TLS context and session by the object.
const anyCertificate = { ssl: { rejectUnauthorized: false } }
const verifiedCertificate = { ssl: { rejectUnauthorized: true, verifyIdentity: true } }

function tlsOptions(tls: Endpoint['options']['tls']): object {
  switch (tls) {
    case 'off':
      return {}
    case 'required':
      return anyCertificate
    case 'verify':
      return verifiedCertificate
  }
}
