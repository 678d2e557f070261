import type { Column, Table } from 'drizzle-orm'
import { SherdError } from '../errors/sherd-error.ts'
import type { ForeignKey } from '../topology/table-kinds.ts'
import { type Casing, databaseName, nameOf } from './drizzle-names.ts'

/** A foreign key as Drizzle's `foreignKey()` takes it: columns of the table, and as many of the one they point to. */
export interface DrizzleForeignKey<T extends Table> {
  readonly columns: readonly (Column & { readonly _: { readonly tableName: T['_']['name'] } })[]
  /** All of one table, which may be the table itself. */
  readonly referencedColumns: readonly Column[]
}

/** By the names of the database. Throws SHERD_CONFIG for columns of other tables, which only JavaScript can give. */
export function readForeignKey<T extends Table>(
  table: T,
  { columns, referencedColumns }: DrizzleForeignKey<T>,
  casing: Casing | undefined,
): ForeignKey {
  const [referenced] = referencedColumns
  if (referenced === undefined) throw wrongColumns(table, 'names no column that it points to')
  if (!areOf(columns, table)) throw wrongColumns(table, 'begins at columns of another table')
  if (!areOf(referencedColumns, referenced.table))
    throw wrongColumns(table, 'points to columns of several tables')
  return {
    columns: columns.map((column) => databaseName(column, casing)),
    references: nameOf(referenced.table),
    referencedColumns: referencedColumns.map((column) => databaseName(column, casing)),
  }
}

function areOf(columns: readonly (Column | undefined)[], table: Table): boolean {
  return columns.every((column) => column?.table === table)
}

function wrongColumns(table: Table, problem: string): SherdError {
  return new SherdError('SHERD_CONFIG', {
    message: `A foreign key of the Drizzle table ${nameOf(table)} ${problem}.`,
    remedy:
      'Write { columns: [items.orderId], referencedColumns: [orders.id] } with columns of the two tables.',
    details: { table: nameOf(table) },
  })
}
