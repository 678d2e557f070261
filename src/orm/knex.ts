import type { Knex } from 'knex'
import type { Sherd } from '../facade/sherd.ts'

export { defineShards, type ShardDeclarations, type ShardedDeclaration } from './knex-tables.ts'
export {
  type ObjectionForeignKey,
  type ObjectionModel,
  type ObjectionShards,
  objectionTables,
} from './objection-tables.ts'

/** The part of a Knex that is completed. */
export interface KnexInside {
  readonly client: { driver?: unknown; connectionSettings?: object }
}

/** What goes into the config of Knex. */
export interface KnexConnection {
  readonly client: 'mysql2'
  readonly connectionPool: Knex.ConnectionPool
}

/**
 * A Knex on sherd: `openKnex(sherd, (connection) => knex({ ...connection, … }))`. With a pool that is given to it Knex (3.3) knows
 * neither a module to open the connection that ends a statement with (`timeout(ms, { cancel: true })`), nor the name of the
 * database that Objection asks for the columns of tables; both are added. `knex.destroy()` leaves sherd open.
 */
export function openKnex<K extends KnexInside>(sherd: Sherd, open: (connection: KnexConnection) => K): K {
  // Knex describes mysql2's pool in its own words, which the types of mysql2 do not fit either.
  const knex = open({ client: 'mysql2', connectionPool: sherd.pool as unknown as Knex.ConnectionPool })
  const database = sherd.topology.databases.get('default')?.server.primary.database
  knex.client.driver = sherd.mysql2
  knex.client.connectionSettings = { ...(database === undefined ? {} : { database }) }
  return knex
}
