import type { Column, Table } from 'drizzle-orm'
import { SherdError } from '../errors/sherd-error.ts'

/** The `casing` of `drizzle()`. */
export type Casing = 'snake_case' | 'camelCase'

/** Drizzle keeps these under registered symbols, so that its own copies know each other's tables (`drizzle-orm/table.js`). */
const tableName = Symbol.for('drizzle:Name')
const tableColumns = Symbol.for('drizzle:Columns')

interface TableInside {
  readonly [tableName]?: string
  readonly [tableColumns]?: Readonly<Record<string, Column>>
}

/** The name of a Drizzle table in the database. */
export function nameOf(table: Table): string {
  const name = (table as TableInside)[tableName]
  if (name !== undefined) return name
  throw new SherdError('SHERD_CONFIG', {
    message: 'A table kind was declared on something that is not a Drizzle table.',
    remedy: 'Give what mysqlTable() or sqliteTable() of drizzle-orm returned.',
  })
}

/** The name in the database of the column that the model calls `key`. */
export function columnName(table: Table, name: string, key: string, casing: Casing | undefined): string {
  const column = (table as TableInside)[tableColumns]?.[key]
  if (column !== undefined) return databaseName(column, casing)
  throw new SherdError('SHERD_CONFIG', {
    message: `The Drizzle table ${name} has no column ${key} in its model.`,
    remedy: 'Give the name that the column has in the model, such as userId, not its name in the database.',
    details: { table: name, column: key },
  })
}

/** A column's name in the database. */
export function databaseName(column: Column, casing: Casing | undefined): string {
  return column.keyAsName ? toCase(column.name, casing) : column.name
}

/** As `drizzle-orm/casing.js` (0.45), so that both name the same column. */
function toCase(name: string, casing: Casing | undefined): string {
  if (casing === undefined) return name
  const words = name.replace(/['\u2019]/g, '').match(/[\da-z]+|[A-Z]+(?![a-z])|[A-Z][\da-z]+/g) ?? []
  const lower = words.map((word) => word.toLowerCase())
  if (casing === 'snake_case') return lower.join('_')
  return words.map((word, i) => (i === 0 ? lower[0] : word.charAt(0).toUpperCase() + word.slice(1))).join('')
}
