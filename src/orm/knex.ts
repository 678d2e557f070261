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

/**
 * Completes `knex({ client: 'mysql2', connectionPool: sherd.pool })` and gives it back: with a pool of its own making Knex (3.3)
 * knows neither a module to open the connection that ends a statement with (`timeout(ms, { cancel: true })`),
 * nor the name of the database that Objection asks for the columns of tables. `knex.destroy()` leaves sherd open.
 */
export function completeKnex<K extends KnexInside>(knex: K, sherd: Sherd): K {
  const database = sherd.topology.databases.get('default')?.server.primary.database
  knex.client.driver = sherd.mysql2
  knex.client.connectionSettings = { ...(database === undefined ? {} : { database }) }
  return knex
}
