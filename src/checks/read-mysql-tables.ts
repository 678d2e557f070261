import type { DriverConnection } from '../drivers/driver.ts'
import { readTexts, type TextRow } from './ask-endpoint.ts'
import {
  type ColumnFacts,
  type DatabaseFacts,
  type ForeignKeyFacts,
  type IndexFacts,
  isSameName,
  type TableFacts,
} from './table-facts.ts'

/** Databases in one question: information_schema opens each table of them. */
const batchSize = 32

/** The databases of `names` that are there, with all their tables, by the names as they are given. */
export async function readMysqlDatabases(
  connection: DriverConnection,
  names: readonly string[],
  escape: (value: string) => string,
): Promise<ReadonlyMap<string, DatabaseFacts>> {
  const found = new Map<string, DatabaseFacts>()
  for (let start = 0; start < names.length; start += batchSize) {
    const list = names
      .slice(start, start + batchSize)
      .map(escape)
      .join(', ')
    for (const database of await readBatch(connection, list))
      // With lower_case_table_names a server gives names in another case than it was asked for.
      found.set(names.find((name) => isSameName(name, database.name)) ?? database.name, database)
  }
  return found
}

async function readBatch(connection: DriverConnection, list: string): Promise<readonly DatabaseFacts[]> {
  const ask = (text: string): Promise<readonly TextRow[]> => readTexts(connection, text)
  const schemas = await ask(
    `SELECT SCHEMA_NAME AS db, DEFAULT_COLLATION_NAME AS collation FROM information_schema.SCHEMATA WHERE SCHEMA_NAME IN (${list})`,
  )
  const tables = await ask(
    `SELECT TABLE_SCHEMA AS db, TABLE_NAME AS name, ENGINE AS engine FROM information_schema.TABLES WHERE TABLE_SCHEMA IN (${list}) AND TABLE_TYPE = 'BASE TABLE' ORDER BY TABLE_SCHEMA, TABLE_NAME`,
  )
  const columns = groupRows(
    await ask(
      `SELECT TABLE_SCHEMA AS db, TABLE_NAME AS tbl, COLUMN_NAME AS name, DATA_TYPE AS type, COLUMN_TYPE AS fullType, COLLATION_NAME AS collation, IS_NULLABLE AS nullable, COLUMN_DEFAULT AS byDefault, EXTRA AS extra, GENERATION_EXPRESSION AS expression FROM information_schema.COLUMNS WHERE TABLE_SCHEMA IN (${list}) ORDER BY TABLE_SCHEMA, TABLE_NAME, ORDINAL_POSITION`,
    ),
  )
  const indexes = groupRows(
    await ask(
      `SELECT TABLE_SCHEMA AS db, TABLE_NAME AS tbl, INDEX_NAME AS name, NON_UNIQUE AS loose, COLUMN_NAME AS col, SUB_PART AS part FROM information_schema.STATISTICS WHERE TABLE_SCHEMA IN (${list}) ORDER BY TABLE_SCHEMA, TABLE_NAME, INDEX_NAME, SEQ_IN_INDEX`,
    ),
  )
  const foreignKeys = groupRows(
    await ask(
      `SELECT TABLE_SCHEMA AS db, TABLE_NAME AS tbl, CONSTRAINT_NAME AS name, COLUMN_NAME AS col, REFERENCED_TABLE_SCHEMA AS parentDatabase, REFERENCED_TABLE_NAME AS parent, REFERENCED_COLUMN_NAME AS parentColumn FROM information_schema.KEY_COLUMN_USAGE WHERE TABLE_SCHEMA IN (${list}) AND REFERENCED_TABLE_NAME IS NOT NULL ORDER BY TABLE_SCHEMA, TABLE_NAME, CONSTRAINT_NAME, ORDINAL_POSITION`,
    ),
  )
  const describe = (row: TextRow): TableFacts => {
    const key = keyOf(row['db'], row['name'])
    return {
      name: row['name'] ?? '',
      engine: row['engine'],
      columns: (columns.get(key) ?? []).map(readColumn),
      indexes: joinIndexes(indexes.get(key) ?? []),
      foreignKeys: joinForeignKeys(foreignKeys.get(key) ?? []),
    }
  }
  return schemas.map((schema) => ({
    name: schema['db'] ?? '',
    collation: schema['collation'],
    tables: tables.filter((table) => table['db'] === schema['db']).map(describe),
  }))
}

function keyOf(database: string | undefined, table: string | undefined): string {
  return `${database ?? ''}\n${table ?? ''}`
}

function groupRows(rows: readonly TextRow[]): ReadonlyMap<string, readonly TextRow[]> {
  const groups = new Map<string, TextRow[]>()
  for (const row of rows) {
    const key = keyOf(row['db'], row['tbl'])
    const group = groups.get(key)
    if (group === undefined) groups.set(key, [row])
    else group.push(row)
  }
  return groups
}

function readColumn(row: TextRow): ColumnFacts {
  const extra = (row['extra'] ?? '').toLowerCase()
  return {
    name: row['name'] ?? '',
    type: (row['type'] ?? '').toLowerCase(),
    fullType: (row['fullType'] ?? '').toLowerCase().replace(/^((?:tiny|small|medium|big)?int)\(\d+\)/u, '$1'),
    collation: row['collation'],
    isNullable: row['nullable'] === 'YES',
    isAutoIncrement: extra.includes('auto_increment'),
    isInvisible: extra.includes('invisible'),
    byDefault: row['byDefault'],
    expression: row['expression'] ?? '',
  }
}

function joinIndexes(rows: readonly TextRow[]): readonly IndexFacts[] {
  const names = [...new Set(rows.map((row) => row['name'] ?? ''))]
  return names.map((name) => {
    const own = rows.filter((row) => row['name'] === name)
    return {
      name,
      isPrimary: name === 'PRIMARY',
      isUnique: own[0]?.['loose'] === '0',
      parts: own.map((row) => ({ column: row['col'] ?? '', isPrefix: row['part'] !== undefined })),
    }
  })
}

function joinForeignKeys(rows: readonly TextRow[]): readonly ForeignKeyFacts[] {
  const names = [...new Set(rows.map((row) => row['name'] ?? ''))]
  return names.map((name) => {
    const own = rows.filter((row) => row['name'] === name)
    return {
      name,
      columns: own.map((row) => row['col'] ?? ''),
      parentDatabase: own[0]?.['parentDatabase'] ?? '',
      parent: own[0]?.['parent'] ?? '',
      parentColumns: own.map((row) => row['parentColumn'] ?? ''),
    }
  })
}
