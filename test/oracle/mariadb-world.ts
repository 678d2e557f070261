import { type Connection, type ExecuteValues, createConnection } from 'mysql2/promise'
import { createSherd } from '../../src/facade/create-sherd.ts'
import { SherdError } from '../../src/errors/sherd-error.ts'
import { mysqlDefaultModes } from '../../src/sql/modes.ts'
import { defineConfig } from '../../src/topology/define-config.ts'
import { createDatabases } from '../servers/databases.ts'
import type { SharedSite } from '../servers/global-setup.ts'
import type { KeyForm } from './key-forms.ts'
import { type Cell, type Contents, type Rows, allTables, createTable, insertRows, kindsOf } from './shop.ts'
import { type Answer, type Door, type World, type WorldPlan, dealRows, everyTable } from './world.ts'

/** What the doors have: mysql2's connection, and the pool and connections with promises of sherd. */
interface Client {
  readonly query: (options: object, values: unknown[]) => Promise<[unknown, unknown]>
  readonly execute: (options: object, values: unknown[]) => Promise<[unknown, unknown]>
}

/** A database past sherd: its rows are read and put back here. */
interface Direct {
  readonly database: string
  readonly connection: Connection
}

const names = allTables.map(({ name }) => name)

/** Eight logical shards on two primaries behind a sherd, and one plain database on the first of them. */
export async function openMariadbWorld(
  sites: readonly SharedSite[],
  databaseName: string,
  { form, contents }: WorldPlan,
): Promise<World> {
  const [first] = sites
  if (first === undefined) throw new Error('There are no shared servers.')
  const main = `${databaseName}_main`
  const whole = `${databaseName}_plain`
  const sherd = await createSherd(
    defineConfig({
      databases: { default: { primary: `${first.primary.url}${main}` } },
      shardGroups: {
        product: {
          databaseName,
          logicalShards: 8,
          servers: sites.map(({ primary }) => ({ primary: primary.url })),
        },
      },
      tables: kindsOf(form),
    }),
  )
  const shards = sherd.topology.shardGroups.get('product')?.shards ?? []
  const servers = [...new Set(shards.map(({ server }) => server))]
  await createDatabases(first, [main, whole])
  for (const [index, site] of sites.entries())
    await createDatabases(
      site,
      shards.filter(({ server }) => server === servers[index]).map(({ name }) => name),
    )
  const connections = await Promise.all(sites.map(({ primary }) => connect(primary.url)))
  const direct = (index: number, database: string): Direct => {
    const connection = connections[index]
    if (connection === undefined) throw new RangeError(`no server ${index}`)
    return { database, connection }
  }
  const own = shards.map(({ name, server }) => direct(servers.indexOf(server), name))
  const mainDatabase = direct(0, main)
  const plain: Direct = { database: whole, connection: await connect(`${first.primary.url}${whole}`) }
  for (const place of [...own, mainDatabase, plain]) await createTables(place, form)
  const dealt = dealRows(sherd, contents)
  const restore: World['restore'] = async (changed) => {
    for (const place of own)
      await refill(place, dealt.get(place.database) ?? {}, changed.get(place.database) ?? [])
  }
  await restore(everyTable(dealt.keys()))
  await refill(plain, contents, names)
  await refill(mainDatabase, contents, ['currencies'])
  const door = await createConnection({ uri: `${first.primary.url}${whole}` })
  const pool = sherd.pool.promise()
  const readPlain = async (): Promise<Contents> => {
    const all: Record<string, Rows> = {}
    for (const name of names) {
      const [rows] = await door.query({ sql: `SELECT * FROM ${name}`, ...exactRows })
      all[name] = (rows as unknown[][]).map(toCells) // asked for arrays
    }
    return all
  }
  const readShards = async () => {
    const all = await Promise.all(connections.map((one) => readAll(own.filter(isOn(one)))))
    return new Map(all.flat())
  }
  return {
    sherd,
    modes: mysqlDefaultModes,
    form,
    contents: await readPlain(),
    shards: await readShards(),
    pool: doorOf(pool, () => undefined),
    connect: async () => {
      const connection = await pool.getConnection()
      return doorOf(connection, () => connection.release())
    },
    plain: doorOf(door, () => undefined),
    readPlain,
    readShards,
    restore,
    close: async () => {
      await Promise.all([...connections, plain.connection, door].map((connection) => connection.end()))
      await sherd.close()
    },
  }
}

/** Integers beyond 2^53 as text, so that no two keys look the same. */
const exactRows = { rowsAsArray: true, supportBigNumbers: true } as const

function connect(uri: string): Promise<Connection> {
  return createConnection({ uri, multipleStatements: true })
}

function isOn(connection: Connection) {
  return (place: Direct): boolean => place.connection === connection
}

async function createTables({ database, connection }: Direct, form: KeyForm): Promise<void> {
  await connection.query(`USE \`${database}\``)
  for (const table of allTables) await connection.query(createTable(table, 'mysql', form))
}

/** Writes the rows of some tables anew. */
async function refill(
  { database, connection }: Direct,
  contents: Contents,
  tables: readonly string[],
): Promise<void> {
  if (tables.length === 0) return
  const statements = tables.flatMap((table) => [
    `DELETE FROM ${table}`,
    ...[insertRows(table, contents[table] ?? [], 'mysql') ?? []].flat(),
  ])
  await connection.query([`USE \`${database}\``, 'BEGIN', ...statements, 'COMMIT'].join('; '))
}

async function readAll(places: readonly Direct[]): Promise<(readonly [string, Contents])[]> {
  const [first] = places
  if (first === undefined) return []
  const sql = places
    .flatMap(({ database }) => names.map((name) => `SELECT * FROM \`${database}\`.${name}`))
    .join('; ')
  const [results] = await first.connection.query({ sql, ...exactRows })
  const all = results as unknown as unknown[][][] // one list of rows for each SELECT
  return places.map(({ database }, place) => [
    database,
    Object.fromEntries(
      names.map((name, table) => [name, (all[place * names.length + table] ?? []).map(toCells)]),
    ),
  ])
}

/** Values as mysql2 gives them, but dates as text. */
function toCells(row: readonly unknown[]): Cell[] {
  return row.map((cell) => (cell instanceof Date ? cell.toISOString() : (cell as Cell)))
}

function doorOf(client: object, release: () => void): Door {
  // mysql2's connection, sherd's pool and sherd's connection all have these two; only their types differ.
  const { query, execute } = client as Client
  return {
    release,
    run: async (sql, values, protocol): Promise<Answer> => {
      try {
        const options = { sql, ...exactRows }
        const given = [...values] as ExecuteValues[] // numbers, bigints, texts, buffers and null
        const [result] = await (protocol === 'query' ? query : execute).call(client, options, given)
        if (Array.isArray(result)) return { kind: 'rows', rows: result as unknown[][] } // asked for arrays
        return { kind: 'write', affectedRows: Number((result as { affectedRows: number }).affectedRows) }
      } catch (error) {
        if (error instanceof SherdError) return { kind: 'refused', code: error.code }
        const { errno, message } = error as { errno?: unknown; message?: unknown }
        return { kind: 'error', code: String(errno), message: String(message) }
      }
    },
  }
}
