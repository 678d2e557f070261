import { type ForeignKey, type KeyType, type ShardedTable, sharded } from '../topology/table-kinds.ts'

/** Names of a row whose values are all of type `Value`; nullable and optional ones are not, as NULL belongs to no shard. */
export type NamesOf<Row, Value> = {
  [Name in keyof Row & string]-?: [Row[Name]] extends [never]
    ? never
    : [Row[Name]] extends [Value]
      ? Name
      : never
}[keyof Row & string]

/**
 * The shard group and the key of one table, by the names of the model. A name whose values are text needs its `keyType`:
 * the type `string` does not tell a VARCHAR from a BIGINT read as text.
 */
export type ShardDeclaration<Row, Reference = ForeignKey> = {
  readonly group: string
  /**
   * Foreign keys whose rows have the shard key of the row they point to, unique over all logical shards (see
   * `ForeignKey` of sherd): joins over them carry the shard key. Default none.
   */
  readonly foreignKeys?: readonly Reference[]
  /**
   * All columns by their names in the database and in its own order, for INSERT without a column list. Default: not
   * known, and such INSERTs are refused. A wrong list sends rows to a wrong shard.
   */
  readonly columns?: readonly string[]
} & (
  | { readonly key: NamesOf<Row, number | bigint>; readonly keyType?: 'integer' }
  | { readonly key: NamesOf<Row, string>; readonly keyType: 'integer' | 'string' | 'uuid' }
  | { readonly key: NamesOf<Row, Uint8Array>; readonly keyType: 'binary' | 'uuid' }
)

/** Any of the above, when the names have been checked. */
export interface PlainShardDeclaration {
  readonly group: string
  readonly key: string
  readonly keyType?: KeyType
  readonly columns?: readonly string[]
  readonly foreignKeys?: readonly ForeignKey[]
}

/** The table kind by the names of the database. `columnOf` turns a column's name in the model, `tableOf` that of a table. */
export function toShardedTable(
  { group, key, keyType, columns, foreignKeys }: PlainShardDeclaration,
  columnOf: (name: string, table?: string) => string,
  tableOf: (name: string) => string,
): ShardedTable {
  return sharded(group, columnOf(key), {
    ...(keyType === undefined ? {} : { keyType }),
    ...(columns === undefined ? {} : { columns }),
    ...(foreignKeys === undefined
      ? {}
      : {
          foreignKeys: foreignKeys.map(({ columns: own, references, referencedColumns }) => ({
            columns: own.map((name) => columnOf(name)),
            references: tableOf(references),
            referencedColumns: referencedColumns.map((name) => columnOf(name, references)),
          })),
        }),
  })
}
