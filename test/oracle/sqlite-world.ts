import Database from 'libsql'
import { createSherd } from '../../src/facade/create-sherd.ts'
import type { SherdConnection } from '../../src/facade/sherd-connection.ts'
import { bindValues, readCell } from '../../src/drivers/sqlite-values.ts'
import type { SqliteHandle, SqliteLibrary } from '../../src/drivers/sqlite-library.ts'
import { SherdError } from '../../src/errors/sherd-error.ts'
import { sqliteModes } from '../../src/sql/modes.ts'
import { defineConfig } from '../../src/topology/define-config.ts'
import { type Cell, type Contents, allTables, createTable, insertRows, kinds } from './shop.ts'
import { type Answer, type World, dealRows } from './world.ts'

/** Eight logical shards in memory behind a sherd, and one plain database in memory. */
export async function openSqliteWorld(contents: Contents): Promise<World> {
  const memory = { primary: 'sqlite::memory:' }
  const sherd = await createSherd(
    defineConfig({
      databases: { default: memory },
      shardGroups: { product: { databaseName: 'product', logicalShards: 8, servers: [memory, memory] } },
      tables: kinds,
    }),
  )
  const connection = sherd.connection()
  const shards = dealRows(sherd, contents)
  // libsql's own types say less than those sherd's driver states of it.
  const plain = new (Database as unknown as SqliteLibrary)(':memory:', { timeout: 100 })
  for (const table of allTables) {
    const create = createTable(table, 'sqlite')
    plain.exec(create)
    if (!table.isSharded) await connection.execute(create)
    for (const shard of shards.keys()) await sherd.onShard(shard, () => connection.execute(create))
  }
  const world: World = {
    sherd,
    modes: sqliteModes,
    contents,
    runSherd: (sql, values) => runSherd(connection, sql, values),
    runPlain: async (sql, values) => runPlain(plain, sql, values),
    readShards: async () => {
      const all = new Map<string, Contents>()
      for (const shard of shards.keys()) all.set(shard, await readShard(world, connection, shard))
      return all
    },
    readPlain: async () =>
      Object.fromEntries(
        allTables.map(({ name }) => [name, readRows(plain, `SELECT * FROM ${name}`, []) as Cell[][]]),
      ),
    restore: (tables) => restore(world, connection, plain, tables),
    close: async () => {
      connection.release()
      plain.close()
      await sherd.close()
    },
  }
  await world.restore(allTables.map(({ name }) => name))
  await connection.execute(insertRows('currencies', contents['currencies'] ?? []) ?? '')
  return world
}

async function runSherd(
  connection: SherdConnection,
  sql: string,
  values: readonly unknown[],
): Promise<Answer> {
  try {
    const { rows, columns, affectedRows } = await connection.execute(sql, values, { rowsAsArray: true })
    // Asked for arrays, so that columns of one name stay apart.
    if (columns.length > 0) return { kind: 'rows', rows: rows as unknown[][] }
    return { kind: 'write', affectedRows }
  } catch (error) {
    return readError(error)
  }
}

function runPlain(plain: SqliteHandle, sql: string, values: readonly unknown[]): Answer {
  try {
    const statement = plain.prepare(sql)
    if (statement.reader) return { kind: 'rows', rows: readRows(plain, sql, values) }
    return { kind: 'write', affectedRows: statement.run(bindValues(values)).changes }
  } catch (error) {
    return readError(error)
  }
}

function readRows(plain: SqliteHandle, sql: string, values: readonly unknown[]): unknown[][] {
  const cells = plain.prepare(sql).raw(true).safeIntegers(true).all(bindValues(values))
  return cells.map((row) => row.map(readCell))
}

function readError(error: unknown): Answer {
  if (error instanceof SherdError) return { kind: 'refused', code: error.code }
  const { code, message } = error as { code?: unknown; message?: unknown }
  return { kind: 'error', code: String(code), message: String(message) }
}

async function readShard({ sherd }: World, connection: SherdConnection, shard: string): Promise<Contents> {
  const contents: Record<string, Cell[][]> = {}
  await sherd.onShard(shard, async () => {
    for (const { name } of allTables) {
      const { rows } = await connection.execute(`SELECT * FROM ${name}`, [], { rowsAsArray: true })
      contents[name] = rows as Cell[][] // the tables hold cells only
    }
  })
  return contents
}

async function restore(
  { sherd, contents }: World,
  connection: SherdConnection,
  plain: SqliteHandle,
  tables: readonly string[],
): Promise<void> {
  const shards = dealRows(sherd, contents)
  for (const table of tables) {
    plain.exec(`DELETE FROM ${table}`)
    const all = insertRows(table, contents[table] ?? [])
    if (all !== undefined) plain.exec(all)
    for (const [shard, own] of shards)
      await sherd.onShard(shard, async () => {
        await connection.execute(`DELETE FROM ${table}`)
        const insert = insertRows(table, own[table] ?? [])
        if (insert !== undefined) await connection.execute(insert)
      })
  }
}
