import type { Topology } from '../topology/topology.ts'

/** A table of `information_schema` that has rows for each table: which columns tell whose they are. */
export interface SchemaTable {
  readonly name: string
  readonly schemaColumn: string
  readonly tableColumn: string
}

const byTable = (name: string): SchemaTable => ({
  name,
  schemaColumn: 'TABLE_SCHEMA',
  tableColumn: 'TABLE_NAME',
})

/** Of REFERENTIAL_CONSTRAINTS and MariaDB's CHECK_CONSTRAINTS; MySQL 8's has no TABLE_NAME, and its server says so. */
const byConstraint = (name: string): SchemaTable => ({
  name,
  schemaColumn: 'CONSTRAINT_SCHEMA',
  tableColumn: 'TABLE_NAME',
})

/** Those that sherd answers with the tables on shards among them, by their name in lower case. */
export const schemaTables: ReadonlyMap<string, SchemaTable> = new Map(
  [
    byTable('TABLES'),
    byTable('COLUMNS'),
    byTable('STATISTICS'),
    byTable('KEY_COLUMN_USAGE'),
    byTable('TABLE_CONSTRAINTS'),
    byTable('PARTITIONS'),
    byConstraint('REFERENTIAL_CONSTRAINTS'),
    byConstraint('CHECK_CONSTRAINTS'),
    { name: 'TRIGGERS', schemaColumn: 'EVENT_OBJECT_SCHEMA', tableColumn: 'EVENT_OBJECT_TABLE' },
  ].map((table) => [table.name.toLowerCase(), table]),
)

/** Those that say nothing of single tables, or only of views and programs, which are in the main database. */
export const serverTables: ReadonlySet<string> = new Set(
  'applicable_roles character_sets collation_character_set_applicability collations enabled_roles engines events global_status global_variables keywords parameters plugins processlist routines schema_privileges schemata session_status session_variables sql_functions system_variables user_privileges user_variables views'.split(
    ' ',
  ),
)

/** Declared tables that are not in the main database, and where one finds how they are defined. */
export interface TablesElsewhere {
  readonly place:
    | { readonly kind: 'group'; readonly group: string }
    | { readonly kind: 'database'; readonly database: string }
  readonly tables: readonly string[]
}

const known = new WeakMap<Topology, readonly TablesElsewhere[]>()

/** The declared tables whose home is not the database `default`. */
export function tablesElsewhere(topology: Topology): readonly TablesElsewhere[] {
  const found = known.get(topology) ?? findElsewhere(topology)
  known.set(topology, found)
  return found
}

function findElsewhere(topology: Topology): readonly TablesElsewhere[] {
  const places = new Map<string, { readonly place: TablesElsewhere['place']; readonly tables: string[] }>()
  for (const declaration of topology.tables.values()) {
    const isOnShards = declaration.kind === 'sharded' || declaration.kind === 'isolated'
    const database = declaration.kind === 'reference' ? declaration.source : undefined
    const home = declaration.kind === 'pinned' ? declaration.database : database
    if (home === 'default') continue
    const place: TablesElsewhere['place'] = isOnShards
      ? { kind: 'group', group: declaration.group }
      : { kind: 'database', database: home ?? '' }
    const key = JSON.stringify(place)
    const entry = places.get(key) ?? { place, tables: [] }
    entry.tables.push(declaration.table)
    places.set(key, entry)
  }
  return [...places.values()]
}

/** The default database of `default`, by which statements call the one they see; undefined when there is none. */
export function mainDatabase(topology: Topology): string | undefined {
  return topology.databases.get('default')?.server.primary.database
}
