import type { Assignment, Call, ColumnName, Expression, InsertStatement } from '../sql/ast.ts'
import type { SqlDialect } from '../sql/modes.ts'
import type { ShardedTable, TableDeclaration } from '../topology/table-kinds.ts'
import type { InsertColumns } from './insert-columns.ts'
import { idChange } from './place-ids.ts'
import type { Refusal } from './plan.ts'
import { refusal } from './refusals.ts'

type Sharded = ShardedTable & TableDeclaration

/**
 * An upsert may hit a row of another key of the same shard, by a unique index without the key. Two values
 * leave that row where it belongs: its own key, and the key of the row that was to be inserted, which led here.
 * ORMs assign the latter to every column. The same holds for columns whose ids carry the logical shard.
 */
export function checkUpsert(
  statement: InsertStatement,
  table: Sharded,
  { names, position }: InsertColumns,
  dialect: SqlDialect,
): Refusal | undefined {
  const changed = (own: string, place: number): Assignment | undefined =>
    statement.onConflict?.assignments.find(
      ({ column, value }) =>
        isNamed(column.column.name, own) &&
        !keepsShard(value, statement, { column: own, position: place, dialect }),
    )
  const change = changed(table.key, position)
  if (change !== undefined) return keyChange(table, change.start)
  for (const own of Object.keys(table.ids ?? {})) {
    const assigned = changed(own, names.indexOf(own))
    if (assigned !== undefined) return idChange(table, own, assigned.start)
  }
  return undefined
}

/** The refusal of an assignment to a shard key. */
export function keyChange(table: Sharded, offset: number): Refusal {
  const { key } = table
  return refusal(
    'SHERD_KEY_CHANGE',
    `${key}, the shard key of ${table.table}, is assigned, so the row may belong to another shard.`,
    { table: table.table, column: key, offset },
  )
}

/** A column that tells the shard, the key or an id; `position` is its place among those of the INSERT, -1 when it is not there. */
interface Key {
  readonly column: string
  readonly position: number
  readonly dialect: SqlDialect
}

function keepsShard(value: Expression, statement: InsertStatement, key: Key): boolean {
  if (value.kind === 'call') return isValuesOfKey(value, statement, key)
  if (value.kind !== 'column' || value.database !== undefined) return false
  // MySQL also sees the columns of the SELECT here; SQLite does not.
  if (key.dialect === 'mysql' && statement.source.kind === 'query') return false
  return value.table === undefined
    ? isOwnKey(value.column.name, statement, key)
    : isQualifiedKey(value.table.name, value, statement, key)
}

/** `VALUES(key)`, in MariaDB also `VALUE(key)`; of the SELECT's rows, too. In quotes it is a function of the user's. */
function isValuesOfKey(
  call: Call,
  { sql, table: target }: InsertStatement,
  { column: own, dialect }: Key,
): boolean {
  if (dialect !== 'mysql' || !/^values?\s*\(/i.test(sql.slice(call.start, call.end))) return false
  const [column] = call.arguments
  if (column?.kind !== 'column' || call.arguments.length > 1 || column.database !== undefined) return false
  const isTarget = column.table === undefined || isNamed(column.table.name, target.name.table.name)
  return isTarget && isNamed(column.column.name, own) && call.over === undefined && !call.isDistinct
}

/** The stored row's key, unless the row alias gives the name to another column. */
function isOwnKey(name: string, { rowAlias }: InsertStatement, { column, position }: Key): boolean {
  const renamed = rowAlias?.columns.findIndex((column) => isNamed(column.name, name)) ?? -1
  return isNamed(name, column) && (renamed === -1 || renamed === position)
}

/** A name in other letters may mean either row, depending on the server: then the column must be the key of both. */
function isQualifiedKey(
  qualifier: string,
  { column }: ColumnName,
  { table: target, rowAlias }: InsertStatement,
  { column: own, position, dialect }: Key,
): boolean {
  const inserted = dialect === 'sqlite' ? 'excluded' : rowAlias?.name.name
  const insertedKey =
    rowAlias === undefined || rowAlias.columns.length === 0 ? own : rowAlias.columns[position]?.name
  const stored = target.alias?.name ?? target.name.table.name
  const keys = [
    ...(inserted !== undefined && isNamed(qualifier, inserted) ? [insertedKey] : []),
    ...(isNamed(qualifier, stored) ? [own] : []),
  ]
  return keys.length > 0 && keys.every((name) => name !== undefined && isNamed(column.name, name))
}

function isNamed(one: string, other: string): boolean {
  return one.toLowerCase() === other.toLowerCase()
}
