import type { ServerDoor, ServerSession } from '../engine/run-on-server.ts'
import { readCell } from './ledger.ts'
import type { Place } from './places.ts'
import { quoteName } from '../sql/quote-name.ts'

/** What is said of one table, one fact for each thing that can differ: `engine`, `column total`, `key by_user` … */
export type TableFacts = ReadonlyMap<string, string>
/** Tables by name. */
export type Schema = ReadonlyMap<string, TableFacts>

/** Database, table, fact, value. */
type FactRow = readonly [string, string, string, string]

/** The schemas of databases on one server, by the names of the places. Tables of sherd itself are left out. */
export async function readSchemas(
  door: ServerDoor,
  places: readonly Place[],
): Promise<ReadonlyMap<string, Schema>> {
  const [first] = places
  if (first === undefined) return new Map()
  const rows = await door.inDatabase({ server: first.server, database: first.name }, (session) =>
    door.dialect === 'mysql' ? readMysql(door, session, places) : readSqlite(door, session, places),
  )
  const schemas = new Map<string, Map<string, Map<string, string>>>()
  for (const [database, table, fact, value] of rows) {
    if (table.startsWith('sherd_')) continue
    const schema = schemas.get(database) ?? new Map<string, Map<string, string>>()
    const facts = schema.get(table) ?? new Map<string, string>()
    schemas.set(database, schema.set(table, facts.set(fact, value)))
  }
  return new Map(places.map(({ name, database }) => [name, schemas.get(database) ?? new Map()]))
}

async function readMysql(
  door: ServerDoor,
  session: ServerSession,
  places: readonly Place[],
): Promise<readonly FactRow[]> {
  const names = places.map(({ database }) => door.escape(database)).join(', ')
  const where = (schema: string): string => `${schema} IN (${names})`
  const tables = await readAll(
    door,
    session,
    `SELECT TABLE_SCHEMA, TABLE_NAME, TABLE_TYPE, ENGINE, TABLE_COLLATION FROM information_schema.TABLES WHERE ${where('TABLE_SCHEMA')}`,
  )
  const columns = await readAll(
    door,
    session,
    `SELECT TABLE_SCHEMA, TABLE_NAME, COLUMN_NAME, COLUMN_TYPE, IS_NULLABLE, COLUMN_DEFAULT, EXTRA, COLLATION_NAME, GENERATION_EXPRESSION
      FROM information_schema.COLUMNS WHERE ${where('TABLE_SCHEMA')} ORDER BY TABLE_SCHEMA, TABLE_NAME, ORDINAL_POSITION`,
  )
  const keys = await readAll(
    door,
    session,
    `SELECT TABLE_SCHEMA, TABLE_NAME, INDEX_NAME, NON_UNIQUE, INDEX_TYPE, COLUMN_NAME, SUB_PART
      FROM information_schema.STATISTICS WHERE ${where('TABLE_SCHEMA')} ORDER BY TABLE_SCHEMA, TABLE_NAME, INDEX_NAME, SEQ_IN_INDEX`,
  )
  const foreignKeys = await readAll(
    door,
    session,
    `SELECT k.TABLE_SCHEMA, k.TABLE_NAME, k.CONSTRAINT_NAME, k.COLUMN_NAME, IF(k.REFERENCED_TABLE_SCHEMA = k.TABLE_SCHEMA, '', CONCAT(k.REFERENCED_TABLE_SCHEMA, '.')),
        k.REFERENCED_TABLE_NAME, k.REFERENCED_COLUMN_NAME, r.UPDATE_RULE, r.DELETE_RULE
      FROM information_schema.KEY_COLUMN_USAGE k
      JOIN information_schema.REFERENTIAL_CONSTRAINTS r ON r.CONSTRAINT_SCHEMA = k.CONSTRAINT_SCHEMA AND r.CONSTRAINT_NAME = k.CONSTRAINT_NAME AND r.TABLE_NAME = k.TABLE_NAME
      WHERE ${where('k.TABLE_SCHEMA')} AND k.REFERENCED_TABLE_NAME IS NOT NULL
      ORDER BY k.TABLE_SCHEMA, k.TABLE_NAME, k.CONSTRAINT_NAME, k.ORDINAL_POSITION`,
  )
  return [
    ...tables.flatMap(describeTable),
    ...columns.map(describeColumn),
    ...listOrders(columns),
    ...joinParts(keys, describeKeyPart),
    ...joinParts(foreignKeys, describeForeignPart),
  ]
}

type Cells = readonly string[]

async function readAll(door: ServerDoor, session: ServerSession, text: string): Promise<readonly Cells[]> {
  const { rows } = await session.rows(text)
  return rows.map((row) => row.map((cell) => readCell(door, cell)))
}

function describeTable([
  schema = '',
  table = '',
  type = '',
  engine = '',
  collation = '',
]: Cells): readonly FactRow[] {
  if (type !== 'BASE TABLE') return [[schema, table, 'type', type.toLowerCase()]]
  return [
    [schema, table, 'engine', engine],
    [schema, table, 'collation', collation],
  ]
}

function describeColumn(cells: Cells): FactRow {
  const [
    schema = '',
    table = '',
    name = '',
    type = '',
    isNullable,
    initial = '',
    extra = '',
    collation,
    expression,
  ] = cells
  // The display width of integers says nothing of values.
  const plain = type.replace(/^((?:tiny|small|medium|big)?int)\(\d+\)/u, '$1')
  const parts = [
    plain,
    isNullable === 'YES' ? '' : 'not null',
    initial === '' || initial === 'NULL' ? '' : `default ${initial}`,
    expression ? `as (${expression})` : '',
    extra,
    collation ? `collate ${collation}` : '',
  ]
  return [schema, table, `column ${name}`, parts.filter((part) => part !== '').join(' ')]
}

/** Compared by itself only where the columns are the same. */
export const orderOfColumns = 'order of columns'

function listOrders(columns: readonly Cells[]): readonly FactRow[] {
  const orders = new Map<string, FactRow>()
  for (const [schema = '', table = '', name = ''] of columns) {
    const id = JSON.stringify([schema, table])
    const known = orders.get(id)?.[3]
    orders.set(id, [schema, table, orderOfColumns, known === undefined ? name : `${known}, ${name}`])
  }
  return [...orders.values()]
}

interface Part {
  readonly fact: string
  readonly part: string
  readonly rest: string
}

function joinParts(rows: readonly Cells[], describe: (cells: Cells) => Part): readonly FactRow[] {
  const joined = new Map<
    string,
    { place: readonly [string, string, string]; parts: string[]; rest: string }
  >()
  for (const cells of rows) {
    const [schema = '', table = ''] = cells
    const { fact, part, rest } = describe(cells)
    const id = JSON.stringify([schema, table, fact])
    const known = joined.get(id) ?? { place: [schema, table, fact] as const, parts: [], rest }
    known.parts.push(part)
    joined.set(id, known)
  }
  return [...joined.values()].map(({ place, parts, rest }) => [
    ...place,
    `(${parts.join(', ')}) ${rest}`.trim(),
  ])
}

function describeKeyPart([, , name = '', isNotUnique, type = '', column = '', prefix = '']: Cells): Part {
  const part = prefix === '' ? column : `${column}(${prefix})`
  return { fact: `key ${name}`, part, rest: `${isNotUnique === '0' ? 'unique ' : ''}${type.toLowerCase()}` }
}

function describeForeignPart(cells: Cells): Part {
  const [, , name = '', column = '', schema = '', table = '', target = '', onUpdate = '', onDelete = ''] =
    cells
  return {
    fact: `foreign key ${name}`,
    part: `${column} to ${schema}${table}.${target}`,
    rest: `on update ${onUpdate.toLowerCase()} on delete ${onDelete.toLowerCase()}`,
  }
}

async function readSqlite(
  door: ServerDoor,
  session: ServerSession,
  places: readonly Place[],
): Promise<readonly FactRow[]> {
  const found: FactRow[] = []
  for (const { database } of places) {
    const name = door.escape(database)
    const tables = `${quoteName(database, 'sqlite')}.sqlite_master m`
    const where = `m.type = 'table' AND m.name NOT LIKE 'sqlite%'`
    const columns = await readAll(
      door,
      session,
      `SELECT ${name}, m.name, c.name, c.type || CASE WHEN c."notnull" THEN ' not null' ELSE '' END || COALESCE(' default ' || c.dflt_value, '') || CASE WHEN c.pk THEN ' primary key ' || c.pk ELSE '' END || CASE WHEN c.hidden > 1 THEN ' generated' ELSE '' END
        FROM ${tables}, pragma_table_xinfo(m.name, ${name}) c WHERE ${where} ORDER BY m.name, c.cid`,
    )
    const keys = await readAll(
      door,
      session,
      `SELECT ${name}, m.name, l.name, CASE l."unique" WHEN 1 THEN '0' ELSE '1' END, '', COALESCE(i.name, 'expression'), ''
        FROM ${tables}, pragma_index_list(m.name, ${name}) l, pragma_index_info(l.name, ${name}) i WHERE ${where} ORDER BY m.name, l.name, i.seqno`,
    )
    const foreignKeys = await readAll(
      door,
      session,
      `SELECT ${name}, m.name, f.id, f."from", '', f."table", COALESCE(f."to", ''), f.on_update, f.on_delete
        FROM ${tables}, pragma_foreign_key_list(m.name, ${name}) f WHERE ${where} ORDER BY m.name, f.id, f.seq`,
    )
    found.push(
      ...columns.map(([schema = '', table = '', column = '', text = '']): FactRow => [
        schema,
        table,
        `column ${column}`,
        text,
      ]),
      ...listOrders(columns),
      ...joinParts(keys, describeKeyPart),
      ...joinParts(foreignKeys, describeForeignPart),
    )
  }
  return found
}
