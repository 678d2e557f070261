import type { Expression, InsertStatement } from '../sql/ast.ts'
import type { IdLayoutName, ShardedTable, TableDeclaration } from '../topology/table-kinds.ts'
import type { InsertColumns } from './insert-columns.ts'
import { describe, readKeyValue } from './key-source.ts'
import type { KeySource, PlacedIds, Refusal } from './plan.ts'
import { refusal } from './refusals.ts'

type Sharded = ShardedTable & TableDeclaration

/**
 * The ids that an INSERT puts into columns whose ids carry the logical shard, for the comparison with the rows' shards. NULL and DEFAULT are no
 * ids: such a row is not found by the column, whatever number its server gives it.
 */
export function placeIds(
  statement: InsertStatement,
  table: Sharded,
  { names }: InsertColumns,
): readonly PlacedIds[] | { readonly refusal: Refusal } {
  const placed: PlacedIds[] = []
  for (const [column, layout] of Object.entries(table.ids ?? {})) {
    const position = names.indexOf(column)
    if (position === -1) continue
    const ids = readIds(statement, table, { column, layout, position })
    if ('refusal' in ids) return ids
    placed.push(ids)
  }
  return placed
}

/** The refusal of an assignment that may give a row an id of another logical shard. */
export function idChange(table: Sharded, column: string, offset: number): Refusal {
  const message = `${table.table}.${column}, whose ids carry the logical shard, is assigned, so the id may belong to another one.`
  return refusal('SHERD_MISPLACED_ID', message, { table: table.table, column, offset })
}

interface IdColumn {
  readonly column: string
  readonly layout: IdLayoutName
  readonly position: number
}

function readIds(
  { source, start }: InsertStatement,
  table: Sharded,
  { column, layout, position }: IdColumn,
): PlacedIds | { readonly refusal: Refusal } {
  if (source.kind === 'query') return { refusal: unseenId(table, column, 'a SELECT', start) }
  const values = source.kind === 'rows' ? source.rows.map((row) => row.values[position]) : []
  const sources: (KeySource | undefined)[] = []
  for (const value of source.kind === 'set' ? [source.assignments[position]?.value] : values) {
    const given = value === undefined || isNoId(value) ? undefined : readKeyValue(value, 'integer').source
    if (given === undefined && value !== undefined && !isNoId(value))
      return { refusal: unseenId(table, column, describe(value), value.start) }
    sources.push(given)
  }
  return Object.freeze({ table: table.table, column, layout, sources: Object.freeze(sources) })
}

function isNoId(value: Expression): boolean {
  return value.kind === 'default' || (value.kind === 'literal' && value.form === 'null')
}

function unseenId({ table }: Sharded, column: string, what: string, offset: number): Refusal {
  const message = `The INSERT into ${table} fills ${column}, whose ids carry the logical shard, with ${what}.`
  return refusal('SHERD_MISPLACED_ID', message, { table, column, offset })
}
