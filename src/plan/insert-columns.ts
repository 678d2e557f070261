import type { InsertStatement, ValuesRow } from '../sql/ast.ts'
import type { ShardedTable, TableDeclaration } from '../topology/table-kinds.ts'
import type { Refusal } from './plan.ts'
import { refusal } from './refusals.ts'

type Sharded = ShardedTable & TableDeclaration

/** Which columns an INSERT fills, in the order of its values. */
export interface InsertColumns {
  /** Lower case. */
  readonly names: readonly string[]
  /** The shard key's place among them. */
  readonly position: number
  /** True when the order was declared in the config, so that no server checks the names. */
  readonly isDeclared: boolean
}

/** The columns of an INSERT, of its list or as declared; or why the key's place is not certain. */
export function readInsertColumns(
  statement: InsertStatement,
  table: Sharded,
): InsertColumns | { readonly refusal: Refusal } {
  const { source, columns: list } = statement
  const isEmpty = (list?.length ?? 0) === 0 && findRow(statement, (count) => count > 0) === undefined
  if (source.kind === 'defaults' || (source.kind === 'rows' && isEmpty)) return { refusal: withoutKey(table) }
  const named = source.kind === 'set' ? source.assignments.map(({ column }) => column) : list
  const names = (named?.map(({ column }) => column.name) ?? table.columns)?.map((name) => name.toLowerCase())
  if (names === undefined) return { refusal: withoutColumns(table) }
  const key = table.key.toLowerCase()
  const position = names.indexOf(key)
  if (position === -1) return { refusal: withoutKey(table) }
  // SQLite takes a column twice, and stores the first of its values.
  if (names.includes(key, position + 1))
    return { refusal: mismatch(table, `names its shard key ${table.key} twice`, statement.start) }
  return checkRows(statement, table, { names, position, isDeclared: named === undefined })
}

/** The first row whose number of values is so. */
function findRow({ source }: InsertStatement, isSo: (count: number) => boolean): ValuesRow | undefined {
  if (source.kind !== 'rows') return undefined
  for (const row of source.rows) if (isSo(row.values.length)) return row
  return undefined
}

function checkRows(
  statement: InsertStatement,
  table: Sharded,
  columns: InsertColumns,
): InsertColumns | { readonly refusal: Refusal } {
  const { length } = columns.names
  const row = findRow(statement, (count) => count !== length)
  if (row === undefined) return columns
  const count = row.values.length === 1 ? '1 value' : `${row.values.length} values`
  const declared = columns.isDeclared ? ` that are declared for ${table.table}` : ''
  return {
    refusal: mismatch(table, `has a row of ${count} for the ${length} columns${declared}`, row.start),
  }
}

/** The refusal of an INSERT that gives the key no value. */
export function withoutKey({ table, key }: Sharded): Refusal {
  return refusal(
    'SHERD_INSERT_WITHOUT_KEY',
    `The INSERT into ${table} gives no value for its shard key ${key}.`,
    { table, column: key },
  )
}

/** The refusal of an INSERT whose values cannot be told apart by its columns. */
export function mismatch({ table, key }: Sharded, problem: string, offset: number): Refusal {
  return refusal('SHERD_INSERT_MISMATCH', `The INSERT into ${table} ${problem}.`, {
    table,
    column: key,
    offset,
  })
}

function withoutColumns({ table }: Sharded): Refusal {
  return refusal('SHERD_INSERT_WITHOUT_COLUMNS', `The INSERT into ${table} names no columns.`, { table })
}
