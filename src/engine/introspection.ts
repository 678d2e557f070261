import { SherdError } from '../errors/sherd-error.ts'
import type { IntrospectPlan, SchemaView } from '../plan/plan.ts'
import { tablesElsewhere } from '../plan/schema-tables.ts'
import type { ViewFilter, ViewValue } from '../plan/view-filters.ts'
import type { Topology } from '../topology/topology.ts'
import type { LogicalShard, Server } from '../topology/topology.ts'
import type { OfflineEngine } from './engine.ts'
import type { Request } from './request.ts'

/** A database that tells how declared tables are defined which are not in the main one. */
export interface SchemaSource {
  readonly server: Server
  /** Its name on the server. */
  readonly database: string
  /** A representative of its group; undefined for an unsharded database. */
  readonly shard: LogicalShard | undefined
  readonly tables: readonly string[]
}

/** Which tables each view of a plan needs from where, now that the values are known. */
export function findSources(
  { topology }: OfflineEngine,
  plan: IntrospectPlan,
  request: Request,
): readonly (readonly SchemaSource[])[] {
  const { statement, unknown } = plan
  const { sql, values } = request
  if (statement.markers.length !== values.length)
    throw new SherdError('SHERD_VALUE_COUNT', {
      message: `The statement has ${statement.markers.length} markers and was given ${values.length} values.`,
      sql,
    })
  const named = unknown === undefined ? undefined : findNamed(topology, plan, values)
  if (named !== undefined)
    throw new SherdError('SHERD_INTROSPECTION', {
      message: `The table ${named} is not in the main database, and sherd does not complete information_schema.${unknown ?? ''} with it.`,
      details: { table: named },
      sql,
    })
  return plan.views.map((view) => sourcesOf(topology, plan, view, request))
}

function sourcesOf(
  topology: Topology,
  { main }: IntrospectPlan,
  { table, filters }: SchemaView,
  { values, scope }: Request,
): readonly SchemaSource[] {
  const isElsewhere = ({ column, values: list }: ViewFilter): boolean =>
    column !== table.tableColumn && !list.some((value) => isCalled(main, value, values))
  if (filters.some(isElsewhere)) return []
  const names = filters.find(({ column }) => column === table.tableColumn)?.values
  return tablesElsewhere(topology).flatMap(({ place, tables }) => {
    const wanted = names === undefined ? tables : spellingsOf(tables, names, values)
    if (wanted.length === 0) return []
    if (place.kind === 'database') return databaseSource(topology, place.database, wanted)
    // In a scope, the shard that it names.
    const shard = scope?.shards.get(place.group) ?? topology.shardGroups.get(place.group)?.shards[0]
    return shard === undefined ? [] : [{ server: shard.server, database: shard.name, shard, tables: wanted }]
  })
}

/** As the question spells them, not the config: where case counts, only the server knows which of the two the table has. */
function spellingsOf(
  tables: readonly string[],
  names: readonly ViewValue[],
  given: readonly unknown[],
): readonly string[] {
  const found = names.flatMap((value) => {
    const called = tables.filter((name) => isCalled(name, value, given))
    return called.map((name) => textOf(value, given) ?? name)
  })
  return [...new Set(found)]
}

function databaseSource(
  topology: Topology,
  name: string,
  tables: readonly string[],
): readonly SchemaSource[] {
  const server = topology.databases.get(name)?.server
  const database = server?.primary.database
  return server === undefined || database === undefined
    ? []
    : [{ server, database, shard: undefined, tables }]
}

/** Names of information_schema are compared without regard to case. */
function isCalled(name: string, value: ViewValue, given: readonly unknown[]): boolean {
  const text = textOf(value, given)
  return text === undefined || text.toLowerCase() === name.toLowerCase()
}

/** Undefined for what only the server knows. */
function textOf(value: ViewValue, given: readonly unknown[]): string | undefined {
  switch (value.kind) {
    case 'database':
      return undefined
    case 'literal':
      return value.value
    case 'marker':
      return String(given[value.index])
  }
}

function findNamed(
  topology: Topology,
  { text }: IntrospectPlan,
  values: readonly unknown[],
): string | undefined {
  const given = new Set(values.map((value) => String(value).toLowerCase()))
  const names = tablesElsewhere(topology).flatMap(({ tables }) => tables)
  const lower = text.toLowerCase()
  return names.find((name) => given.has(name.toLowerCase()) || lower.includes(`'${name.toLowerCase()}'`))
}
