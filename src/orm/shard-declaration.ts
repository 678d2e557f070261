import {
  type ForeignKey,
  type IdLayoutName,
  type KeyType,
  type ReferenceTable,
  renameIds,
  type ShardedTable,
  sharded,
} from '../topology/table-kinds.ts'

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
  /**
   * Names whose ids carry the logical shard (see `ids` of sherd's `ShardedOptions`). Default none. One that is read as a number
   * takes `safe` only; `time` ids do not fit into it.
   */
  readonly ids?: {
    readonly [
      Name in keyof Row & string as [Row[Name]] extends [bigint | string | null] ? Name : never
    ]?: IdLayoutName
  } & {
    readonly [Name in keyof Row & string as [Row[Name]] extends [number | null] ? Name : never]?: 'safe'
  }
  /** `allow`: reads without a key may ask all logical shards (see `ShardedOptions` of sherd). Default: refused. */
  readonly scatter?: 'allow'
} & (
  | { readonly key: NamesOf<Row, number | bigint>; readonly keyType?: 'integer' }
  | { readonly key: NamesOf<Row, string>; readonly keyType: 'integer' | 'string' | 'uuid' }
  | { readonly key: NamesOf<Row, Uint8Array>; readonly keyType: 'binary' | 'uuid' }
)

/**
 * What `reference` of sherd gives, with names of the row: a cursor is never NULL and read as a Date or as text, a mark of
 * deleted rows may be NULL, and a number or boolean too. Types do not tell a text of a date from another one.
 */
export type ReferenceOf<Row> = ReferenceTable<
  NamesOf<Row, Date | string>,
  NamesOf<Row, Date | string | number | bigint | boolean | null>
>

/** Any of the above, when the names have been checked. */
export interface PlainShardDeclaration {
  readonly group: string
  readonly key: string
  readonly keyType?: KeyType
  readonly columns?: readonly string[]
  readonly foreignKeys?: readonly ForeignKey[]
  readonly ids?: Readonly<Record<string, IdLayoutName | undefined>>
  readonly scatter?: 'allow'
}

/** The table kind by the names of the database. `columnOf` turns a column's name in the model, `tableOf` that of a table. */
export function toShardedTable(
  { group, key, keyType, columns, foreignKeys, ids, scatter }: PlainShardDeclaration,
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
    ...(ids === undefined ? {} : { ids: renameIds(ids, (name) => columnOf(name)) }),
    ...(scatter === undefined ? {} : { scatter }),
  })
}

/** A reference table by the names of the database. */
export function toReferenceTable(table: ReferenceTable, columnOf: (name: string) => string): ReferenceTable {
  const { cursor, deletes } = table
  return {
    ...table,
    ...(cursor === undefined ? {} : { cursor: columnOf(cursor) }),
    ...(deletes === 'compare' ? {} : { deletes: { column: columnOf(deletes.column) } }),
  }
}
