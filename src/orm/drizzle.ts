import type { Pool } from 'mysql2'
import type { ConnectionSource, VirtualConnection } from './connection-source.ts'

export { type DrizzleForeignKey } from './drizzle-foreign-keys.ts'
export { type DrizzleReference, reference } from './drizzle-reference.ts'
export { type DrizzleShards, isolated, pinned, sharded } from './drizzle-tables.ts'

// Who uses Drizzle on MariaDB has mysql2, and Drizzle asks for mysql2's own type of the pool.
declare module '../facade/sherd-pool.ts' {
  interface SherdPoolTypes {
    readonly mysql2: Pool
  }
}

/** What `drizzle()` of `drizzle-orm/sqlite-proxy` calls for each statement. */
export type SqliteRemote = (
  sql: string,
  values: unknown[],
  method: 'run' | 'all' | 'values' | 'get',
) => Promise<{ rows: unknown[] }>

/** The part of a Drizzle database that is replaced. */
export interface DrizzleTransactions {
  transaction: (run: never, config?: never) => Promise<unknown>
}

/**
 * A Drizzle database for a sherd on SQLite. `open` is called for the database and once for each
 * transaction: `drizzleSqlite(sherd, (remote) => drizzle(remote, { schema }))` with `drizzle` from
 * `drizzle-orm/sqlite-proxy`.
 *
 * On MariaDB nothing of this is needed: `drizzle({ client: sherd.pool, schema, mode: 'planetscale' })`.
 */
export function drizzleSqlite<Database extends DrizzleTransactions>(
  sherd: ConnectionSource,
  open: (remote: SqliteRemote) => Database,
): Database {
  const database = open((sql, values, method) =>
    withConnection(sherd, (connection) => runRemote(connection, sql, values, method)),
  )
  // sqlite-proxy sends begin and commit through the one callback all statements share, so two
  // transactions at a time would run inside each other. Each gets a Drizzle and a connection of its own.
  const transaction: DrizzleTransactions['transaction'] = (run, config) =>
    withConnection(sherd, (connection) =>
      open((sql, values, method) => runRemote(connection, sql, values, method)).transaction(run, config),
    )
  return Object.assign(database, { transaction })
}

async function withConnection<T>(
  sherd: ConnectionSource,
  run: (connection: VirtualConnection) => Promise<T>,
): Promise<T> {
  const connection = sherd.connection()
  try {
    return await run(connection)
  } finally {
    connection.release()
  }
}

/** Rows as arrays of values; for `get` the one row itself, or nothing. */
async function runRemote(
  connection: VirtualConnection,
  sql: string,
  values: readonly unknown[],
  method: 'run' | 'all' | 'values' | 'get',
): Promise<{ rows: unknown[] }> {
  const { rows } = await connection.execute(sql, values, { rowsAsArray: true })
  // sqlite-proxy's types do not know that `get` takes a row, or undefined, in place of the rows.
  return { rows: (method === 'get' ? rows[0] : [...rows]) as unknown[] }
}
