import { SherdError } from '../errors/sherd-error.ts'
import type { SqlModes } from '../sql/modes.ts'
import type { ServerFacts } from './driver.ts'

/*
 * All that differs between MariaDB and MySQL 8 on a connection. MariaDB 10.11 is measured;
 * MySQL 8 is from its manual and untested.
 */

export type ServerFlavour = 'mariadb' | 'mysql'

/** MariaDB's hand-shake says `5.5.5-10.11.19-MariaDB…`, MySQL's `8.0.36`. */
export function readFlavour(version: string): ServerFlavour {
  return version.toLowerCase().includes('mariadb') ? 'mariadb' : 'mysql'
}

/**
 * Assignments of a new connection that make OK packets carry the position of a write.
 * MariaDB: https://mariadb.com/kb/en/session_track_system_variables/ · MySQL: `session_track_gtids`, both unprivileged.
 */
export function trackingAssignment(flavour: ServerFlavour): string {
  return flavour === 'mariadb'
    ? "session_track_system_variables = CONCAT(@@session_track_system_variables, ',last_gtid')"
    : "session_track_gtids = 'OWN_GTID'"
}

/** One row with what ServerFacts needs. MySQL's `gtid_mode` is OFF by default: then no position is ever known. */
export function factsQuery(flavour: ServerFlavour): string {
  return (
    'SELECT @@version AS version, @@sql_mode AS sqlMode, @@read_only AS isReadOnly,' +
    ' @@character_set_client AS charset, @@collation_connection AS collation,' +
    ` ${replicaPosition(flavour)} AS position`
  )
}

export interface FactsRow {
  readonly version: string
  readonly sqlMode: string
  readonly isReadOnly: number
  readonly charset: string
  readonly collation: string
  readonly position: string
}

/** Modes that change the grammar itself: https://mariadb.com/kb/en/sql-mode/ (MYSQL323 and MYSQL40 do not). */
const foreignGrammars = ['ORACLE', 'MSSQL', 'DB2', 'POSTGRESQL', 'MAXDB']

/** The facts of a server, or SHERD_SERVER_MODE when statements to it could be misread. */
export function readFacts(row: FactsRow, endpointId: string): ServerFacts {
  const modes = new Set(row.sqlMode.toUpperCase().split(','))
  const foreign = foreignGrammars.find((mode) => modes.has(mode))
  if (foreign !== undefined) {
    throw new SherdError('SHERD_SERVER_MODE', {
      message: `Server ${endpointId} has ${foreign} in its sql_mode, a grammar sherd does not read.`,
      details: { server: endpointId },
    })
  }
  if (row.charset !== 'utf8mb4') {
    throw new SherdError('SHERD_SERVER_MODE', {
      message: `Server ${endpointId} forces the character set ${row.charset} on the connection instead of utf8mb4.`,
      remedy:
        'Remove init_connect or skip-character-set-client-handshake from this server, or set its default to utf8mb4.',
      details: { server: endpointId },
    })
  }
  return {
    version: row.version,
    modes: readModes(modes),
    isReadOnly: row.isReadOnly !== 0,
    ...(row.position === '' ? {} : { position: row.position }),
    isStrict: modes.has('STRICT_TRANS_TABLES') || modes.has('STRICT_ALL_TABLES') || modes.has('TRADITIONAL'),
  }
}

/** What a `sql_mode` means for reading texts. ANSI is a combination: the server lists its parts too, but an old one may not. */
export function readModes(modes: ReadonlySet<string>): SqlModes {
  const isAnsi = modes.has('ANSI')
  return {
    dialect: 'mysql',
    ansiQuotes: isAnsi || modes.has('ANSI_QUOTES'),
    pipesAsConcat: isAnsi || modes.has('PIPES_AS_CONCAT'),
    noBackslashEscapes: modes.has('NO_BACKSLASH_ESCAPES'),
    highNotPrecedence: modes.has('HIGH_NOT_PRECEDENCE'),
    ignoreSpace: isAnsi || modes.has('IGNORE_SPACE'),
  }
}

/** What this server has written to its own log; covers every write it has acknowledged. */
export function ownPositionQuery(flavour: ServerFlavour): string {
  return flavour === 'mariadb'
    ? 'SELECT @@GLOBAL.gtid_binlog_pos AS position'
    : 'SELECT @@GLOBAL.gtid_executed AS position'
}

/** What a replica has applied of its primary's log. `Seconds_Behind_Master` says 0 when the primary hangs. */
export function replicaPositionQuery(flavour: ServerFlavour): string {
  return `SELECT ${replicaPosition(flavour)} AS position`
}

function replicaPosition(flavour: ServerFlavour): string {
  return flavour === 'mariadb' ? '@@GLOBAL.gtid_slave_pos' : '@@GLOBAL.gtid_executed'
}

/**
 * One row with `answer` 0 when the replica has `position`, a literal of GTIDs, within the time. Unprivileged. MariaDB:
 * https://mariadb.com/kb/en/master_gtid_wait/ · MySQL: WAIT_FOR_EXECUTED_GTID_SET, which does not take domains.
 */
export function waitQuery(flavour: ServerFlavour, position: string, timeoutMs: number): string {
  const call = flavour === 'mariadb' ? 'MASTER_GTID_WAIT' : 'WAIT_FOR_EXECUTED_GTID_SET'
  return `SELECT ${call}('${position}', ${timeoutMs / 1_000}) AS answer`
}

/** Every connection of the user, with the privilege PROCESS those of all: `Id`, and `Command`, which is Sleep for one at rest. */
export const threadsQuery = 'SHOW PROCESSLIST'

/** The part of mysql2's OK packet that the server's session tracking fills. */
export interface StateChanges {
  readonly systemVariables?: { readonly last_gtid?: string }
  readonly gtids?: readonly string[]
}

/** The position of a write from its OK packet: MariaDB's `last_gtid`, MySQL's tracked GTIDs. */
export function readTrackedPosition(changes: StateChanges | undefined): string | undefined {
  if (changes === undefined) return undefined
  const lastGtid = changes.systemVariables?.last_gtid
  if (lastGtid !== undefined && lastGtid !== '') return lastGtid
  return changes.gtids !== undefined && changes.gtids.length > 0 ? changes.gtids.join(',') : undefined
}
