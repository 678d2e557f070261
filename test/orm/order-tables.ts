import { createSherd } from '../../src/facade/create-sherd.ts'
import type { Sherd } from '../../src/facade/sherd.ts'
import type { ServerConfig } from '../../src/topology/config.ts'
import { defineConfig } from '../../src/topology/define-config.ts'
import type { TableKinds } from '../../src/topology/table-kinds.ts'

/** Where the suites of test/orm run. */
export interface OrderServers {
  readonly main: string
  readonly servers: readonly ServerConfig[]
  readonly databaseName: string
}

export const sqliteServers: OrderServers = {
  main: 'sqlite::memory:',
  servers: [{ primary: 'sqlite::memory:' }, { primary: 'sqlite::memory:' }],
  databaseName: 'product',
}

const tables = [
  'CREATE TABLE orders (user_id INTEGER NOT NULL, id INTEGER NOT NULL, product VARCHAR(40) NOT NULL, cents INTEGER NOT NULL, PRIMARY KEY (user_id, id))',
  'CREATE TABLE order_items (user_id INTEGER NOT NULL, order_id INTEGER NOT NULL, line INTEGER NOT NULL, currency INTEGER NOT NULL, PRIMARY KEY (user_id, order_id, line))',
]
/** With its rows, because an INSERT into a reference table goes to its source database, not to a copy. */
const currencies =
  "CREATE TABLE currencies AS SELECT 978 AS code, 'Euro' AS name UNION ALL SELECT 840, 'Dollar'"

/** Four logical shards on two servers, with empty tables and two currencies on each. */
export async function openOrders(
  place: OrderServers,
  kinds: TableKinds | readonly TableKinds[],
): Promise<Sherd> {
  const { main, servers, databaseName } = place
  const sherd = await createSherd(
    defineConfig({
      databases: { default: { primary: main } },
      shardGroups: { product: { databaseName, logicalShards: 4, servers } },
      tables: kinds,
    }),
  )
  await sherd.createDatabases()
  const connection = sherd.connection()
  const run = async (statements: readonly string[]) => {
    for (const sql of statements) await connection.execute(sql)
  }
  await run([currencies])
  for (const shard of shardsOf(sherd)) {
    await sherd.onShard(shard, () => run([currencies, ...tables]))
  }
  connection.release()
  return sherd
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
