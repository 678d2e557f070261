import type { Driver, ServerFacts } from '../drivers/driver.ts'
import { SherdError } from '../errors/sherd-error.ts'
import type { SqlModes } from '../sql/modes.ts'
import type { Endpoint } from '../topology/topology.ts'

/**
 * The driver, but a connection whose server would read or store a statement otherwise than it was planned
 * is closed at once with SHERD_SERVER_MODE.
 */
export function checkedDriver(driver: Driver, modes: SqlModes): Driver {
  return {
    ...driver,
    connect: (endpoint, options, callback) =>
      driver.connect(endpoint, options, (error, connection) => {
        if (connection === undefined) return callback(error)
        const problem = findServerModeProblem(endpoint, connection.facts, modes)
        if (problem === undefined) return callback(null, connection)
        connection.destroy()
        callback(problem)
      }),
  }
}

/** Why connections to a server are refused, as SHERD_SERVER_MODE. */
export function findServerModeProblem(
  endpoint: Endpoint,
  facts: ServerFacts,
  modes: SqlModes,
): SherdError | undefined {
  if (Object.entries(modes).some(([name, value]) => facts.modes[name as keyof SqlModes] !== value)) {
    return serverMode(
      endpoint,
      'reads statements by another sql_mode than the config says',
      "Set options.sqlMode in the config to the servers' own, or remove the mode on the server.",
    )
  }
  if (endpoint.database === undefined && !facts.isStrict) {
    return serverMode(
      endpoint,
      'has no strict sql_mode, so it could store a shard key that does not fit its column as another key',
      "Add STRICT_TRANS_TABLES to the server's sql_mode, or set options.sqlMode in the config.",
    )
  }
  return undefined
}

function serverMode(endpoint: Endpoint, problem: string, remedy: string): SherdError {
  return new SherdError('SHERD_SERVER_MODE', {
    message: `Server ${endpoint.id} ${problem}.`,
    remedy,
    details: { server: endpoint.id },
  })
}
