import { type Connection, type ExecuteValues, createConnection } from 'mysql2/promise'
import { createSherd } from '../../src/facade/create-sherd.ts'
import { SherdError } from '../../src/errors/sherd-error.ts'
import { mysqlDefaultModes } from '../../src/sql/modes.ts'
import { defineConfig } from '../../src/topology/define-config.ts'
import { createDatabases } from '../servers/databases.ts'
import type { SharedSite } from '../servers/global-setup.ts'
import { type Contents, type Rows, allTables, createTable, insertRows, kinds } from './shop.ts'
import { type Answer, type Protocol, type World, dealRows } from './world.ts'

/** What both doors have: mysql2's connection, and the pool with promises of sherd. */
type QueryPool = Pick<Connection, Protocol>

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
  contents: Contents,
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
      tables: kinds,
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
  const plain = direct(0, whole)
  const mainDatabase = direct(0, main)
  for (const place of [...own, plain, mainDatabase]) await createTables(place)
  const door = await connect(`${first.primary.url}${whole}`)
  const pool: QueryPool = sherd.pool.promise()
  const fillAll = async (tables: readonly string[]): Promise<void> => {
    const dealt = dealRows(sherd, contents)
    for (const place of own) await refill(place, dealt.get(place.database) ?? {}, tables)
    await refill(plain, contents, tables)
    if (tables.includes('currencies')) await refill(mainDatabase, contents, ['currencies'])
  }
  await fillAll(names)
  return {
    sherd,
    modes: mysqlDefaultModes,
    contents: (await readAll([plain]))[0]?.[1] ?? {},
    runSherd: (sql, values, protocol) => run(pool, sql, values, protocol),
    runPlain: (sql, values, protocol) => run(door, sql, values, protocol),
    readShards: async () => {
      const all = await Promise.all(
        connections.map((_, index) => readAll(own.filter(isOn(connections[index])))),
      )
      return new Map(all.flat())
    },
    readPlain: async () => (await readAll([plain]))[0]?.[1] ?? {},
    restore: fillAll,
    close: async () => {
      await Promise.all([...connections, door].map((connection) => connection.end()))
      await sherd.close()
    },
  }
}

function connect(uri: string): Promise<Connection> {
  return createConnection({ uri, multipleStatements: true })
}

function isOn(connection: Connection | undefined) {
  return (place: Direct): boolean => place.connection === connection
}

async function createTables({ database, connection }: Direct): Promise<void> {
  await connection.query(`USE \`${database}\``)
  for (const table of allTables) await connection.query(createTable(table, 'mysql'))
}

/** Writes the rows of some tables anew. */
async function refill(
  { database, connection }: Direct,
  contents: Contents,
  tables: readonly string[],
): Promise<void> {
  const statements = tables.flatMap((table) => [
    `DELETE FROM ${table}`,
    ...[insertRows(table, contents[table] ?? []) ?? []].flat(),
  ])
  await connection.query([`USE \`${database}\``, 'BEGIN', ...statements, 'COMMIT'].join('; '))
}

async function readAll(places: readonly Direct[]): Promise<(readonly [string, Contents])[]> {
  const [first] = places
  if (first === undefined) return []
  const sql = places
    .flatMap(({ database }) => names.map((name) => `SELECT * FROM \`${database}\`.${name}`))
    .join('; ')
  const [results] = await first.connection.query({ sql, rowsAsArray: true })
  const all = results as unknown as Rows[] // one list of rows for each SELECT
  return places.map(({ database }, place) => [
    database,
    Object.fromEntries(
      names.map((name, table) => [name, (all[place * names.length + table] ?? []).map(toCells)]),
    ),
  ])
}

/** Values as mysql2 gives them, but dates as text. */
function toCells(row: readonly unknown[]): (string | number | null)[] {
  return row.map((cell) => (cell instanceof Date ? cell.toISOString() : (cell as string | number | null)))
}

async function run(
  door: QueryPool,
  sql: string,
  values: readonly unknown[],
  protocol: Protocol,
): Promise<Answer> {
  try {
    const options = { sql, rowsAsArray: true } as const
    const given = [...values] as ExecuteValues[] // numbers, bigints, texts and null
    const [result] = await (protocol === 'query' ? door.query(options, given) : door.execute(options, given))
    if (Array.isArray(result)) return { kind: 'rows', rows: result as unknown[][] } // asked for arrays
    return { kind: 'write', affectedRows: Number((result as { affectedRows: number }).affectedRows) }
  } catch (error) {
    if (error instanceof SherdError) return { kind: 'refused', code: error.code }
    const { errno, message } = error as { errno?: unknown; message?: unknown }
    return { kind: 'error', code: String(errno), message: String(message) }
  }
}
