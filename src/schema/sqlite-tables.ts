import type { AskTexts, TextRow } from '../drivers/text-rows.ts'
import { quoteName } from '../sql/quote-name.ts'
import {
  type ColumnFacts,
  type DatabaseFacts,
  type ForeignKeyFacts,
  groupRows,
  type IndexFacts,
  type TableFacts,
} from './table-facts.ts'

type Escape = (value: string) => string

/** The tables of a database that is attached as `schema`. */
export async function readSqliteDatabase(
  ask: AskTexts,
  name: string,
  schema: string,
  escape: Escape,
): Promise<DatabaseFacts> {
  const rows = await listTables(ask, schema)
  const tables: TableFacts[] = []
  for (const row of rows) {
    if (row['type'] !== 'table') continue
    const table = row['name'] ?? ''
    const facts = await readSqliteTable(ask, schema, table, escape)
    if (facts === undefined) continue
    const foreignKeys = await readForeignKeys(ask, { database: name, schema, table }, escape)
    tables.push({ name: table, engine: undefined, collation: undefined, ...facts, foreignKeys })
  }
  const others = rows
    .filter(({ type }) => type !== 'table')
    .map((row) => ({ name: row['name'] ?? '', type: row['type'] ?? '' }))
  return { name, collation: undefined, tables, others }
}

/** The foreign keys of a database that is attached as `schema`, by the names of their tables. */
export async function readSqliteForeignKeys(
  ask: AskTexts,
  schema: string,
  escape: Escape,
): Promise<ReadonlyMap<string, readonly ForeignKeyFacts[]>> {
  const found = new Map<string, readonly ForeignKeyFacts[]>()
  for (const { name: table = '', type } of await listTables(ask, schema))
    if (type === 'table')
      found.set(table, await readForeignKeys(ask, { database: schema, schema, table }, escape))
  return found
}

/** Tables and views, each with its name and type. */
function listTables(ask: AskTexts, schema: string): Promise<readonly TextRow[]> {
  return ask(
    `SELECT name, type FROM ${quoteName(schema, 'sqlite')}.sqlite_master WHERE type IN ('table', 'view') AND name NOT LIKE 'sqlite\\_%' ESCAPE '\\' ORDER BY name`,
  )
}

/** Columns and indexes of one table; undefined when it is not there. Partial indexes are left out: they promise nothing of all rows. */
export async function readSqliteTable(
  ask: AskTexts,
  schema: string,
  name: string,
  escape: Escape,
): Promise<Pick<TableFacts, 'columns' | 'indexes'> | undefined> {
  const at = `(${escape(name)}, ${escape(schema)})`
  const columns = await ask(`SELECT * FROM pragma_table_xinfo${at} ORDER BY cid`)
  if (columns.length === 0) return undefined
  const indexes = await ask(
    `SELECT list.name AS name, list.origin AS origin, list."unique" AS uniq, info.name AS col FROM pragma_index_list${at} list, pragma_index_info(list.name, ${escape(schema)}) info WHERE list.partial = 0 ORDER BY list.seq, info.seqno`,
  )
  return {
    columns: columns.map((column) => readColumn(column, columns)),
    indexes: [...readRowid(columns, indexes), ...joinIndexes(indexes)],
  }
}

function readColumn(row: TextRow, all: readonly TextRow[]): ColumnFacts {
  const type = (row['type'] ?? '').toLowerCase()
  // 2 and 3 are generated, 1 is hidden: https://www.sqlite.org/pragma.html#pragma_table_xinfo
  const hidden = Number(row['hidden'])
  const isAlone = all.filter((one) => one['pk'] !== '0').length === 1
  return {
    name: row['name'] ?? '',
    type,
    fullType: type,
    collation: undefined,
    // Of a primary key the rowid alone is never NULL: https://www.sqlite.org/lang_createtable.html#the_primary_key
    isNullable: row['notnull'] === '0' && !(type === 'integer' && row['pk'] === '1' && isAlone),
    isAutoIncrement: false,
    isInvisible: hidden === 1,
    byDefault: row['dflt_value'],
    expression: hidden >= 2 ? 'generated' : '',
    extra: '',
    octets: 0,
  }
}

/** A primary key of one INTEGER is the rowid, and has no index of its own. */
function readRowid(columns: readonly TextRow[], indexes: readonly TextRow[]): readonly IndexFacts[] {
  const keys = columns
    .filter((row) => row['pk'] !== '0')
    .toSorted((one, other) => Number(one['pk']) - Number(other['pk']))
  if (keys.length === 0 || indexes.some((row) => row['origin'] === 'pk')) return []
  const parts = keys.map((row) => ({ column: row['name'] ?? '', prefix: undefined }))
  return [{ name: 'PRIMARY', isPrimary: true, isUnique: true, type: '', parts }]
}

function joinIndexes(rows: readonly TextRow[]): readonly IndexFacts[] {
  return [...groupRows(rows, (row) => row['name'] ?? '')].map(([name, own]) => {
    const isPrimary = own[0]?.['origin'] === 'pk'
    return {
      name: isPrimary ? 'PRIMARY' : name,
      isPrimary,
      isUnique: own[0]?.['uniq'] === '1',
      type: '',
      parts: own.map((row) => ({ column: row['col'] ?? '', prefix: undefined })),
    }
  })
}

interface TablePlace {
  readonly database: string
  readonly schema: string
  readonly table: string
}

async function readForeignKeys(
  ask: AskTexts,
  { database, schema, table }: TablePlace,
  escape: Escape,
): Promise<readonly ForeignKeyFacts[]> {
  // A key that names no columns means the primary key of its parent.
  const primary = `(SELECT p.name FROM pragma_table_info(f."table", ${escape(schema)}) p WHERE p.pk = f.seq + 1)`
  const rows = await ask(
    `SELECT f.id AS id, f."table" AS parent, f."from" AS own, COALESCE(f."to", ${primary}, f."from") AS other, f.on_update AS onUpdate, f.on_delete AS onDelete FROM pragma_foreign_key_list(${escape(table)}, ${escape(schema)}) f ORDER BY f.id, f.seq`,
  )
  return [...groupRows(rows, (row) => row['id'] ?? '')].map(([id, own]) => ({
    name: `fk${id}`,
    columns: own.map((row) => row['own'] ?? ''),
    parentDatabase: database,
    parent: own[0]?.['parent'] ?? '',
    parentColumns: own.map((row) => row['other'] ?? ''),
    onUpdate: (own[0]?.['onUpdate'] ?? '').toLowerCase(),
    onDelete: (own[0]?.['onDelete'] ?? '').toLowerCase(),
  }))
}
