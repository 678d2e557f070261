import type { Selectable } from 'kysely'
import type { TableKinds } from '../topology/table-kinds.ts'
import { declareRows, type RowDeclaration, type RowDeclarations, type RowForeignKey } from './declare-rows.ts'
import type { ReferenceOf } from './shard-declaration.ts'

/** What each table of Kysely's `Database` type gives. */
type Rows<DB> = { readonly [Table in keyof DB]: Selectable<DB[Table]> }

/**
 * The shard group and the key column of one table. A column that Kysely reads as text needs its `keyType`:
 * the type `string` does not tell a VARCHAR from a BIGINT read as text.
 */
export type ShardedDeclaration<DB, Row> = RowDeclaration<Rows<DB>, Row>

/** A foreign key by the names of Kysely's `Database` type: columns of the row's table, and as many of the one pointed to. */
export type KyselyForeignKey<DB, Row> = RowForeignKey<Rows<DB>, Row>

/** A reference table with columns of the row, see `ReferenceOf`. */
export type KyselyReference<Row> = ReferenceOf<Row>

/** Table kinds by the names of Kysely's `Database` type; tables left out are unknown to sherd. */
export type ShardDeclarations<DB> = RowDeclarations<Rows<DB>>

/**
 * Declares table kinds on Kysely's `Database` type: `defineShards<Database>()({ orders: { group: 'product', key: 'user_id' } })`.
 * Kysely has types only, so the names must be those of the database: with `CamelCasePlugin`, give the
 * function that turns its names into the database's.
 */
export function defineShards<DB>(
  toDatabaseName: (name: string) => string = (name) => name,
): (declarations: ShardDeclarations<DB>) => TableKinds {
  return (declarations) => declareRows(declarations, toDatabaseName)
}
