import type { Selectable } from 'kysely'
import {
  type IsolatedTable,
  type KeyType,
  type PinnedTable,
  type ReferenceTable,
  type TableKind,
  type TableKinds,
  sharded,
} from '../topology/table-kinds.ts'

/** Columns of a row whose values are all of type `Value`; nullable ones are not, as NULL belongs to no shard. */
type ColumnsOf<Row, Value> = {
  [Column in keyof Row & string]-?: [Row[Column]] extends [never]
    ? never
    : [Row[Column]] extends [Value]
      ? Column
      : never
}[keyof Row & string]

/**
 * The shard group and the key column of one table. A column that Kysely reads as text needs its `keyType`:
 * the type `string` does not tell a VARCHAR from a BIGINT read as text.
 */
export type ShardedDeclaration<Row> =
  | {
      readonly group: string
      readonly key: ColumnsOf<Row, number | bigint>
      readonly keyType?: 'integer'
    }
  | {
      readonly group: string
      readonly key: ColumnsOf<Row, string>
      readonly keyType: 'integer' | 'string' | 'uuid'
    }
  | {
      readonly group: string
      readonly key: ColumnsOf<Row, Uint8Array>
      readonly keyType: 'binary' | 'uuid'
    }

/** Table kinds by the names of Kysely's `Database` type; tables left out are unknown to sherd. */
export type ShardDeclarations<DB> = {
  readonly [Table in keyof DB & string]?:
    | ShardedDeclaration<Selectable<DB[Table]>>
    | ReferenceTable
    | IsolatedTable
    | PinnedTable
}

/**
 * Declares table kinds on Kysely's `Database` type: `defineShards<Database>()({ orders: { group: 'product', key: 'user_id' } })`.
 * Kysely has types only, so the names must be those of the database: with `CamelCasePlugin`, give the
 * function that turns its names into the database's.
 */
export function defineShards<DB>(
  toDatabaseName: (name: string) => string = (name) => name,
): (declarations: ShardDeclarations<DB>) => TableKinds {
  return (declarations) =>
    Object.fromEntries(
      Object.entries<AnyDeclaration | undefined>(declarations).flatMap(([table, declaration]) =>
        declaration === undefined ? [] : [[toDatabaseName(table), toTableKind(declaration, toDatabaseName)]],
      ),
    )
}

type AnyDeclaration =
  | { readonly group: string; readonly key: string; readonly keyType?: KeyType }
  | ReferenceTable
  | IsolatedTable
  | PinnedTable

function toTableKind(declaration: AnyDeclaration, toDatabaseName: (name: string) => string): TableKind {
  if ('kind' in declaration) return declaration
  const { group, key, keyType } = declaration
  return sharded(group, toDatabaseName(key), keyType === undefined ? {} : { keyType })
}
