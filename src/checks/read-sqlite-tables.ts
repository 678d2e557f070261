import { existsSync } from 'node:fs'
import { join } from 'node:path'

import type { DriverConnection } from '../drivers/driver.ts'
import type { Endpoint } from '../topology/topology.ts'
import { readTexts, type TextRow } from './ask-endpoint.ts'
import type { ColumnFacts, DatabaseFacts, ForeignKeyFacts, IndexFacts, TableFacts } from './table-facts.ts'
import { quoteName } from '../sql/quote-name.ts'

export const sqliteMemory = ':memory:'

/** Databases of an endpoint that have no file. To open them would make one. */
export function listMissingFiles(
  { address }: Endpoint,
  shards: readonly string[],
  unsharded: string | undefined,
): readonly string[] {
  if (unsharded !== undefined) return existsSync(address) ? [] : [unsharded]
  return shards.filter((name) => !existsSync(join(address, `${name}.db`)))
}

/** The tables of a database that is attached as `schema`. */
export async function readSqliteDatabase(
  connection: DriverConnection,
  name: string,
  schema: string,
  escape: (value: string) => string,
): Promise<DatabaseFacts> {
  const ask = (text: string): Promise<readonly TextRow[]> => readTexts(connection, text)
  const quoted = quoteName(schema, 'sqlite')
  const names = await ask(
    `SELECT name FROM ${quoted}.sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite\\_%' ESCAPE '\\' ORDER BY name`,
  )
  const tables: TableFacts[] = []
  for (const row of names) {
    const table = row['name'] ?? ''
    const at = `(${escape(table)}, ${escape(schema)})`
    const columns = await ask(`SELECT * FROM pragma_table_xinfo${at} ORDER BY cid`)
    const indexes = await ask(
      `SELECT list.name AS name, list.origin AS origin, list."unique" AS uniq, info.name AS col FROM pragma_index_list${at} list, pragma_index_info(list.name, ${escape(schema)}) info WHERE list.partial = 0 ORDER BY list.seq, info.seqno`,
    )
    const foreignKeys = await ask(
      `SELECT id, "table" AS parent, "from" AS own, "to" AS other FROM pragma_foreign_key_list${at} ORDER BY id, seq`,
    )
    tables.push({
      name: table,
      engine: undefined,
      columns: columns.map((column) => readColumn(column, columns)),
      indexes: [...readRowid(columns, indexes), ...joinIndexes(indexes)],
      foreignKeys: joinForeignKeys(foreignKeys, name),
    })
  }
  return { name, collation: undefined, tables }
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
  }
}

/** A primary key of one INTEGER is the rowid, and has no index of its own. */
function readRowid(columns: readonly TextRow[], indexes: readonly TextRow[]): readonly IndexFacts[] {
  const keys = columns.filter((row) => row['pk'] !== '0')
  if (keys.length === 0 || indexes.some((row) => row['origin'] === 'pk')) return []
  const parts = keys.map((row) => ({ column: row['name'] ?? '', isPrefix: false }))
  return [{ name: 'PRIMARY', isPrimary: true, isUnique: true, parts }]
}

function joinIndexes(rows: readonly TextRow[]): readonly IndexFacts[] {
  const names = [...new Set(rows.map((row) => row['name'] ?? ''))]
  return names.map((name) => {
    const own = rows.filter((row) => row['name'] === name)
    const isPrimary = own[0]?.['origin'] === 'pk'
    return {
      name: isPrimary ? 'PRIMARY' : name,
      isPrimary,
      isUnique: own[0]?.['uniq'] === '1',
      parts: own.map((row) => ({ column: row['col'] ?? '', isPrefix: false })),
    }
  })
}

function joinForeignKeys(rows: readonly TextRow[], database: string): readonly ForeignKeyFacts[] {
  const ids = [...new Set(rows.map((row) => row['id'] ?? ''))]
  return ids.map((id) => {
    const own = rows.filter((row) => row['id'] === id)
    return {
      name: `fk${id}`,
      columns: own.map((row) => row['own'] ?? ''),
      parentDatabase: database,
      parent: own[0]?.['parent'] ?? '',
      // Without names the primary key is meant; then the columns are named as these are, by custom.
      parentColumns: own.map((row) => row['other'] ?? row['own'] ?? ''),
    }
  })
}
