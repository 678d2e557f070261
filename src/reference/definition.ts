import { createHash } from 'node:crypto'
import type { RawRow } from '../drivers/raw-rows.ts'
import type { ServerDoor, ServerSession } from '../engine/run-on-server.ts'
import type { ReferenceCopy } from '../topology/reference-copies.ts'
import { isNoSuchTable } from '../engine/no-such-table.ts'
import { quoteName } from '../sql/quote-name.ts'
import type { Column } from './column.ts'

/** Part of a unique key; `prefix`: only so many characters of the column count. */
export interface KeyPart {
  readonly column: string
  readonly prefix: number | undefined
}

export interface UniqueKey {
  readonly name: string
  readonly isPrimary: boolean
  readonly parts: readonly KeyPart[]
}

/** A table as a server has it. */
export interface TableDefinition {
  readonly columns: readonly Column[]
  readonly uniqueKeys: readonly UniqueKey[]
}

/** The table `name` of the logical or unsharded database `database`; undefined when it is not there. */
export async function readDefinition(
  door: ServerDoor,
  session: ServerSession,
  database: string,
  name: string,
): Promise<TableDefinition | undefined> {
  const read = door.dialect === 'mysql' ? readMysql : readSqlite
  const definition = await read(door, session, database, name)
  if (isWhole(definition)) return definition
  if (!(await isThere(door, session, database, name))) return undefined
  return read(door, session, database, name)
}

/**
 * MariaDB 10.11 answers a question to information_schema with no rows when it is killed in the moment that it opens the table. So
 * only the table itself is believed that it is not there, and what it seems to lack is asked for again.
 */
function isWhole({ columns, uniqueKeys }: TableDefinition): boolean {
  return columns.length > 0 && uniqueKeys.length > 0
}

async function isThere(
  door: ServerDoor,
  session: ServerSession,
  database: string,
  name: string,
): Promise<boolean> {
  try {
    await session.rows(
      `SELECT 1 FROM ${quoteName(database, door.dialect)}.${quoteName(name, door.dialect)} LIMIT 0`,
    )
    return true
  } catch (error) {
    if (isNoSuchTable(error)) return false
    throw error
  }
}

/** Tells a definition from any other, and what is declared of it too: with another source or cursor a watermark means nothing. */
export function digestDefinition(definition: TableDefinition, { table, source }: ReferenceCopy): string {
  const declared = { source: source.name, cursor: table.cursor, deletes: table.deletes }
  return createHash('sha256').update(JSON.stringify({ definition, declared })).digest('hex').slice(0, 32)
}

/** Finds a column as servers do: without regard to case. */
export function findColumn(columns: readonly Column[], name: string): Column | undefined {
  return columns.find((column) => column.name.toLowerCase() === name.toLowerCase())
}

async function readMysql(
  door: ServerDoor,
  session: ServerSession,
  database: string,
  name: string,
): Promise<TableDefinition> {
  const place = `TABLE_SCHEMA = ${door.escape(database)} AND TABLE_NAME = ${door.escape(name)}`
  const columns = await session.rows(
    `SELECT COLUMN_NAME, DATA_TYPE, COLUMN_TYPE, COLLATION_NAME, IS_NULLABLE, GENERATION_EXPRESSION, CHARACTER_OCTET_LENGTH FROM information_schema.COLUMNS WHERE ${place} ORDER BY ORDINAL_POSITION`,
  )
  const keys = await session.rows(
    `SELECT INDEX_NAME, COLUMN_NAME, SUB_PART FROM information_schema.STATISTICS WHERE ${place} AND NON_UNIQUE = 0 ORDER BY INDEX_NAME, SEQ_IN_INDEX`,
  )
  return {
    columns: columns.rows.map(readMysqlColumn),
    uniqueKeys: joinKeys(
      keys.rows.map((row) => row.map(readText)),
      (key) => key === 'PRIMARY',
    ),
  }
}

function readMysqlColumn(row: RawRow): Column {
  const [name, type, fullType, collation, isNullable, expression, octets] = row.map(readText)
  return {
    name: name ?? '',
    type: (type ?? '').toLowerCase(),
    fullType: (fullType ?? '').toLowerCase().replace(/^((?:tiny|small|medium|big)?int)\(\d+\)/u, '$1'),
    collation,
    isNullable: isNullable === 'YES',
    expression: expression ?? '',
    octets: Number(octets ?? 0),
  }
}

async function readSqlite(
  door: ServerDoor,
  session: ServerSession,
  database: string,
  name: string,
): Promise<TableDefinition> {
  const at = `(${door.escape(name)}, ${door.escape(database)})`
  const columns = await session.rows(
    `SELECT name, type, "notnull", pk, hidden FROM pragma_table_xinfo${at} ORDER BY cid`,
  )
  const primary = columns.rows
    .filter((row) => Number(row[3]) > 0)
    .toSorted((one, other) => Number(one[3]) - Number(other[3]))
  const keys = await session.rows(
    `SELECT list.name, info.name, NULL FROM pragma_index_list${at} list, pragma_index_info(list.name, ${door.escape(database)}) info WHERE list."unique" = 1 AND list.origin <> 'pk' AND list.partial = 0 AND info.name IS NOT NULL ORDER BY list.seq, info.seqno`,
  )
  const parts = primary.map((row) => ({ column: String(row[0]), prefix: undefined }))
  const primaryKey = parts.length === 0 ? [] : [{ name: 'PRIMARY', isPrimary: true, parts }]
  return {
    columns: columns.rows.map(readSqliteColumn),
    uniqueKeys: [
      ...primaryKey,
      ...joinKeys(
        keys.rows.map((row) => row.map((cell) => (cell === null ? undefined : String(cell)))),
        () => false,
      ),
    ],
  }
}

function readSqliteColumn([name, type, notNull, key, hidden]: RawRow): Column {
  const declared = String(type).toLowerCase()
  return {
    name: String(name),
    type: declared,
    fullType: declared,
    collation: undefined,
    isNullable: Number(notNull) === 0 && Number(key) === 0,
    // 2 and 3: https://www.sqlite.org/pragma.html#pragma_table_xinfo
    expression: Number(hidden) >= 2 ? 'generated' : '',
    octets: 0,
  }
}

function joinKeys(
  rows: readonly (readonly (string | undefined)[])[],
  isPrimary: (name: string) => boolean,
): readonly UniqueKey[] {
  const keys = new Map<string, KeyPart[]>()
  for (const [key = '', column = '', prefix] of rows) {
    const parts = keys.get(key) ?? []
    keys.set(key, [...parts, { column, prefix: prefix === undefined ? undefined : Number(prefix) }])
  }
  return [...keys].map(([name, parts]) => ({ name, isPrimary: isPrimary(name), parts }))
}

/** Of an answer in UTF-8 whose bytes were told as they are. */
function readText(cell: RawRow[number]): string | undefined {
  return cell === null ? undefined : Buffer.from(String(cell), 'latin1').toString('utf8')
}
