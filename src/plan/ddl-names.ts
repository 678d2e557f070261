import type { DdlStatement, TableName } from '../sql/ast.ts'
import type { SqlModes } from '../sql/modes.ts'

/**
 * The names of a schema statement that get a database in front. Targets of REFERENCES do not, unless they have one that must
 * give way: servers look for them in the database of the child table, and SQLite allows no database there.
 */
export function qualifiedInDdl(statement: DdlStatement, modes: SqlModes): readonly TableName[] {
  const names = statement.tables.filter(
    ({ start, database }) => database !== undefined || wordBefore(statement.sql, start) !== 'references',
  )
  if (modes.dialect !== 'sqlite' || !statement.action.endsWith('index')) return names
  return names.flatMap((name) => indexName(statement.sql, name) ?? [])
}

/** The tables whose rows a schema statement reads, as `CREATE TABLE … AS SELECT` does. */
export function namesReadInDdl({ action, sql, tables }: DdlStatement): readonly TableName[] {
  if (!action.startsWith('create ') || !action.endsWith(' table')) return []
  const [, ...sources] = tables
  return sources.filter(({ start }) => {
    const word = wordBefore(sql, start)
    return word !== 'references' && word !== 'like'
  })
}

/** SQLite: `CREATE INDEX db.i ON t (…)`: the index has the database, not the table. */
function indexName(sql: string, table: TableName): TableName | undefined {
  const on = startOfWordBefore(sql, table.start)
  if (on === undefined || wordBefore(sql, table.start) !== 'on') return undefined
  const end = sql.slice(0, on).trimEnd().length
  const start = startOfName(sql, end)
  const name = sql.slice(start, end)
  const isQuoted = name.startsWith('"') || name.startsWith('`') || name.startsWith('[')
  return { start, end, table: { start, end, name, isQuoted } }
}

function startOfName(sql: string, end: number): number {
  const close = sql[end - 1]
  const open = close === ']' ? '[' : close
  if (close === '"' || close === '`' || close === ']') return sql.lastIndexOf(open ?? '', end - 2)
  return startOfWord(sql, end)
}

/** The word in front of a place in a text, in lower case. */
export function wordBefore(sql: string, offset: number): string | undefined {
  const start = startOfWordBefore(sql, offset)
  return start === undefined ? undefined : sql.slice(start, offset).trim().toLowerCase()
}

function startOfWordBefore(sql: string, offset: number): number | undefined {
  const end = sql.slice(0, offset).trimEnd().length
  const start = startOfWord(sql, end)
  return start === end ? undefined : start
}

function startOfWord(sql: string, end: number): number {
  let start = end
  while (start > 0 && isWordCode(sql.charCodeAt(start - 1))) start -= 1
  return start
}

function isWordCode(code: number): boolean {
  return (
    (code >= 48 && code <= 57) ||
    (code >= 65 && code <= 90) ||
    (code >= 97 && code <= 122) ||
    code === 95 ||
    code === 36 ||
    code > 127
  )
}
