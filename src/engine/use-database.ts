import type { DriverConnection } from '../drivers/driver.ts'
import { quoteName } from '../sql/quote-name.ts'

/**
 * Makes `database` the default one of a connection of a shard group, which has none of its own, for a statement on an
 * unsharded database inside a transaction on the same server. It may stay: texts for logical shards name their database.
 */
export function useDatabase(
  connection: DriverConnection,
  database: string,
  callback: (error: unknown) => void,
): void {
  if (connection.database === database) return callback(null)
  const text = `USE ${quoteName(database, 'mysql')}`
  connection.run({ text, values: [], protocol: 'text' }, (error) => {
    if (!error) connection.database = database
    callback(error)
  })
}

/**
 * The text of a prepared statement on such a connection: a server binds one to the database it was prepared in, and
 * the library knows it by its text alone. A line of its own, because the text may end in a comment.
 */
export function markDatabase(sql: string, database: string): string {
  return `${sql}\n/* ${database.replaceAll('*/', '* /')} */`
}
