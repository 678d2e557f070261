import type { Column, Table } from 'drizzle-orm'
import { SherdError } from '../errors/sherd-error.ts'
import {
  type KeyType,
  type TableKinds,
  isolated as isolatedKind,
  pinned as pinnedKind,
  reference as referenceKind,
  sharded as shardedKind,
} from '../topology/table-kinds.ts'

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
  readonly casing?: 'snake_case' | 'camelCase'
} & (
  | { readonly key: ColumnsOf<T, IntegerColumn>; readonly keyType?: 'integer' }
  | { readonly key: ColumnsOf<T, StringColumn>; readonly keyType: 'string' | 'uuid' }
  | { readonly key: ColumnsOf<T, BinaryColumn>; readonly keyType: 'binary' | 'uuid' }
  | { readonly key: ColumnsOf<T, CustomColumn>; readonly keyType: KeyType }
)

/** A Drizzle table split over the logical shards of `group` by the column `key`. */
export function sharded<T extends Table>(table: T, shards: DrizzleShards<T>): TableKinds {
  const { group, key, keyType, casing } = shards
  const name = nameOf(table)
  const column = columnName(table, name, key, casing)
  return { [name]: shardedKind(group, column, keyType === undefined ? {} : { keyType }) }
}

/** A small Drizzle table with a copy on every logical shard of the groups. `source` is the database that owns it, default `default`. */
export function reference(
  table: Table,
  groups: string | readonly string[],
  options: { readonly source?: string } = {},
): TableKinds {
  return { [nameOf(table)]: referenceKind(groups, options) }
}

/** An independent Drizzle table on every logical shard of `group`. */
export function isolated(table: Table, group: string): TableKinds {
  return { [nameOf(table)]: isolatedKind(group) }
}

/** A Drizzle table that lives in the named unsharded database. */
export function pinned(table: Table, database: string): TableKinds {
  return { [nameOf(table)]: pinnedKind(database) }
}

/** Drizzle keeps these under registered symbols, so that its own copies know each other's tables (`drizzle-orm/table.js`). */
const tableName = Symbol.for('drizzle:Name')
const tableColumns = Symbol.for('drizzle:Columns')

interface TableInside {
  readonly [tableName]?: string
  readonly [tableColumns]?: Readonly<Record<string, Column>>
}

function nameOf(table: Table): string {
  const name = (table as TableInside)[tableName]
  if (name !== undefined) return name
  throw new SherdError('SHERD_CONFIG', {
    message: 'A table kind was declared on something that is not a Drizzle table.',
    remedy: 'Give what mysqlTable() or sqliteTable() of drizzle-orm returned.',
  })
}

function columnName(
  table: Table,
  name: string,
  key: string,
  casing: 'snake_case' | 'camelCase' | undefined,
): string {
  const column = (table as TableInside)[tableColumns]?.[key]
  if (column !== undefined) return column.keyAsName ? toCase(column.name, casing) : column.name
  throw new SherdError('SHERD_CONFIG', {
    message: `The Drizzle table ${name} has no column ${key} in its model.`,
    remedy: 'Give the name that the column has in the model, such as userId, not its name in the database.',
    details: { table: name, column: key },
  })
}

/** As `drizzle-orm/casing.js` (0.45), so that both name the same column. */
function toCase(name: string, casing: 'snake_case' | 'camelCase' | undefined): string {
  if (casing === undefined) return name
  const words = name.replace(/['\u2019]/g, '').match(/[\da-z]+|[A-Z]+(?![a-z])|[A-Z][\da-z]+/g) ?? []
  const lower = words.map((word) => word.toLowerCase())
  if (casing === 'snake_case') return lower.join('_')
  return words.map((word, i) => (i === 0 ? lower[0] : word.charAt(0).toUpperCase() + word.slice(1))).join('')
}
