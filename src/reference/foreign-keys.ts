import type { ServerDoor, ServerSession } from '../engine/run-on-server.ts'
import { readMysqlForeignKeys } from '../schema/mysql-tables.ts'
import { readSqliteForeignKeys } from '../schema/sqlite-tables.ts'
import { isSameName } from '../schema/table-facts.ts'

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
  const read = door.dialect === 'mysql' ? readMysqlForeignKeys : readSqliteForeignKeys
  const found = await read(session.texts, database, door.escape)
  return [...found].flatMap(([table, keys]) =>
    keys
      .filter(({ parentDatabase }) => isSameName(parentDatabase, database))
      .map(({ columns, parent, parentColumns, onDelete }) => ({
        table,
        columns,
        parent,
        parentColumns,
        isFollowing: /^(?:cascade|set )/u.test(onDelete),
      })),
  )
}
