import type { AskTexts, TextRow } from '../drivers/text-rows.ts'
import {
  type ColumnFacts,
  type DatabaseFacts,
  type ForeignKeyFacts,
  groupRows,
  type IndexFacts,
  isSameName,
  type TableFacts,
} from './table-facts.ts'

/** Databases in one question: information_schema opens each table of them. */
const batchSize = 32

type Escape = (value: string) => string

/** Facts by the place of their table, as `placeOf` writes it. */
type ByTable<Facts> = ReadonlyMap<string, readonly Facts[]>

/** The databases of `names` that are there, with all their tables, by the names as they are given. */
export async function readMysqlDatabases(
  ask: AskTexts,
  names: readonly string[],
  escape: Escape,
): Promise<ReadonlyMap<string, DatabaseFacts>> {
  const found = new Map<string, DatabaseFacts>()
  for (let start = 0; start < names.length; start += batchSize) {
    const list = names.slice(start, start + batchSize)
    for (const database of await readBatch(insist(ask), list, escape))
      // With lower_case_table_names a server gives names in another case than it was asked for.
      found.set(names.find((name) => isSameName(name, database.name)) ?? database.name, database)
  }
  return found
}

/** Columns and indexes of one table; undefined when it is not there. */
export async function readMysqlTable(
  ask: AskTexts,
  database: string,
  name: string,
  escape: Escape,
): Promise<Pick<TableFacts, 'columns' | 'indexes'> | undefined> {
  const where = `TABLE_SCHEMA = ${escape(database)} AND TABLE_NAME = ${escape(name)}`
  const columns = [...(await readColumns(insist(ask), where)).values()].flat()
  if (columns.length === 0) return undefined
  return { columns, indexes: [...(await readIndexes(insist(ask), where)).values()].flat() }
}

/** The foreign keys of a database by the names of their tables. */
export async function readMysqlForeignKeys(
  ask: AskTexts,
  database: string,
  escape: Escape,
): Promise<ByTable<ForeignKeyFacts>> {
  const keys = await readForeignKeys(insist(ask), escape(database))
  return new Map([...keys].map(([place, facts]) => [place.slice(place.indexOf('\n') + 1), facts]))
}

/**
 * MariaDB 10.11 answers a question to information_schema with no rows when it is killed in the moment that a table is opened. So
 * that there is nothing is believed only when it is told twice.
 */
function insist(ask: AskTexts): AskTexts {
  return async (text) => {
    const rows = await ask(text)
    return rows.length > 0 ? rows : ask(text)
  }
}

async function readBatch(
  ask: AskTexts,
  names: readonly string[],
  escape: Escape,
): Promise<readonly DatabaseFacts[]> {
  const list = names.map(escape).join(', ')
  const where = `TABLE_SCHEMA IN (${list})`
  const schemas = await ask(
    `SELECT SCHEMA_NAME AS db, DEFAULT_COLLATION_NAME AS collation FROM information_schema.SCHEMATA WHERE SCHEMA_NAME IN (${list})`,
  )
  const rows = await ask(
    `SELECT TABLE_SCHEMA AS db, TABLE_NAME AS tbl, TABLE_TYPE AS type, ENGINE AS engine, TABLE_COLLATION AS collation FROM information_schema.TABLES WHERE ${where} ORDER BY TABLE_SCHEMA, TABLE_NAME`,
  )
  const columns = await readColumns(ask, where)
  const indexes = await readIndexes(ask, where)
  const foreignKeys = await readForeignKeys(ask, list)
  const describe = (row: TextRow): TableFacts => ({
    name: row['tbl'] ?? '',
    engine: row['engine'],
    collation: row['collation'],
    columns: columns.get(placeOf(row)) ?? [],
    indexes: indexes.get(placeOf(row)) ?? [],
    foreignKeys: foreignKeys.get(placeOf(row)) ?? [],
  })
  return schemas.map((schema): DatabaseFacts => {
    const own = rows.filter((row) => row['db'] === schema['db'])
    return {
      name: schema['db'] ?? '',
      collation: schema['collation'],
      tables: own.filter(isBaseTable).map(describe),
      others: own
        .filter((row) => !isBaseTable(row))
        .map((row) => ({ name: row['tbl'] ?? '', type: (row['type'] ?? '').toLowerCase() })),
    }
  })
}

function isBaseTable(row: TextRow): boolean {
  return row['type'] === 'BASE TABLE'
}

function placeOf(row: TextRow): string {
  return `${row['db'] ?? ''}\n${row['tbl'] ?? ''}`
}

async function readColumns(ask: AskTexts, where: string): Promise<ByTable<ColumnFacts>> {
  const rows = await ask(
    `SELECT TABLE_SCHEMA AS db, TABLE_NAME AS tbl, COLUMN_NAME AS name, DATA_TYPE AS type, COLUMN_TYPE AS fullType, COLLATION_NAME AS collation, IS_NULLABLE AS nullable, COLUMN_DEFAULT AS byDefault, EXTRA AS extra, GENERATION_EXPRESSION AS expression, CHARACTER_OCTET_LENGTH AS octets FROM information_schema.COLUMNS WHERE ${where} ORDER BY TABLE_SCHEMA, TABLE_NAME, ORDINAL_POSITION`,
  )
  return byTable(rows, (own) => own.map(readColumn))
}

function readColumn(row: TextRow): ColumnFacts {
  const extra = row['extra'] ?? ''
  return {
    name: row['name'] ?? '',
    type: (row['type'] ?? '').toLowerCase(),
    fullType: (row['fullType'] ?? '').replace(/^((?:tiny|small|medium|big)?int)\(\d+\)/u, '$1'),
    collation: row['collation'],
    isNullable: row['nullable'] === 'YES',
    isAutoIncrement: /auto_increment/iu.test(extra),
    isInvisible: /invisible/iu.test(extra),
    byDefault: row['byDefault'],
    expression: row['expression'] ?? '',
    extra,
    octets: Number(row['octets'] ?? 0),
  }
}

async function readIndexes(ask: AskTexts, where: string): Promise<ByTable<IndexFacts>> {
  const rows = await ask(
    `SELECT TABLE_SCHEMA AS db, TABLE_NAME AS tbl, INDEX_NAME AS name, NON_UNIQUE AS loose, INDEX_TYPE AS type, COLUMN_NAME AS col, SUB_PART AS part FROM information_schema.STATISTICS WHERE ${where} ORDER BY TABLE_SCHEMA, TABLE_NAME, INDEX_NAME, SEQ_IN_INDEX`,
  )
  return byTable(rows, (own) => [...groupRows(own, nameOf)].map(joinIndex))
}

function joinIndex([name, rows]: readonly [string, readonly TextRow[]]): IndexFacts {
  return {
    name,
    isPrimary: name === 'PRIMARY',
    isUnique: rows[0]?.['loose'] === '0',
    type: (rows[0]?.['type'] ?? '').toLowerCase(),
    parts: rows.map(({ col, part }) => ({
      column: col ?? '',
      prefix: part === undefined ? undefined : Number(part),
    })),
  }
}

/** `databases`: literals. */
async function readForeignKeys(ask: AskTexts, databases: string): Promise<ByTable<ForeignKeyFacts>> {
  const rows = await ask(
    `SELECT TABLE_SCHEMA AS db, TABLE_NAME AS tbl, CONSTRAINT_NAME AS name, COLUMN_NAME AS col, REFERENCED_TABLE_SCHEMA AS parentDatabase, REFERENCED_TABLE_NAME AS parent, REFERENCED_COLUMN_NAME AS parentColumn FROM information_schema.KEY_COLUMN_USAGE WHERE TABLE_SCHEMA IN (${databases}) AND REFERENCED_TABLE_NAME IS NOT NULL ORDER BY TABLE_SCHEMA, TABLE_NAME, CONSTRAINT_NAME, ORDINAL_POSITION`,
  )
  if (rows.length === 0) return new Map()
  const rules = await ask(
    `SELECT CONSTRAINT_SCHEMA AS db, TABLE_NAME AS tbl, CONSTRAINT_NAME AS name, UPDATE_RULE AS onUpdate, DELETE_RULE AS onDelete FROM information_schema.REFERENTIAL_CONSTRAINTS WHERE CONSTRAINT_SCHEMA IN (${databases})`,
  )
  const byKey = new Map(rules.map((rule) => [`${placeOf(rule)}\n${nameOf(rule)}`, rule]))
  return byTable(rows, (own) =>
    [...groupRows(own, nameOf).values()].flatMap(([first, ...more]) => {
      if (first === undefined) return []
      return [joinForeignKey([first, ...more], byKey.get(`${placeOf(first)}\n${nameOf(first)}`))]
    }),
  )
}

function joinForeignKey(rows: readonly [TextRow, ...TextRow[]], rule: TextRow | undefined): ForeignKeyFacts {
  const [first] = rows
  return {
    name: nameOf(first),
    columns: rows.map((row) => row['col'] ?? ''),
    parentDatabase: first['parentDatabase'] ?? '',
    parent: first['parent'] ?? '',
    parentColumns: rows.map((row) => row['parentColumn'] ?? ''),
    onUpdate: (rule?.['onUpdate'] ?? '').toLowerCase(),
    onDelete: (rule?.['onDelete'] ?? '').toLowerCase(),
  }
}

function nameOf(row: TextRow): string {
  return row['name'] ?? ''
}

function byTable<Facts>(
  rows: readonly TextRow[],
  describe: (own: readonly TextRow[]) => readonly Facts[],
): ByTable<Facts> {
  return new Map([...groupRows(rows, placeOf)].map(([place, own]) => [place, describe(own)]))
}
