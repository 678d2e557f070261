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
 */
export function openKnex<K extends KnexInside>(sherd: Sherd, open: (connection: KnexConnection) => K): K {
  const pool = sherd.mysql2.withRemedy(remedy).createPool({})
  // It has the methods of mysql2's pool, which Knex describes in its own words.
  const knex = open({ client: 'mysql2', connectionPool: pool as unknown as Knex.ConnectionPool })
  const database = sherd.topology.databases.get('default')?.server.primary.database
  knex.client.driver = sherd.mysql2
  knex.client.connectionSettings = { ...(database === undefined ? {} : { database }) }
  return knex
}
