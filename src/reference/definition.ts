import { createHash } from 'node:crypto'
import type { ServerDoor, ServerSession } from '../engine/run-on-server.ts'
import { readMysqlTable } from '../schema/mysql-tables.ts'
import { readSqliteTable } from '../schema/sqlite-tables.ts'
import type { ColumnFacts, IndexFacts } from '../schema/table-facts.ts'
import type { ReferenceCopy } from '../topology/reference-copies.ts'

/** A table as a server has it, as far as a copy depends on it. */
export interface TableDefinition {
  readonly columns: readonly ColumnFacts[]
  readonly uniqueKeys: readonly IndexFacts[]
}

/** The table `name` of the logical or unsharded database `database`; undefined when it is not there. */
export async function readDefinition(
  { dialect, escape }: ServerDoor,
  session: ServerSession,
  database: string,
  name: string,
): Promise<TableDefinition | undefined> {
  const read = dialect === 'mysql' ? readMysqlTable : readSqliteTable
  const facts = await read(session.texts, database, name, escape)
  if (facts === undefined) return undefined
  // Of an expression nobody here can tell the values.
  const isKey = ({ isUnique, parts }: IndexFacts): boolean =>
    isUnique && parts.every(({ column }) => column !== '')
  return { columns: facts.columns, uniqueKeys: facts.indexes.filter(isKey) }
}

/** Tells a definition from any other, and what is declared of it too: with another source or cursor a watermark means nothing. */
export function digestDefinition(
  { columns, uniqueKeys }: TableDefinition,
  { table, source }: ReferenceCopy,
): string {
  const stored = columns.map(({ name, fullType, collation, isNullable, expression }) => [
    name,
    fullType,
    collation ?? null,
    isNullable,
    expression,
  ])
  const keys = uniqueKeys.map(({ name, parts }) => [name, parts])
  const declared = { source: source.name, cursor: table.cursor, deletes: table.deletes }
  return createHash('sha256').update(JSON.stringify({ stored, keys, declared })).digest('hex').slice(0, 32)
}
