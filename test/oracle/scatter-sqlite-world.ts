import Database from 'libsql'
import { bindValues, readCell } from '../../src/drivers/sqlite-values.ts'
import type { SqliteHandle, SqliteLibrary } from '../../src/drivers/sqlite-library.ts'
import { SherdError } from '../../src/errors/sherd-error.ts'
import { createSherd } from '../../src/facade/create-sherd.ts'
import type { SherdConnection } from '../../src/facade/sherd-connection.ts'
import type { Sherd } from '../../src/facade/sherd.ts'
import { defineConfig } from '../../src/topology/define-config.ts'
import { type TableKinds, reference, sharded } from '../../src/topology/table-kinds.ts'
import { scatterTables } from './scatter-columns.ts'
import {
  type ScatterRows,
  createScatterTable,
  insertScatterRows,
  makeRows,
  pickOwners,
} from './scatter-data.ts'
import {
  type Ask,
  type ScatterAnswer,
  type ScatterWorld,
  answerWith,
  rowsOfShard,
  shardNumber,
} from './scatter-world.ts'

const truth: TableKinds = {
  things: sharded('product', 'owner'),
  parts: sharded('product', 'owner'),
  colours: reference('product', { copies: 'unmanaged' }),
}

/** Eight logical shards on two servers in memory, and one plain database in memory. With `kinds`, sherd is told something else. */
export async function openScatterSqlite(seed: number, kinds: TableKinds = truth): Promise<ScatterWorld> {
  const sherd = await createSherd(
    defineConfig({
      databases: { default: { primary: 'sqlite::memory:' } },
      shardGroups: {
        product: {
          databaseName: 'product',
          logicalShards: 8,
          servers: [{ primary: 'sqlite::memory:' }, { primary: 'sqlite::memory:' }],
        },
      },
      tables: kinds,
    }),
  )
  const tables = scatterTables('sqlite')
  const owners = pickOwners((owner) => shardNumber(sherd, owner))
  const rows = makeRows(seed, tables, owners)
  // libsql's own types say less than those sherd's driver states of it.
  const plain = new (Database as unknown as SqliteLibrary)(':memory:', { timeout: 100 })
  const connection = sherd.connection()
  for (const text of textsOf(rows)) plain.exec(text)
  for (const { name, index } of sherd.topology.shardGroups.get('product')?.shards ?? [])
    await sherd.onShard(name, () => fill(connection, rowsOfShard(sherd, rows, index)))
  return {
    dialect: 'sqlite',
    tables,
    owners,
    askSherd: (ask) => askSherd(sherd, connection, ask),
    askPlain: (ask) => Promise.resolve(askPlain(plain, ask)),
    fold: (texts, collation) =>
      Promise.resolve(new Map(texts.map((text) => [text, foldText(text, collation)]))),
    close: async () => {
      connection.release()
      plain.close()
      await sherd.close()
    },
  }
}

function textsOf(rows: ScatterRows): readonly string[] {
  return [...rows].flatMap(([table, own]) =>
    [createScatterTable(table), insertScatterRows(table, own) ?? []].flat(),
  )
}

async function fill(connection: SherdConnection, rows: ScatterRows): Promise<void> {
  for (const text of textsOf(rows)) await connection.execute(text)
}

async function askSherd(
  sherd: Sherd,
  connection: SherdConnection,
  { sql, values, options }: Ask,
): Promise<ScatterAnswer> {
  try {
    const { rows, columns } = await sherd.scatter(() => connection.execute(sql, values, options))
    return answerWith(
      rows,
      columns.map((name) => ({ name, table: '', type: '' })),
      options,
    )
  } catch (error) {
    return readError(error)
  }
}

function askPlain(plain: SqliteHandle, { sql, values, options }: Ask): ScatterAnswer {
  try {
    const statement = plain.prepare(sql)
    const fields = statement.columns().map(({ name }) => ({ name, table: '', type: '' }))
    const cells = statement.raw(true).safeIntegers(true).all(bindValues(values))
    const rows = cells.map((row) => row.map(readCell))
    const isList = 'rowsAsArray' in options && options.rowsAsArray === true
    const built = isList
      ? rows
      : rows.map((row) => Object.fromEntries(fields.map(({ name }, index) => [name, row[index]])))
    return answerWith(built, fields, options)
  } catch (error) {
    return readError(error)
  }
}

function readError(error: unknown): ScatterAnswer {
  if (error instanceof SherdError) return { kind: 'refused', code: error.code, message: error.message }
  const { code, message } = error as { code?: unknown; message?: unknown }
  return { kind: 'error', code: String(code), message: String(message) }
}

/** https://www.sqlite.org/datatype3.html#collating_sequences */
function foldText(text: string, collation: string): string {
  if (collation === 'RTRIM') return text.replace(/ +$/u, '')
  return collation === 'NOCASE' ? text.replaceAll(/[A-Z]/gu, (letter) => letter.toLowerCase()) : text
}
