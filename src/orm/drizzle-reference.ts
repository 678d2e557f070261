import type { Table } from 'drizzle-orm'
import {
  type ReferenceOptions,
  type TableKinds,
  reference as referenceKind,
} from '../topology/table-kinds.ts'
import { type Casing, columnName, nameOf } from './drizzle-names.ts'

/** Drizzle's names of the column types that keep a moment. SQLite has no type of its own for it; text is that of `CURRENT_TIMESTAMP`. */
type MomentColumn =
  | 'MySqlDateTime'
  | 'MySqlDateTimeString'
  | 'MySqlTimestamp'
  | 'MySqlTimestampString'
  | 'MySqlCustomColumn'
  | 'SQLiteTimestamp'
  | 'SQLiteText'
  | 'SQLiteCustomColumn'

/** Besides moments those whose 0 means that the row is not deleted; a text of MySQL may be neither and still count as 0. */
type TombstoneColumn =
  | MomentColumn
  | 'MySqlBoolean'
  | 'MySqlTinyInt'
  | 'MySqlSmallInt'
  | 'MySqlMediumInt'
  | 'MySqlInt'
  | 'MySqlBigInt53'
  | 'MySqlBigInt64'
  | 'SQLiteBoolean'
  | 'SQLiteInteger'

/** Names (in the model) of the columns of `T` that have all that `Shape` says. */
type ColumnsOf<T extends Table, Shape> = {
  [Name in keyof T['_']['columns'] & string]: T['_']['columns'][Name] extends { readonly _: Shape }
    ? Name
    : never
}[keyof T['_']['columns'] & string]

/** As `ReferenceOptions` of sherd, with columns by their names in the model. */
export interface DrizzleReference<T extends Table> extends ReferenceOptions<
  ColumnsOf<T, { readonly notNull: true; readonly columnType: MomentColumn }>,
  ColumnsOf<T, { readonly columnType: TombstoneColumn }>
> {
  /** The `casing` given to `drizzle()`: needed for columns declared without a name of their own. */
  readonly casing?: Casing
}

/** A small Drizzle table that lives in one unsharded database and has a copy on every logical shard of the groups. */
export function reference<T extends Table>(
  table: T,
  groups: string | readonly string[],
  { casing, cursor, deletes, ...options }: DrizzleReference<T> = {},
): TableKinds {
  const name = nameOf(table)
  const column = (key: string): string => columnName(table, name, key, casing)
  return {
    [name]: referenceKind(groups, {
      ...options,
      ...(cursor === undefined ? {} : { cursor: column(cursor) }),
      ...(deletes === undefined || deletes === 'compare'
        ? {}
        : { deletes: { column: column(deletes.column) } }),
    }),
  }
}
