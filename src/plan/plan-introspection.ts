import { SherdError } from '../errors/sherd-error.ts'
import type { Query, SelectStatement, TableName } from '../sql/ast.ts'
import { hideVersionComments } from '../sql/hide-version-comments.ts'
import type { SqlModes } from '../sql/modes.ts'
import { parseStatement } from '../sql/parser.ts'
import type { Topology } from '../topology/topology.ts'
import type { Analysis } from './analysis.ts'
import { analyzeStatement } from './analyze-statement.ts'
import { firstWord } from './first-word.ts'
import { sessionFunctions } from './function-lists.ts'
import type { IntrospectPlan, PassthroughPlan, Plan, Refusal, RefusePlan, SchemaView } from './plan.ts'
import { refusal, refuse } from './refusals.ts'
import { mainDatabase, schemaTables, serverTables, tablesElsewhere } from './schema-tables.ts'
import { selectForShow } from './show-tables.ts'
import { findFilters } from './view-filters.ts'

const readVerbs: ReadonlySet<string> = new Set(['select', 'with', '(', 'show'])

/**
 * The plan of a question about tables: a SELECT on `information_schema`, SHOW TABLES or SHOW TABLE STATUS that may concern
 * declared tables outside of the main database. Nothing for other texts, which are planned as if this were not here. Pure.
 */
export function planIntrospection(
  sql: string,
  topology: Topology,
  modes: SqlModes,
  planPlain: () => Plan,
): IntrospectPlan | RefusePlan | undefined {
  const word = firstWord(sql)
  if (modes.dialect === 'sqlite') return undefined
  if (word !== 'show' && !/information_schema/iu.test(sql)) return undefined
  const main = mainDatabase(topology)
  if (main === undefined || tablesElsewhere(topology).length === 0) return undefined
  try {
    return readVerbs.has(word)
      ? planQuestion(sql, main, topology, modes, planPlain)
      : refuseInside(sql, topology, modes)
  } catch (error) {
    if (!(error instanceof SherdError)) throw error
    const isNamed = readVerbs.has(word) && namedIn(sql, topology) !== undefined
    return isNamed ? unreadable(error, sql, topology) : undefined
  }
}

/** Of a text with executable comments, of which only these are hidden: its tables are known all the same. */
const unread: PassthroughPlan = Object.freeze({ kind: 'passthrough', database: 'default', isRead: false })

function planQuestion(
  sql: string,
  main: string,
  topology: Topology,
  modes: SqlModes,
  planPlain: () => Plan,
): IntrospectPlan | RefusePlan | undefined {
  const text = firstWord(sql) === 'show' ? selectForShow(sql, main, modes) : sql
  if (text === undefined) return undefined
  const readable = hideVersionComments(text, modes)
  const plain = readable === text ? planPlain() : unread
  if (plain.kind !== 'passthrough' || plain.database !== 'default') return undefined
  const statement = parseStatement(readable, modes)
  if (statement.kind !== 'select') return undefined
  const { analysis } = analyzeStatement(statement, topology, modes)
  const names = statement.tables.filter(isOfServer)
  if (readable !== text && !isAlone(statement, names)) return undefined
  const views = findViews(analysis, modes)
  const unknown = names.find(({ table }) => isUnknown(table.name))
  const viewed = names.filter(({ table }) => schemaTables.has(table.name.toLowerCase()))
  const isPlain = views.length === viewed.length && views.every((view) => isAboutOthers(view, topology))
  if (isPlain && unknown === undefined) return undefined
  if (plain.bound !== undefined) return refuse(keepsConnection(plain.bound.what))
  if (analysis.qualifiedColumn !== undefined || viewed.length !== views.length)
    return refuse(
      refusal(
        'SHERD_INTROSPECTION',
        'A table of information_schema, or a column with that database, stands where sherd cannot replace it.',
        { offset: analysis.qualifiedColumn ?? viewed[0]?.start ?? 0 },
      ),
    )
  return Object.freeze({
    kind: 'introspect',
    text,
    statement,
    plain,
    main,
    views: Object.freeze(views),
    ...(unknown === undefined ? {} : { unknown: unknown.table.name }),
  })
}

function keepsConnection(what: string): Refusal {
  return refusal(
    'SHERD_INTROSPECTION',
    `The statement asks about tables, of which some are on shards, and ${what} in it belongs to a connection.`,
    {},
    'Send the question on its own, and use its rows in your program.',
  )
}

/** A question inside of a statement that does more than ask would be answered for the main database alone. */
function refuseInside(sql: string, topology: Topology, modes: SqlModes): RefusePlan | undefined {
  const table = namedIn(sql, topology)
  if (table === undefined) return undefined
  const { tables } = parseStatement(hideVersionComments(sql, modes), modes)
  const asked = tables.find((name) => isOfServer(name) && !serverTables.has(name.table.name.toLowerCase()))
  if (asked === undefined) return undefined
  return refuse(
    refusal(
      'SHERD_INTROSPECTION',
      `The statement asks information_schema.${asked.table.name} about ${table}, which is not in the main database, and does more than ask.`,
      { table, offset: asked.start },
      'Send the question on its own, and use its rows in your program.',
    ),
  )
}

const ownDatabase: ReadonlySet<string> = new Set(['database', 'schema'])

/** Asks tables of the server only, and means nothing but itself on its connection. */
function isAlone({ tables, variables, calls }: SelectStatement, names: readonly TableName[]): boolean {
  const isBound = calls.some((name) => sessionFunctions.has(name) && !ownDatabase.has(name))
  return names.length === tables.length && variables.length === 0 && !isBound
}

function isOfServer({ database }: TableName): boolean {
  return database?.name.toLowerCase() === 'information_schema'
}

function isUnknown(table: string): boolean {
  const name = table.toLowerCase()
  return !schemaTables.has(name) && !serverTables.has(name)
}

function findViews(analysis: Analysis, modes: SqlModes): readonly SchemaView[] {
  // A SELECT statement was analyzed.
  const { sql } = analysis.statement as SelectStatement
  const views: SchemaView[] = []
  for (const [query, scope] of analysis.scopes) {
    const { where, from } = partsOf(query)
    const filters = findFilters(sql, modes, scope, where, from)
    for (const source of scope.sources) {
      const name = source.origin?.name
      const table = name && isOfServer(name) ? schemaTables.get(name.table.name.toLowerCase()) : undefined
      if (name === undefined || table === undefined) continue
      const isOwn = (column: string): boolean =>
        column === table.schemaColumn || column === table.tableColumn || column === 'CONSTRAINT_SCHEMA'
      const own = filters.get(source)?.filter(({ column }) => isOwn(column)) ?? []
      const hasAlias = source.origin?.alias !== undefined
      views.push(Object.freeze({ name, table, hasAlias, filters: Object.freeze(own) }))
    }
  }
  return views.toSorted((a, b) => a.name.start - b.name.start)
}

function partsOf(query: Query): Pick<Extract<Query, { kind: 'select' }>, 'where' | 'from'> {
  return query.kind === 'select' ? query : {}
}

/** Names its tables in the text, and none of them is declared elsewhere. */
function isAboutOthers({ table, filters }: SchemaView, topology: Topology): boolean {
  const names = filters.find(({ column }) => column === table.tableColumn)?.values
  const elsewhere = new Set(tablesElsewhere(topology).flatMap(({ tables }) => tables.map(lower)))
  return names?.every((value) => value.kind === 'literal' && !elsewhere.has(lower(value.value))) === true
}

function lower(text: string): string {
  return text.toLowerCase()
}

/** A declared table outside of the main database that stands in a text as a string. */
function namedIn(sql: string, topology: Topology): string | undefined {
  const text = sql.toLowerCase()
  const names = tablesElsewhere(topology).flatMap(({ tables }) => tables)
  return names.find((name) => text.includes(`'${name.toLowerCase()}'`))
}

function unreadable({ message, remedy }: SherdError, sql: string, topology: Topology): RefusePlan {
  const table = namedIn(sql, topology) ?? ''
  return refuse(
    refusal(
      'SHERD_INTROSPECTION',
      `The question names ${table}, which is not in the main database, and cannot be read: ${message.replace(` ${remedy}`, '')}`,
      { table },
    ),
  )
}
