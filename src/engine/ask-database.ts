import { SherdError } from '../errors/sherd-error.ts'
import type { AskDatabase } from '../locks/ask-database.ts'
import type { CurrentEngine } from './current-engine.ts'
import { runOnPrimary } from './run-on-primary.ts'

/**
 * What `databaseLocks` asks, on the primary of an unsharded database in the topology that is in force at each call.
 * SHERD_CONFIG_UNKNOWN_DATABASE when that has no database of the name.
 */
export function askDatabase(current: CurrentEngine, database: string): AskDatabase {
  return (sql, values) =>
    new Promise((resolve, reject) => {
      const { topology, pools, driver } = current.engine
      const server = topology.databases.get(database)?.server
      if (server === undefined) return reject(unknownDatabase(database))
      // A plain string: the driver's library fills in the values.
      runOnPrimary(pools, server, sql, values, (error, rows) =>
        error ? reject(error as Error) : resolve(driver.readWrite(rows) ?? rows),
      )
    })
}

function unknownDatabase(database: string): SherdError {
  return new SherdError('SHERD_CONFIG_UNKNOWN_DATABASE', {
    message: `The config has no unsharded database ${database} that could keep locks.`,
  })
}
