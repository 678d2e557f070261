import { readReference } from './read-reference.ts'
import { readSharded } from './read-sharded.ts'
import { isPlainObject, readArray, readKnownObject, readName, readObject } from './read-value.ts'
import { joinPath, type ReportProblem } from './report-problem.ts'
import type { TableDeclaration, TableKind } from './table-kinds.ts'
import { readKnownDatabase, readKnownGroup, type TablePlace } from './table-place.ts'

const kindProperties = {
  sharded: ['kind', 'group', 'key', 'keyType', 'columns', 'foreignKeys', 'ids', 'scatter'],
  reference: ['kind', 'groups', 'source', 'cursor', 'deletes', 'copies'],
  isolated: ['kind', 'group'],
  pinned: ['kind', 'database'],
} as const

/** A table with the place of its declaration. */
export interface ReadTable {
  readonly path: string
  readonly declaration: TableDeclaration
}

/** Reads the `tables` of a config, one object or several, by lower case name. */
export function readTables(value: unknown, place: TablePlace): ReadonlyMap<string, ReadTable> {
  const tables = new Map<string, ReadTable>()
  if (value === undefined) return tables
  const { report } = place
  const lists = Array.isArray(value) ? readArray(value, 'tables', report) : undefined
  const sources = lists?.map((list, index) => [list, joinPath('tables', index)] as const)
  for (const [source, path] of sources ?? [[value, 'tables'] as const]) {
    const kinds = readObject(source, path, report) ?? {}
    for (const [name, kind] of Object.entries(kinds)) {
      const table = readTable(name, kind, joinPath(path, name), place)
      if (table !== undefined) addTable(tables, table, report)
    }
  }
  return tables
}

function readTable(name: string, value: unknown, path: string, place: TablePlace): ReadTable | undefined {
  const { report } = place
  if (readName(name, path, report) === undefined) return undefined
  if (name.includes('.')) {
    const remedy = 'Write the name of the table alone: its database follows from its kind.'
    report('SHERD_CONFIG_NAME', path, 'The name of the table has a dot.', remedy)
    return undefined
  }
  const kind = readKind(value, path, place)
  return kind === undefined ? undefined : { path, declaration: { ...kind, table: name } }
}

function addTable(tables: Map<string, ReadTable>, table: ReadTable, report: ReportProblem): void {
  const { declaration, path } = table
  const key = declaration.table.toLowerCase()
  const known = tables.get(key)
  if (known === undefined) {
    tables.set(key, table)
    return
  }
  if (describeKind(known.declaration) === describeKind(declaration)) return
  const isSpelling = known.declaration.table !== declaration.table
  const problem = isSpelling
    ? `The table is declared at ${known.path} too, with capitals and small letters otherwise.`
    : `The table is declared otherwise at ${known.path}.`
  const remedy = isSpelling
    ? 'Declare it once, as the database spells it: servers differ in whether case counts.'
    : 'Declare it once, or alike in both places.'
  report('SHERD_CONFIG_TABLE_CONFLICT', path, problem, remedy)
}

/** Equal for equal declarations; the order of groups does not count. */
function describeKind(declaration: TableDeclaration): string {
  const groups =
    declaration.kind === 'reference' && declaration.groups !== 'all' ? declaration.groups.toSorted() : []
  const entries = Object.entries(declaration).filter(([name]) => name !== 'groups' || groups.length === 0)
  return JSON.stringify([groups, entries.toSorted(([left], [right]) => (left < right ? -1 : 1))])
}

function readKind(value: unknown, path: string, place: TablePlace): TableKind | undefined {
  const { report } = place
  const object = isPlainObject(value) ? value : undefined
  const kind = object?.['kind']
  if (object === undefined || typeof kind !== 'string' || !isKind(kind)) {
    const problem = 'This is no table kind.'
    const remedy =
      "Write sharded('group', 'key_column'), reference('group'), isolated('group') or pinned('database')."
    report('SHERD_CONFIG_VALUE', path, problem, remedy)
    return undefined
  }
  readKnownObject(object, kindProperties[kind], path, report)
  switch (kind) {
    case 'sharded':
      return readSharded(object, path, place)
    case 'reference':
      return readReference(object, path, place)
    case 'isolated': {
      const group = readKnownGroup(object['group'], joinPath(path, 'group'), place)
      return group === undefined ? undefined : { kind, group }
    }
    case 'pinned': {
      const database = readKnownDatabase(object['database'], joinPath(path, 'database'), place)
      return database === undefined ? undefined : { kind, database }
    }
  }
}

function isKind(kind: string): kind is keyof typeof kindProperties {
  return Object.hasOwn(kindProperties, kind)
}
