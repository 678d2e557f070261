import type { RawColumn, RawRow } from '../drivers/raw-rows.ts'
import { writeTuples } from '../merge/ship-rows.ts'
import type { IntrospectPlan, SchemaView } from '../plan/plan.ts'
import { tablesElsewhere, type SchemaTable } from '../plan/schema-tables.ts'
import { type ViewContent, writeString } from '../rewrite/rewrite-introspection.ts'
import type { Session } from '../session/session.ts'
import type { Server } from '../topology/topology.ts'
import { catchInto } from './catch-into.ts'
import type { Engine } from './engine.ts'
import type { SchemaSource } from './introspection.ts'
import { type RawRows, readRaw } from './read-raw.ts'
import type { Request } from './request.ts'
import { quoteName } from '../sql/quote-name.ts'

/** A question about tables on its way. */
export interface ViewsWork {
  readonly engine: Engine
  readonly session: Session
  readonly plan: IntrospectPlan
  /** Of the main database. */
  readonly server: Server
  readonly request: Request
}

type Callback = (error: unknown, contents?: readonly ViewContent[]) => void

/** Reads what the views of a plan are filled up with, one after the other. */
export function readViews(
  work: ViewsWork,
  sources: readonly (readonly SchemaSource[])[],
  callback: Callback,
  known: readonly ViewContent[] = [],
): void {
  const view = work.plan.views[known.length]
  if (view === undefined) return callback(null, known)
  readView(work, view, sources[known.length] ?? [], (error, content) => {
    if (content === undefined) return callback(error)
    catchInto(callback, () => readViews(work, sources, callback, [...known, content]))
  })
}

function readView(
  work: ViewsWork,
  view: SchemaView,
  sources: readonly SchemaSource[],
  callback: (error: unknown, content?: ViewContent) => void,
): void {
  const { engine, session, server, request, plan } = work
  const { table } = view
  // Servers of other versions may have other columns; those of the main database count.
  const shape = `SELECT * FROM information_schema.${table.name} LIMIT 0`
  readRaw(engine, session, server, plan.plain.database, shape, request, (error, main) => {
    if (main === undefined) return callback(error)
    const tuples: string[] = []
    const step = (position: number): void => {
      const source = sources[position]
      if (source === undefined) return callback(null, contentOf(work, view, main.columns, tuples))
      readSource(work, table, source, (failure, read) => {
        if (read === undefined) return callback(failure)
        catchInto(callback, () => {
          tuples.push(...tuplesOf(main.columns, read, source.database, plan.main))
          step(position + 1)
        })
      })
    }
    step(0)
  })
}

function readSource(
  { engine, session, request }: ViewsWork,
  table: SchemaTable,
  { server, database, shard, tables }: SchemaSource,
  callback: (error: unknown, read?: RawRows) => void,
): void {
  const [schema, name] = [table.schemaColumn, table.tableColumn].map((column) => quoteName(column, 'mysql'))
  const text = `SELECT * FROM information_schema.${table.name} WHERE ${schema} = ${writeString(database)} AND ${name} IN (${tables.map(writeString).join(', ')})`
  const read = (missing: unknown): void => {
    if (missing) return callback(missing)
    readRaw(engine, session, server, database, text, request, callback)
  }
  if (shard === undefined) read(null)
  else engine.databases.require(shard, read)
}

function contentOf(
  { engine }: ViewsWork,
  { table, filters }: SchemaView,
  columns: readonly RawColumn[],
  tuples: readonly string[],
): ViewContent {
  const hidden = tablesElsewhere(engine.topology).flatMap(({ tables }) => tables)
  const namesDatabase = filters.some(({ column }) => column !== table.tableColumn)
  // All of them: two addresses may be one server.
  const hiddenDatabases = namesDatabase ? [] : logicalDatabases(engine)
  return { columns: columns.map(({ name }) => name), hidden, hiddenDatabases, tuples }
}

function logicalDatabases({ topology }: Engine): readonly string[] {
  return [...topology.shardGroups.values()].flatMap(({ shards }) => shards.map(({ name }) => name))
}

/** The rows in the columns of the main database, with its name in place of that of the database they come from. */
function tuplesOf(
  wanted: readonly RawColumn[],
  { columns, rows }: RawRows,
  database: string,
  main: string,
): readonly string[] {
  const from = toBytes(database)
  const to = toBytes(main)
  const places = wanted.map(({ name }) =>
    columns.findIndex((column) => column.name.toUpperCase() === name.toUpperCase()),
  )
  const renamed = wanted.map(({ name }) => name.toUpperCase().endsWith('SCHEMA'))
  const moved = rows.map((row): RawRow =>
    places.map((place, index) => {
      const cell = row[place] ?? null
      return renamed[index] === true && cell === from ? to : cell
    }),
  )
  const every = wanted.map((_, value) => ({ value }))
  return writeTuples(wanted.map(asText), moved, every)
}

/** Enumerations of MySQL 8 are told by their names. */
function asText(column: RawColumn): RawColumn {
  return column.type === 'enum' ? { ...column, type: 'string' } : column
}

/** As raw cells hold a text. */
function toBytes(name: string): string {
  return Buffer.from(name, 'utf8').toString('latin1')
}
