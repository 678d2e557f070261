import type { Table } from 'drizzle-orm'
import {
  type IdLayoutName,
  type KeyType,
  type TableKinds,
  renameIds,
  isolated as isolatedKind,
  pinned as pinnedKind,
  sharded as shardedKind,
} from '../topology/table-kinds.ts'
import { type DrizzleForeignKey, readForeignKey } from './drizzle-foreign-keys.ts'
import { type Casing, columnName, nameOf } from './drizzle-names.ts'

/**
 * Drizzle's names of the column types that send integers. Named one by one, because the data type
 * `number` or `bigint` is also given to FLOAT, DECIMAL, NUMERIC and to SQLite's BLOB of digits.
 */
type IntegerColumn =
  | 'MySqlSerial'
  | 'MySqlTinyInt'
  | 'MySqlSmallInt'
  | 'MySqlMediumInt'
  | 'MySqlInt'
  | 'MySqlBigInt53'
  | 'MySqlBigInt64'
  | 'SQLiteInteger'

/** Text columns; dates, times, decimals and enums are strings to Drizzle but compare otherwise in the database. */
type StringColumn = 'MySqlChar' | 'MySqlVarChar' | 'MySqlText' | 'SQLiteText'

/** Not BINARY and VARBINARY of MySQL: Drizzle sends them as text, which is refused as a binary key. Use a custom column. */
type BinaryColumn = 'SQLiteBlobBuffer'

/** What a custom column sends is known to its author only, so the key type must be said. */
type CustomColumn = 'MySqlCustomColumn' | 'SQLiteCustomColumn'

/** Columns that hold 63 bits exactly; a `time` id does not fit into a JavaScript number. */
type LongColumn = 'MySqlBigInt64'

/** Columns read as JavaScript numbers. */
type NumberColumn = 'MySqlBigInt53' | 'SQLiteInteger'

/** Names (in the model) of the columns of `T` of one of the column types, NULL or not. */
type AnyColumnsOf<T extends Table, ColumnType extends string> = {
  [Name in keyof T['_']['columns'] & string]: T['_']['columns'][Name] extends {
    readonly _: { readonly columnType: ColumnType }
  }
    ? Name
    : never
}[keyof T['_']['columns'] & string]

/** Names (in the model) of the columns of `T` that are NOT NULL and of one of the column types. */
type ColumnsOf<T extends Table, ColumnType extends string> = {
  [Name in keyof T['_']['columns'] & string]: T['_']['columns'][Name] extends {
    readonly _: { readonly notNull: true; readonly columnType: ColumnType }
  }
    ? Name
    : never
}[keyof T['_']['columns'] & string]

/** Where the rows of a Drizzle table go. `key` is the column's name in the model. */
export type DrizzleShards<T extends Table> = {
  readonly group: string
  /** The `casing` given to `drizzle()`: needed for columns declared without a name of their own. */
  readonly casing?: Casing
  /**
   * Foreign keys whose rows have the shard key of the row they point to, unique over all logical shards (see
   * `ForeignKey` of sherd): joins over them carry the shard key. Default none; those of the model are not read,
   * because a constraint of one shard's database does not prove it.
   */
  readonly foreignKeys?: readonly DrizzleForeignKey<T>[]
  /**
   * All columns by their names in the database and in its own order, for INSERT without a column list. Default: not
   * known, and such INSERTs are refused. A wrong list sends rows to a wrong shard.
   */
  readonly columns?: readonly string[]
  /** Columns whose ids carry the logical shard (see `ids` of sherd's `ShardedOptions`), by their names in the model. Default none. */
  readonly ids?: {
    readonly [Name in AnyColumnsOf<T, LongColumn | CustomColumn>]?: IdLayoutName
  } & { readonly [Name in AnyColumnsOf<T, NumberColumn>]?: 'safe' }
  /** `allow`: reads without a key may ask all logical shards (see `ShardedOptions` of sherd). Default: refused. */
  readonly scatter?: 'allow'
} & (
  | { readonly key: ColumnsOf<T, IntegerColumn>; readonly keyType?: 'integer' }
  | { readonly key: ColumnsOf<T, StringColumn>; readonly keyType: 'string' | 'uuid' }
  | { readonly key: ColumnsOf<T, BinaryColumn>; readonly keyType: 'binary' | 'uuid' }
  | { readonly key: ColumnsOf<T, CustomColumn>; readonly keyType: KeyType }
)

/** A Drizzle table split over the logical shards of `group` by the column `key`. */
export function sharded<T extends Table>(table: T, shards: DrizzleShards<T>): TableKinds {
  const { group, key, keyType, casing, columns, foreignKeys, ids, scatter } = shards
  const name = nameOf(table)
  const column = columnName(table, name, key, casing)
  const options = {
    ...(keyType === undefined ? {} : { keyType }),
    ...(columns === undefined ? {} : { columns }),
    ...(foreignKeys === undefined
      ? {}
      : { foreignKeys: foreignKeys.map((foreignKey) => readForeignKey(table, foreignKey, casing)) }),
    ...(ids === undefined ? {} : { ids: renameIds(ids, (one) => columnName(table, name, one, casing)) }),
    ...(scatter === undefined ? {} : { scatter }),
  }
  return { [name]: shardedKind(group, column, options) }
}

/** An independent Drizzle table on every logical shard of `group`. */
export function isolated(table: Table, group: string): TableKinds {
  return { [nameOf(table)]: isolatedKind(group) }
}

/** A Drizzle table that lives in the named unsharded database. */
export function pinned(table: Table, database: string): TableKinds {
  return { [nameOf(table)]: pinnedKind(database) }
}
