import type { Knex } from 'knex'
import type { Tables } from 'knex/types/tables.js'
import type { TableKinds } from '../topology/table-kinds.ts'
import { declareRows, type RowDeclaration, type RowDeclarations } from './declare-rows.ts'

/** What a read of each table gives, whether it is declared as a row or as a `Knex.CompositeTableType`. */
type Rows<DB> = { readonly [Table in keyof DB]: Knex.ResolveTableType<DB[Table]> }

/** The shard group and the key column of one table. A column that is read as text needs its `keyType`. */
export type ShardedDeclaration<DB, Row> = RowDeclaration<Rows<DB>, Row>

/** Table kinds by the names of a type such as Knex's `Tables`; tables left out are unknown to sherd. */
export type ShardDeclarations<DB> = RowDeclarations<Rows<DB>>

/**
 * Declares table kinds on the `Tables` that an application adds to Knex: `defineShards()({ orders: { group: 'product', key: 'user_id' } })`,
 * or on another type, `defineShards<Database>()`. Names are those of the database: with `wrapIdentifier` or
 * `knexSnakeCaseMappers` give the function that turns yours into them.
 */
export function defineShards<DB = Tables>(
  toDatabaseName: (name: string) => string = (name) => name,
): (declarations: ShardDeclarations<DB>) => TableKinds {
  return (declarations) => declareRows(declarations, toDatabaseName)
}
