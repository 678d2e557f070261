import type { Driver, DriverConnection } from '../drivers/driver.ts'
import { readFlavour, type ServerFlavour } from '../drivers/server-flavour.ts'
import type { Endpoint, Server } from '../topology/topology.ts'
import type { TextRow } from '../drivers/text-rows.ts'
import { readTexts } from './ask-endpoint.ts'
import { type Grant, readGrants } from './grants.ts'
import { readMysqlDatabases } from '../schema/mysql-tables.ts'
import type { ClockFacts, EndpointFacts, ReplicationSource } from './server-facts.ts'
import { microsecondsNow } from '../locks/database-texts.ts'

export interface MysqlQuestion {
  readonly driver: Driver
  readonly server: Server
  readonly endpoint: Endpoint
  /** Whose tables are read; none of a replica. */
  readonly databases: readonly string[]
  /** This machine's clock, milliseconds since 1970. */
  readonly now: () => number
}

/** Variables that decide something; a server leaves out those that it does not know. */
const names =
  `read_only super_read_only server_id gtid_domain_id log_bin log_slave_updates log_replica_updates gtid_mode
  gtid_slave_pos sql_mode session_track_system_variables session_track_gtids max_connections max_prepared_stmt_count
  innodb_lock_wait_timeout wait_timeout lower_case_table_names time_zone`.split(/\s+/)

/** Asks a server everything that is judged. MySQL's words are from its manual, 8.0 and 8.4, and untested. */
export async function readMysqlServer(
  connection: DriverConnection,
  { driver, server, endpoint, databases, now }: MysqlQuestion,
): Promise<EndpointFacts> {
  const ask = (text: string): Promise<readonly TextRow[]> => readTexts(connection, text)
  const flavour = readFlavour(connection.facts.version)
  const list = names.map((name) => `'${name}'`).join(', ')
  const variables = await ask(`SHOW SESSION VARIABLES WHERE Variable_name IN (${list})`)
  const clock = await readClock(connection, now)
  const [place] = await ask(
    `SELECT CONCAT_WS('/', @@hostname, @@port, @@server_id, @@datadir) AS identity, TIMESTAMPDIFF(SECOND, UTC_TIMESTAMP(), NOW()) AS off, IF(@@time_zone = 'SYSTEM', CONCAT('SYSTEM ', @@system_time_zone), @@time_zone) AS zone, CONVERT_TZ('2025-01-01', 'UTC', 'Europe/Berlin') IS NOT NULL AS knows`,
  )
  const shown = await ask('SHOW DATABASES')
  return {
    server,
    endpoint,
    flavour,
    connection: connection.facts,
    variables: new Map(
      variables.map((row) => [(row['Variable_name'] ?? '').toLowerCase(), row['Value'] ?? '']),
    ),
    identity: place?.['identity'] ?? endpoint.address,
    clock,
    zone: {
      offsetSeconds: Number(place?.['off']),
      name: place?.['zone'] ?? '',
      knowsNames: place?.['knows'] === '1',
    },
    grants: await askGrants(connection, flavour),
    sources: await readSources(connection, flavour),
    databaseNames: new Set(shown.map((row) => Object.values(row)[0] ?? '')),
    databases: await readMysqlDatabases(ask, databases, (value) => driver.escape(value)),
  }
}

/** The better of two questions: the first may pay for something that the connection had to make ready. */
async function readClock(connection: DriverConnection, now: () => number): Promise<ClockFacts> {
  let best: ClockFacts = { aheadMs: 0, withinMs: Infinity }
  for (let round = 0; round < 2; round++) {
    const before = now()
    const [row] = await readTexts(connection, `SELECT ${microsecondsNow} AS now`)
    const withinMs = (now() - before) / 2
    if (withinMs < best.withinMs)
      best = { aheadMs: Number(row?.['now']) / 1_000 - (before + withinMs), withinMs }
  }
  return best
}

async function askGrants(
  connection: DriverConnection,
  flavour: ServerFlavour,
): Promise<readonly Grant[] | undefined> {
  const rows = await readTexts(connection, 'SHOW GRANTS')
  return readGrants(
    rows.map((row) => Object.values(row)[0] ?? ''),
    flavour,
  )
}

/** Undefined when the user may not see it: SLAVE MONITOR in MariaDB, REPLICATION CLIENT in MySQL (error 1227). */
async function readSources(
  connection: DriverConnection,
  flavour: ServerFlavour,
): Promise<readonly ReplicationSource[] | undefined> {
  try {
    const text = flavour === 'mariadb' ? 'SHOW ALL SLAVES STATUS' : 'SHOW REPLICA STATUS'
    return (await readTexts(connection, text)).map(readSource)
  } catch (error) {
    if (typeof error === 'object' && error !== null && 'errno' in error && error.errno === 1227)
      return undefined
    throw error
  }
}

/** The texts of errors may quote rows, so the numbers alone are kept. */
function readSource(row: TextRow): ReplicationSource {
  const numbers = [row['Last_IO_Errno'], row['Last_SQL_Errno']]
  return {
    serverId: row['Master_Server_Id'] ?? row['Source_Server_Id'] ?? '',
    isReading: (row['Slave_IO_Running'] ?? row['Replica_IO_Running']) === 'Yes',
    isApplying: (row['Slave_SQL_Running'] ?? row['Replica_SQL_Running']) === 'Yes',
    errorNumbers: numbers.filter((one) => one !== undefined && one !== '0').map(String),
    usesGtid: (row['Using_Gtid'] ?? 'No') !== 'No' || row['Auto_Position'] === '1',
  }
}
