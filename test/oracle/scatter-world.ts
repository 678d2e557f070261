import type { Sherd } from '../../src/facade/sherd.ts'
import type { SqlDialect } from '../../src/sql/modes.ts'
import type { ScatterTable } from './scatter-columns.ts'
import type { ScatterRows } from './scatter-data.ts'
import type { Protocol } from './world.ts'

/** A column of an answer. */
export interface ScatterField {
  readonly name: string
  /** As the statement calls it; empty for what is computed. */
  readonly table: string
  /** All that tells how values are read: type, sign, decimals, text or bytes. */
  readonly type: string
}

export interface ScatterRowsAnswer {
  readonly kind: 'rows'
  readonly fields: readonly ScatterField[]
  /** Values in the order of the columns, whatever option built the rows. */
  readonly rows: readonly (readonly unknown[])[]
  /** How an option built them: the names of the first row's values. */
  readonly form: string
}

export type ScatterAnswer =
  | ScatterRowsAnswer
  | { readonly kind: 'error'; readonly code: string; readonly message: string }
  | { readonly kind: 'refused'; readonly code: string; readonly message: string }

export interface Ask {
  readonly sql: string
  readonly values: readonly unknown[]
  readonly protocol: Protocol
  /** Options of mysql2 for one query. */
  readonly options: object
  /** Statements of one scatter on one server at the same time; when it is one, those of a server go there in one text. */
  readonly maxConcurrencyPerServer?: number
}

/** The same rows twice: on eight logical shards behind a sherd, and in one plain database. */
export interface ScatterWorld {
  readonly dialect: SqlDialect
  readonly tables: readonly [ScatterTable, ScatterTable, ScatterTable]
  /** Owners of the shards. */
  readonly owners: readonly (readonly number[])[]
  readonly askSherd: (ask: Ask) => Promise<ScatterAnswer>
  readonly askPlain: (ask: Ask) => Promise<ScatterAnswer>
  /** One text for all strings that are equal by a collation. */
  readonly fold: (texts: readonly string[], collation: string) => Promise<ReadonlyMap<string, string>>
  readonly close: () => Promise<void>
}

/** Number of the logical shard of an owner. */
export function shardNumber(sherd: Sherd, owner: number): number {
  return sherd.locate('product', owner).index
}

/** The rows that belong to a logical shard, whole tables included. */
export function rowsOfShard(sherd: Sherd, rows: ScatterRows, shard: number): ScatterRows {
  return new Map(
    [...rows].map(([table, all]) => [
      table,
      all.filter(({ owner }) => owner === undefined || shardNumber(sherd, owner) === shard),
    ]),
  )
}

export function answerWith(
  rows: readonly unknown[],
  fields: readonly ScatterField[],
  options: object,
): ScatterRowsAnswer {
  const isNested = 'nestTables' in options && options.nestTables === true
  const [first] = rows
  const isList = Array.isArray(first) || first === undefined
  const form = isList ? 'values' : JSON.stringify(namesOf(first as object, isNested))
  return { kind: 'rows', fields, rows: rows.map((row) => valuesOf(row as object, isNested, fields)), form }
}

function namesOf(row: object, isNested: boolean): unknown {
  if (!isNested) return Object.keys(row)
  return Object.entries(row).map(([name, inner]) => [name, Object.keys(inner as object)])
}

function valuesOf(row: object, isNested: boolean, fields: readonly ScatterField[]): readonly unknown[] {
  if (!isNested) return Object.values(row)
  // One object for each table, as nestTables builds them.
  const tables = row as Readonly<Record<string, Readonly<Record<string, unknown>>>>
  return fields.map(({ table, name }) => tables[table]?.[name])
}
