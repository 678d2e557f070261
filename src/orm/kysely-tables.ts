import type { Selectable } from 'kysely'
import {
  type ForeignKey,
  type IdLayoutName,
  type IsolatedTable,
  type KeyType,
  type PinnedTable,
  type ReferenceTable,
  type TableKind,
  type TableKinds,
  renameIds,
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
export type ShardedDeclaration<DB, Row> = {
  readonly group: string
  /**
   * Foreign keys whose rows have the shard key of the row they point to, unique over all logical shards (see
   * `ForeignKey` of sherd): joins over them carry the shard key. Default none.
   */
  readonly foreignKeys?: readonly KyselyForeignKey<DB, Row>[]
  /**
   * All columns by their names in the database and in its own order, for INSERT without a column list. Default: not
   * known, and such INSERTs are refused. A wrong list sends rows to a wrong shard.
   */
  readonly columns?: readonly string[]
  /**
   * Columns whose ids carry the logical shard (see `ids` of sherd's `ShardedOptions`). Default none. A column that Kysely reads as
   * a number takes `safe` only; `time` ids do not fit into it.
   */
  readonly ids?: {
    readonly [
      Column in keyof Row & string as [Row[Column]] extends [bigint | string | null] ? Column : never
    ]?: IdLayoutName
  } & {
    readonly [Column in keyof Row & string as [Row[Column]] extends [number | null] ? Column : never]?: 'safe'
  }
  /** `allow`: reads without a key may ask all logical shards (see `ShardedOptions` of sherd). Default: refused. */
  readonly scatter?: 'allow'
} & (
  | { readonly key: ColumnsOf<Row, number | bigint>; readonly keyType?: 'integer' }
  | { readonly key: ColumnsOf<Row, string>; readonly keyType: 'integer' | 'string' | 'uuid' }
  | { readonly key: ColumnsOf<Row, Uint8Array>; readonly keyType: 'binary' | 'uuid' }
)

/** A foreign key by the names of Kysely's `Database` type: columns of the row's table, and as many of the one pointed to. */
export type KyselyForeignKey<DB, Row> = {
  readonly [Table in keyof DB & string]: {
    readonly columns: readonly (keyof Row & string)[]
    readonly references: Table
    readonly referencedColumns: readonly (keyof Selectable<DB[Table]> & string)[]
  }
}[keyof DB & string]

/**
 * What `reference` of sherd gives, with columns of the row: a cursor is never NULL and read as a Date or as text, a mark of
 * deleted rows may be NULL, and a number or boolean too. Kysely does not tell a text of a date from another one.
 */
export type KyselyReference<Row> = ReferenceTable<
  ColumnsOf<Row, Date | string>,
  ColumnsOf<Row, Date | string | number | bigint | boolean | null>
>

/** Table kinds by the names of Kysely's `Database` type; tables left out are unknown to sherd. */
export type ShardDeclarations<DB> = {
  readonly [Table in keyof DB & string]?:
    | ShardedDeclaration<DB, Selectable<DB[Table]>>
    | KyselyReference<Selectable<DB[Table]>>
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
  | {
      readonly group: string
      readonly key: string
      readonly keyType?: KeyType
      readonly columns?: readonly string[]
      readonly foreignKeys?: readonly ForeignKey[]
      readonly ids?: Readonly<Record<string, IdLayoutName | undefined>>
      readonly scatter?: 'allow'
    }
  | ReferenceTable
  | IsolatedTable
  | PinnedTable

function toTableKind(declaration: AnyDeclaration, toDatabaseName: (name: string) => string): TableKind {
  if ('kind' in declaration)
    return declaration.kind === 'reference' ? toReference(declaration, toDatabaseName) : declaration
  const { group, key, keyType, columns, foreignKeys, ids, scatter } = declaration
  return sharded(group, toDatabaseName(key), {
    ...(keyType === undefined ? {} : { keyType }),
    ...(columns === undefined ? {} : { columns }),
    ...(foreignKeys === undefined
      ? {}
      : { foreignKeys: foreignKeys.map((foreignKey) => toForeignKey(foreignKey, toDatabaseName)) }),
    ...(ids === undefined ? {} : { ids: renameIds(ids, toDatabaseName) }),
    ...(scatter === undefined ? {} : { scatter }),
  })
}

function toReference(table: ReferenceTable, toDatabaseName: (name: string) => string): ReferenceTable {
  const { cursor, deletes } = table
  return {
    ...table,
    ...(cursor === undefined ? {} : { cursor: toDatabaseName(cursor) }),
    ...(deletes === 'compare' ? {} : { deletes: { column: toDatabaseName(deletes.column) } }),
  }
}

function toForeignKey(foreignKey: ForeignKey, toDatabaseName: (name: string) => string): ForeignKey {
  const { columns, references, referencedColumns } = foreignKey
  return {
    columns: columns.map((name) => toDatabaseName(name)),
    references: toDatabaseName(references),
    referencedColumns: referencedColumns.map((name) => toDatabaseName(name)),
  }
}
