import { createConnection } from 'mysql2/promise'
import { createSherd } from '../../src/facade/create-sherd.ts'
import type { Sherd } from '../../src/facade/sherd.ts'
import type { ServerConfig } from '../../src/topology/config.ts'
import { defineConfig } from '../../src/topology/define-config.ts'
import { sharded, type TableKinds } from '../../src/topology/table-kinds.ts'
import type { ParcelStops } from './behaviour.ts'

/** Where the suites of test/orm run. */
export interface OrderServers {
  readonly main: string
  readonly servers: readonly ServerConfig[]
  readonly databaseName: string
  /** A MariaDB database without sherd, to compare with. */
  readonly plain?: string
}

export const sqliteServers: OrderServers = {
  main: 'sqlite::memory:',
  servers: [{ primary: 'sqlite::memory:' }, { primary: 'sqlite::memory:' }],
  databaseName: 'product',
}

/** The tables of the suite, without those of MariaDB's types on SQLite. */
function tablesOf(dialect: 'mysql' | 'sqlite'): readonly string[] {
  const orders =
    'CREATE TABLE orders (user_id INTEGER NOT NULL, id INTEGER NOT NULL, product VARCHAR(40) NOT NULL, cents INTEGER NOT NULL, PRIMARY KEY (user_id, id))'
  const items =
    'CREATE TABLE order_items (user_id INTEGER NOT NULL, order_id INTEGER NOT NULL, line INTEGER NOT NULL, currency INTEGER NOT NULL, PRIMARY KEY (user_id, order_id, line), FOREIGN KEY (user_id, order_id) REFERENCES orders (user_id, id))'
  if (dialect === 'sqlite') return [orders, items]
  return [
    orders,
    items,
    'CREATE TABLE samples (user_id INT NOT NULL, id INT NOT NULL, day DATE NOT NULL, made_at DATETIME(3) NOT NULL, price DECIMAL(20,4) NOT NULL, big BIGINT NOT NULL, data JSON NOT NULL, body VARBINARY(20) NOT NULL, paid TINYINT(1) NOT NULL, PRIMARY KEY (user_id, id))',
    'CREATE TABLE notes (id INT NOT NULL AUTO_INCREMENT PRIMARY KEY, user_id INT NOT NULL, text VARCHAR(40) NOT NULL)',
    'CREATE TABLE parcels (id BIGINT NOT NULL PRIMARY KEY, user_id INT NOT NULL, text VARCHAR(40) NOT NULL)',
    'CREATE TABLE stops (id BIGINT NOT NULL PRIMARY KEY, parcel_id BIGINT NOT NULL, user_id INT NOT NULL, text VARCHAR(40) NOT NULL)',
  ]
}
/** With its rows, because an INSERT into a reference table goes to its source database, not to a copy. */
const currencies =
  "CREATE TABLE currencies AS SELECT 978 AS code, 'Euro' AS name UNION ALL SELECT 840, 'Dollar'"

/** Four logical shards on two servers, with the tables that they have. */
function connectOrders(
  { main, servers, databaseName }: OrderServers,
  tables: TableKinds | readonly TableKinds[],
): Promise<Sherd> {
  const shardGroups = { product: { databaseName, logicalShards: 4, servers } }
  return createSherd(defineConfig({ databases: { default: { primary: main } }, shardGroups, tables }))
}

/** Another sherd on tables that are there: no ids of parcels and stops lead to a shard, the foreign key carries the key. */
export function openCarried(place: OrderServers, kinds: TableKinds | readonly TableKinds[]): Promise<Sherd> {
  const toParcel = { columns: ['parcel_id'], references: 'parcels', referencedColumns: ['id'] }
  return connectOrders(place, {
    ...Object.fromEntries([kinds].flat().flatMap((each: TableKinds) => Object.entries(each))),
    parcels: sharded('product', 'user_id'),
    stops: sharded('product', 'user_id', { foreignKeys: [toParcel] }),
  })
}

/** Four logical shards on two servers, with empty tables and two currencies on each. */
export async function openOrders(
  place: OrderServers,
  kinds: TableKinds | readonly TableKinds[],
): Promise<Sherd> {
  const sherd = await connectOrders(place, kinds)
  await sherd.createDatabases()
  const connection = sherd.connection()
  const run = async (statements: readonly string[]) => {
    for (const sql of statements) await connection.execute(sql)
  }
  await run([currencies])
  for (const shard of shardsOf(sherd)) {
    await sherd.onShard(shard, () => run([currencies, ...tablesOf(sherd.topology.dialect)]))
  }
  connection.release()
  return sherd
}

/** The same tables in one plain MariaDB database. */
export async function createPlainTables(url: string): Promise<void> {
  const connection = await createConnection(url)
  for (const sql of [currencies, ...tablesOf('mysql')]) await connection.query(sql)
  await connection.end()
}

/** Takes every row out of every logical shard. The counters of AUTO_INCREMENT begin anew. */
export async function emptyTables(sherd: Sherd): Promise<void> {
  const isSqlite = sherd.topology.dialect === 'sqlite'
  const connection = sherd.connection()
  for (const shard of shardsOf(sherd)) {
    await sherd.onShard(shard, async () => {
      for (const table of ['order_items', 'orders', ...(isSqlite ? [] : ['samples', 'parcels', 'stops'])])
        await connection.execute(`DELETE FROM ${table}`)
      if (!isSqlite) await connection.execute('TRUNCATE TABLE notes')
    })
  }
  connection.release()
}

export function shardsOf(sherd: Sherd): readonly string[] {
  return sherd.topology.shardGroups.get('product')?.shards.map(({ name }) => name) ?? []
}

/** Users 1 to 40 by the logical shard and by the server they belong to. */
export function usersBy(sherd: Sherd, place: 'shard' | 'server'): readonly (readonly number[])[] {
  const users = new Map<string, number[]>()
  for (let user = 1; user <= 40; user += 1) {
    const shard = sherd.locate('product', user)
    const key = place === 'shard' ? shard.name : shard.server.id
    users.set(key, [...(users.get(key) ?? []), user])
  }
  return [...users.values()]
}

/** One user of each server, and a second one of the first server who lives on another logical shard. */
export function threeUsers(sherd: Sherd): {
  readonly here: number
  readonly near: number
  readonly far: number
} {
  const [here = 0, ...others] = usersBy(sherd, 'server')[0] ?? []
  const [far = 0] = usersBy(sherd, 'server')[1] ?? []
  const shard = sherd.locate('product', here)
  const near = others.find((user) => sherd.locate('product', user) !== shard) ?? 0
  return { here, near, far }
}

/** The url of the plain database for an ORM that sets nothing itself, with what sherd sets where a table has ids of 63 bits. */
export const withBigNumbers = (url: string): string => `${url}?supportBigNumbers=true`

/** For `toSorted` of ids. */
export const compare = (a: bigint, b: bigint): number => (a < b ? -1 : Number(a > b))

/** Of a join of parcels with their stops, by both ids. */
export function gatherStops(
  rows: readonly { readonly parcel: unknown; readonly stop: unknown }[],
): readonly ParcelStops[] {
  const ids = [...new Set(rows.map(({ parcel }) => String(parcel)))]
  const stopsOf = (id: string) => rows.filter(({ parcel }) => String(parcel) === id)
  return ids.map((id) => ({ id: BigInt(id), stops: stopsOf(id).map(({ stop }) => BigInt(String(stop))) }))
}

/** The users with orders on each logical shard, asked from the shard itself, on its primary. */
export async function readPlaces(sherd: Sherd): Promise<Readonly<Record<string, readonly number[]>>> {
  const connection = sherd.connection()
  const places: Record<string, readonly number[]> = {}
  for (const shard of shardsOf(sherd)) {
    const { rows } = await sherd.fresh(() =>
      sherd.onShard(shard, () => connection.execute('SELECT DISTINCT user_id FROM orders ORDER BY user_id')),
    )
    places[shard] = (rows as readonly { readonly user_id: number }[]).map((row) => row.user_id)
  }
  connection.release()
  return places
}

/** Where `locate` says the users belong. */
export function locatePlaces(
  sherd: Sherd,
  users: readonly number[],
): Readonly<Record<string, readonly number[]>> {
  return Object.fromEntries(
    shardsOf(sherd).map((shard) => [
      shard,
      users.filter((user) => sherd.locate('product', user).name === shard),
    ]),
  )
}

/** The error of sherd inside whatever an ORM wrapped around it. */
export function codeOf(error: unknown): unknown {
  if (typeof error !== 'object' || error === null) return undefined
  const { code, cause } = error as { readonly code?: unknown; readonly cause?: unknown }
  return typeof code === 'string' && code.startsWith('SHERD_') ? code : codeOf(cause)
}
