import type { Knex } from 'knex'
import { SherdError } from '../errors/sherd-error.ts'
import type { Sherd } from '../facade/sherd.ts'
import { moduleOf } from './module-of.ts'

export { defineShards, type ShardDeclarations, type ShardedDeclaration } from './knex-tables.ts'
export {
  type ObjectionForeignKey,
  type ObjectionModel,
  type ObjectionShards,
  objectionTables,
} from './objection-tables.ts'

/** The part of a Knex that is completed, and looked at. */
export interface KnexInside {
  readonly client: {
    driver?: unknown
    connectionSettings?: object
    readonly driverName?: string
    readonly config?: { readonly connectionPool?: unknown }
  }
}

const remedy =
  'In Objection, make idColumn of the shard key and the id, and list both columns in from and to of relations, so that $query, $relatedQuery and graphs send both.'

/** What goes into the config of Knex. */
export interface KnexConnection {
  readonly client: 'mysql2'
  readonly connectionPool: Knex.ConnectionPool
}

/**
 * A Knex on sherd: `openKnex(sherd, (connection) => knex({ ...connection, … }))`. With a pool that is given to it Knex (3.3) knows
 * neither a module to open the connection that ends a statement with (`timeout(ms, { cancel: true })`), nor the name of the
 * database that Objection asks for the columns of tables; both are added. `knex.destroy()` leaves sherd open.
 * SHERD_CONFIG when the Knex has another client or pool than the one it was to take.
 */
export function openKnex<K extends KnexInside>(sherd: Sherd, open: (connection: KnexConnection) => K): K {
  // It has the methods of mysql2's pool, which Knex describes in its own words.
  const pool = moduleOf(sherd, remedy).createPool({}) as unknown as Knex.ConnectionPool
  const knex = openWith({ client: 'mysql2', connectionPool: pool }, open)
  const database = sherd.topology.databases.get('default')?.server.primary.database
  knex.client.driver = sherd.mysql2
  knex.client.connectionSettings = { ...(database === undefined ? {} : { database }) }
  return knex
}

/** A Knex of another client would send its statements past sherd, or read the answers otherwise. */
function openWith<K extends KnexInside>(
  connection: KnexConnection,
  open: (connection: KnexConnection) => K,
): K {
  let knex: K
  try {
    knex = open(connection)
  } catch (cause) {
    // Knex (3.3) loads the library of the client first, and names it when that is missing or takes no pool.
    if (cause instanceof Error && /\bmariadb\b/.test(cause.message)) throw otherClient(cause)
    throw cause
  }
  const { driverName, config } = knex.client
  if (driverName === connection.client && config?.connectionPool === connection.connectionPool) return knex
  throw otherClient()
}

function otherClient(cause?: Error): SherdError {
  return new SherdError('SHERD_CONFIG', {
    message: 'openKnex was given a Knex with another client or pool than the ones it gives.',
    remedy:
      "Spread the connection, openKnex(sherd, (connection) => knex({ ...connection, … })), and leave `client` as it is: 'mysql2' speaks to MariaDB, too.",
    ...(cause === undefined ? {} : { cause }),
  })
}
