import type { ServerDoor, ServerSession } from '../engine/run-on-server.ts'
import { readMysqlDatabases } from '../schema/mysql-tables.ts'
import { readSqliteDatabase } from '../schema/sqlite-tables.ts'
import type {
  ColumnFacts,
  DatabaseFacts,
  ForeignKeyFacts,
  IndexFacts,
  TableFacts,
} from '../schema/table-facts.ts'
import type { Place } from './places.ts'

/** What is said of one table, one fact for each thing that can differ: `engine`, `column total`, `key by_user` … */
export type TableTexts = ReadonlyMap<string, string>
/** Tables by name. */
export type Schema = ReadonlyMap<string, TableTexts>

/** The schemas of databases on one server, by the names of the places. Tables of sherd itself are left out. */
export async function readSchemas(
  door: ServerDoor,
  places: readonly Place[],
): Promise<ReadonlyMap<string, Schema>> {
  const [first] = places
  if (first === undefined) return new Map()
  const databases = await door.inDatabase({ server: first.server, database: first.name }, (session) =>
    readDatabases(door, session, places),
  )
  return new Map(places.map(({ name, database }) => [name, describeDatabase(databases.get(database))]))
}

async function readDatabases(
  door: ServerDoor,
  session: ServerSession,
  places: readonly Place[],
): Promise<ReadonlyMap<string, DatabaseFacts>> {
  const names = places.map(({ database }) => database)
  if (door.dialect === 'mysql') return readMysqlDatabases(session.texts, names, door.escape)
  const databases = new Map<string, DatabaseFacts>()
  for (const name of names)
    databases.set(name, await readSqliteDatabase(session.texts, name, name, door.escape))
  return databases
}

function describeDatabase(database: DatabaseFacts | undefined): Schema {
  if (database === undefined) return new Map()
  const others = database.others.map(({ name, type }) => [name, new Map([['type', type]])] as const)
  const tables = database.tables.map((table) => [table.name, describeTable(table, database.name)] as const)
  return new Map([...tables, ...others].filter(([name]) => !name.startsWith('sherd_')))
}

/** Compared by itself only where the columns are the same. */
export const orderOfColumns = 'order of columns'

function describeTable(
  { engine, collation, columns, indexes, foreignKeys }: TableFacts,
  database: string,
): TableTexts {
  return new Map([
    ...(engine === undefined ? [] : [['engine', engine] as const]),
    ...(collation === undefined ? [] : [['collation', collation] as const]),
    ...columns.map((column) => [`column ${column.name}`, describeColumn(column)] as const),
    [orderOfColumns, columns.map(({ name }) => name).join(', ')],
    ...indexes.map((index) => [`key ${index.name}`, describeIndex(index)] as const),
    ...foreignKeys.map((key) => [`foreign key ${key.name}`, describeForeignKey(key, database)] as const),
  ])
}

function describeColumn(column: ColumnFacts): string {
  const { fullType, isNullable, byDefault = 'NULL', expression, extra, collation } = column
  const parts = [
    fullType,
    isNullable ? '' : 'not null',
    byDefault === 'NULL' ? '' : `default ${byDefault}`,
    expression === '' ? '' : `as (${expression})`,
    extra,
    collation === undefined ? '' : `collate ${collation}`,
  ]
  return parts.filter((part) => part !== '').join(' ')
}

function describeIndex({ isUnique, type, parts }: IndexFacts): string {
  const columns = parts.map(({ column, prefix }) =>
    column === '' ? 'expression' : `${column}${prefix === undefined ? '' : `(${prefix})`}`,
  )
  return `(${columns.join(', ')}) ${isUnique ? 'unique ' : ''}${type}`.trim()
}

/** Parents in the same database are told by their names alone, so that shards are alike. */
function describeForeignKey(
  { columns, parentDatabase, parent, parentColumns, onUpdate, onDelete }: ForeignKeyFacts,
  database: string,
): string {
  const place = parentDatabase === database ? parent : `${parentDatabase}.${parent}`
  const parts = columns.map((column, index) => `${column} to ${place}.${parentColumns[index] ?? ''}`)
  return `(${parts.join(', ')}) on update ${onUpdate} on delete ${onDelete}`
}
