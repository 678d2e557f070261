import type { DriverConnection } from '../drivers/driver.ts'
import type { SqlDialect } from '../sql/modes.ts'
import type { LogicalShard } from '../topology/topology.ts'

/** Reference tables in lower case by the name of the logical shard where their copy is filled. */
export type CompleteCopies = ReadonlyMap<string, ReadonlySet<string>>

type Callback = (error: unknown, complete?: CompleteCopies) => void

/** The table in each logical database in which src/reference says how far its copies are. */
const statusTable = 'sherd_reference_status'

/**
 * Asks a connection which copies are filled on these logical shards of its server: first which of them have a status table,
 * because a table that is not there would be an error, then all of these in one statement.
 */
export function askCompleteCopies(
  connection: DriverConnection,
  dialect: SqlDialect,
  shards: readonly LogicalShard[],
  callback: Callback,
): void {
  const names = shards.map(({ name }) => name)
  ask(connection, listText(dialect, names), (error, found) => {
    if (found === undefined) return callback(error)
    const told = new Set(found.map(({ shard }) => shard))
    const present = names.filter((name) => told.has(name))
    if (present.length === 0) return callback(null, new Map())
    ask(connection, statusText(present), (failure, rows) =>
      rows === undefined ? callback(failure) : callback(null, groupByShard(rows)),
    )
  })
}

function listText(dialect: SqlDialect, shards: readonly string[]): string {
  if (dialect === 'mysql')
    return `SELECT TABLE_SCHEMA AS shard FROM information_schema.TABLES WHERE TABLE_NAME = '${statusTable}'`
  return shards
    .map((name) => `SELECT '${name}' AS shard FROM \`${name}\`.sqlite_master WHERE name = '${statusTable}'`)
    .join(' UNION ALL ')
}

function statusText(shards: readonly string[]): string {
  return shards
    .map(
      (name) =>
        `SELECT '${name}' AS shard, table_name AS copied FROM \`${name}\`.${statusTable} WHERE is_complete = 1`,
    )
    .join(' UNION ALL ')
}

interface Row {
  readonly shard: string
  readonly copied: string
}

function ask(
  connection: DriverConnection,
  text: string,
  callback: (error: unknown, rows?: readonly Row[]) => void,
): void {
  connection.run({ text, values: [], protocol: 'text' }, (error, rows) => {
    if (error) return callback(error)
    // The columns of the texts above; the first text has no `copied`, and nobody looks for it there.
    callback(null, rows as readonly Row[])
  })
}

function groupByShard(rows: readonly Row[]): CompleteCopies {
  const complete = new Map<string, Set<string>>()
  for (const { shard, copied } of rows) {
    const tables = complete.get(shard)
    if (tables === undefined) complete.set(shard, new Set([copied.toLowerCase()]))
    else tables.add(copied.toLowerCase())
  }
  return complete
}
