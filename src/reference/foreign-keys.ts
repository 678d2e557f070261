import type { RawRow } from '../drivers/raw-rows.ts'
import type { ServerDoor, ServerSession } from '../engine/run-on-server.ts'
import { quoteName } from '../sql/quote-name.ts'

/** A foreign key of a logical shard. */
export interface CopyForeignKey {
  readonly table: string
  readonly columns: readonly string[]
  readonly parent: string
  readonly parentColumns: readonly string[]
  /** The server changes or deletes rows of `table` itself when their row of `parent` is deleted. */
  readonly isFollowing: boolean
}

/** All foreign keys between tables of a logical shard. */
export async function readForeignKeys(
  door: ServerDoor,
  session: ServerSession,
  database: string,
): Promise<readonly CopyForeignKey[]> {
  const { rows } = await session.rows(
    door.dialect === 'mysql' ? mysqlText(door, database) : sqliteText(door, database),
  )
  const keys = new Map<string, { table: string; parent: string; rule: string; columns: [string, string][] }>()
  for (const row of rows) {
    const [id = '', table = '', column = '', parent = '', parentColumn = '', rule = ''] = row.map((cell) =>
      readName(door, cell),
    )
    const key = keys.get(`${table}\n${id}`) ?? { table, parent, rule, columns: [] }
    key.columns.push([column, parentColumn])
    keys.set(`${table}\n${id}`, key)
  }
  return [...keys.values()].map(({ table, parent, rule, columns }) => ({
    table,
    parent,
    columns: columns.map(([column]) => column),
    parentColumns: columns.map(([, column]) => column),
    isFollowing: /^(?:CASCADE|SET )/iu.test(rule),
  }))
}

function mysqlText(door: ServerDoor, database: string): string {
  const place = door.escape(database)
  return `SELECT k.CONSTRAINT_NAME, k.TABLE_NAME, k.COLUMN_NAME, k.REFERENCED_TABLE_NAME, k.REFERENCED_COLUMN_NAME, r.DELETE_RULE
    FROM information_schema.KEY_COLUMN_USAGE k
    JOIN information_schema.REFERENTIAL_CONSTRAINTS r ON r.CONSTRAINT_SCHEMA = ${place} AND r.CONSTRAINT_NAME = k.CONSTRAINT_NAME AND r.TABLE_NAME = k.TABLE_NAME
    WHERE k.TABLE_SCHEMA = ${place} AND k.REFERENCED_TABLE_SCHEMA = ${place} ORDER BY k.TABLE_NAME, k.CONSTRAINT_NAME, k.ORDINAL_POSITION`
}

/** A key that names no columns means the primary key of its parent. */
function sqliteText(door: ServerDoor, database: string): string {
  const schema = door.escape(database)
  const primary = `(SELECT p.name FROM pragma_table_info(f."table", ${schema}) p WHERE p.pk = f.seq + 1)`
  return `SELECT f.id, m.name, f."from", f."table", COALESCE(f."to", ${primary}), f.on_delete
    FROM ${quoteName(database, 'sqlite')}.sqlite_master m, pragma_foreign_key_list(m.name, ${schema}) f
    WHERE m.type = 'table' ORDER BY m.name, f.id, f.seq`
}

function readName(door: ServerDoor, cell: RawRow[number]): string {
  const text = String(cell)
  return door.dialect === 'mysql' ? Buffer.from(text, 'latin1').toString('utf8') : text
}
