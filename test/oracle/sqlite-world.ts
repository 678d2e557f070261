import { mkdir, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import Database from 'libsql'
import { createSherd } from '../../src/facade/create-sherd.ts'
import type { Sherd } from '../../src/facade/sherd.ts'
import type { SherdConnection } from '../../src/facade/sherd-connection.ts'
import { bindValues, readCell } from '../../src/drivers/sqlite-values.ts'
import type { SqliteHandle, SqliteLibrary } from '../../src/drivers/sqlite-library.ts'
import { SherdError } from '../../src/errors/sherd-error.ts'
import { sqliteModes } from '../../src/sql/modes.ts'
import { defineConfig } from '../../src/topology/define-config.ts'
import type { TableKinds } from '../../src/topology/table-kinds.ts'
import { type Cell, type Contents, allTables, createTable, insertInto, insertRows, kindsOf } from './shop.ts'
import { type Answer, type Door, type World, type WorldPlan, dealRows, everyTable } from './world.ts'

const names = allTables.map(({ name }) => name)

/** Eight logical shards in memory behind a sherd, and one plain database in memory. */
export async function openSqliteWorld(plan: WorldPlan): Promise<World> {
  const sherd = await openSherd('sqlite::memory:', 'sqlite::memory:', kindsOf(plan.form))
  return openWorld(plan, sherd, sherd, () => Promise.resolve())
}

/** The same in files, where the statements go through a sherd that was told something else of the tables. */
export async function openLyingWorld(plan: WorldPlan, kinds: TableKinds): Promise<World> {
  const folder = await mkdtemp(join(tmpdir(), 'sherd-oracle-'))
  await Promise.all(['a', 'b'].map((name) => mkdir(join(folder, name))))
  const open = (told: TableKinds) => openSherd(`sqlite:${folder}/`, `sqlite:${folder}/main.db`, told)
  const truthful = await open(kindsOf(plan.form))
  return openWorld(plan, await open(kinds), truthful, async () => {
    await truthful.close()
    await rm(folder, { recursive: true })
  })
}

function openSherd(servers: string, main: string, tables: TableKinds): Promise<Sherd> {
  const place = (name: string) => ({ primary: servers.endsWith('/') ? `${servers}${name}` : servers })
  const product = { databaseName: 'product', logicalShards: 8, servers: [place('a'), place('b')] }
  return createSherd(
    defineConfig({ databases: { default: { primary: main } }, shardGroups: { product }, tables }),
  )
}

/** `truthful` fills and reads the shards. */
async function openWorld(
  { form, contents }: WorldPlan,
  sherd: Sherd,
  truthful: Sherd,
  close: () => Promise<void>,
): Promise<World> {
  const connection = truthful.connection()
  const dealt = dealRows(sherd, contents)
  // libsql's own types say less than those sherd's driver states of it.
  const plain = new (Database as unknown as SqliteLibrary)(':memory:', { timeout: 100 })
  for (const table of allTables) {
    const create = createTable(table, 'sqlite', form)
    plain.exec(create)
    plain.exec(insertRows(table.name, contents[table.name] ?? [], 'sqlite') ?? '')
    await connection.execute(create)
  }
  await connection.execute(insertRows('currencies', contents['currencies'] ?? [], 'sqlite') ?? '')
  const restore: World['restore'] = async (changed) => {
    for (const [shard, tables] of changed)
      await truthful.onShard(shard, () => refill(connection, dealt.get(shard) ?? {}, tables))
  }
  await restore(everyTable(dealt.keys()))
  const pool = sherd.connection()
  const readPlain = (): Contents =>
    Object.fromEntries(names.map((name) => [name, readRows(plain, `SELECT * FROM ${name}`, []) as Cell[][]]))
  const readShards = async () => {
    const all = new Map<string, Contents>()
    for (const shard of dealt.keys()) all.set(shard, await readShard(truthful, connection, shard))
    return all
  }
  return {
    sherd,
    modes: sqliteModes,
    form,
    contents: readPlain(),
    shards: await readShards(),
    pool: doorOf(pool, () => undefined),
    connect: () => {
      const own = sherd.connection()
      return Promise.resolve(doorOf(own, () => own.release()))
    },
    plain: {
      run: (sql, values) => Promise.resolve(runPlain(plain, sql, values)),
      release: () => undefined,
    },
    readPlain: () => Promise.resolve(readPlain()),
    readShards,
    restore,
    close: async () => {
      pool.release()
      connection.release()
      plain.close()
      await sherd.close()
      await close()
    },
  }
}

function doorOf(connection: SherdConnection, release: () => void): Door {
  return {
    release,
    run: async (sql, values): Promise<Answer> => {
      try {
        const { rows, columns, affectedRows } = await connection.execute(sql, values, { rowsAsArray: true })
        // Asked for arrays, so that columns of one name stay apart.
        if (columns.length > 0) return { kind: 'rows', rows: rows as unknown[][] }
        return { kind: 'write', affectedRows }
      } catch (error) {
        return readError(error)
      }
    },
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

async function readShard(sherd: Sherd, connection: SherdConnection, shard: string): Promise<Contents> {
  const contents: Record<string, Cell[][]> = {}
  await sherd.onShard(shard, async () => {
    for (const name of names) {
      const { rows } = await connection.execute(`SELECT * FROM ${name}`, [], { rowsAsArray: true })
      contents[name] = rows as Cell[][] // the tables hold cells only
    }
  })
  return contents
}

async function refill(
  connection: SherdConnection,
  contents: Contents,
  tables: readonly string[],
): Promise<void> {
  for (const table of tables) {
    await connection.execute(`DELETE FROM ${table}`)
    // As values, because a binary key in the text is none that sherd can read.
    for (const row of contents[table] ?? [])
      await connection.execute(`${insertInto(table)} VALUES (${row.map(() => '?').join(', ')})`, row)
  }
}
