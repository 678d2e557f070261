import type * as Root from '../src/index.ts'
import type * as Testing from '../src/testing/index.ts'
import type { Build } from './compiled.ts'
import { type Cart, connectionLimit, type Side } from './orm/carts.ts'

export const userCount = 1000
export const cartsPerUser = 5

/** One private server with the same rows in 8 logical databases for sherd and in one for plain mysql2. */
export interface CartServers {
  readonly sides: Readonly<Record<'plain' | 'sherd', Side>>
  readonly serverVersion: string
  /** Rows of `cart_events` on a side, of all its databases. */
  readonly countEvents: (side: 'plain' | 'sherd') => Promise<number>
  readonly close: () => Promise<void>
}

const tables = [
  'CREATE TABLE carts (user_id INT NOT NULL, id INT NOT NULL, cents INT NOT NULL, PRIMARY KEY (user_id, id))',
  'CREATE TABLE cart_items (user_id INT NOT NULL, cart_id INT NOT NULL, line INT NOT NULL, product VARCHAR(40) NOT NULL, PRIMARY KEY (user_id, cart_id, line))',
  'CREATE TABLE cart_events (user_id INT NOT NULL, id INT NOT NULL, note VARCHAR(40) NOT NULL, PRIMARY KEY (user_id, id))',
]

/** The row of a cart, the same for all who load or check it. */
export function cartOf(userId: number, id: number): Cart {
  return { userId, id, cents: ((userId * 31 + id) * 7919) % 100_000 }
}

export async function openCartServers(build: Build): Promise<CartServers> {
  const { startServers } = await build.load<typeof Testing>('testing/index.js')
  const set = await startServers({ primaries: 1, replicasPerPrimary: 0 })
  const primary = set.servers[0]?.primary
  if (primary === undefined) throw new Error('No server was started.')
  await primary.query('CREATE DATABASE main', 'CREATE DATABASE plain')
  const sherd = await openSherd(build, primary.url(), primary.url('main'))
  const databases = sherd.topology.shardGroups.get('product')?.shards.map(({ name }) => name) ?? []
  const users = Array.from({ length: userCount }, (_, index) => index + 1)
  const usersOf = (database: string) =>
    database === 'plain' ? users : users.filter((user) => sherd.locate('product', user).name === database)
  // Past sherd: an AsyncLocalStorage once in use, as by onShard, makes every promise of the process dearer, mysql2's too.
  for (const database of ['plain', ...databases])
    await primary.query(`USE ${database}`, ...tables, ...insertsOf(usersOf(database)))
  const [version] = await primary.query('SELECT VERSION() AS version')
  return {
    sides: {
      plain: { kind: 'plain', url: primary.url('plain'), build },
      sherd: { kind: 'sherd', sherd, build },
    },
    serverVersion: String(version?.['version']),
    countEvents: async (side) => {
      const counted = side === 'plain' ? ['plain'] : databases
      const counts = counted.map((database) => `SELECT COUNT(*) AS n FROM ${database}.cart_events`)
      const [row] = await primary.query(`SELECT SUM(n) AS n FROM (${counts.join(' UNION ALL ')}) AS counts`)
      return Number(row?.['n'])
    },
    close: async () => {
      await sherd.close()
      await set.stop()
    },
  }
}

function insertsOf(users: readonly number[]): readonly string[] {
  if (users.length === 0) return []
  const carts = users.flatMap((user) =>
    Array.from({ length: cartsPerUser }, (_, index) => cartOf(user, index + 1)),
  )
  const rows = carts.map(({ userId, id, cents }) => `(${userId}, ${id}, ${cents})`)
  const items = carts.flatMap(({ userId, id }) =>
    ['book', 'pen'].map((product, line) => `(${userId}, ${id}, ${line}, '${product}')`),
  )
  return [`INSERT INTO carts VALUES ${rows.join()}`, `INSERT INTO cart_items VALUES ${items.join()}`]
}

async function openSherd(build: Build, server: string, main: string): Promise<Root.Sherd> {
  const { createSherd, defineConfig, sharded } = await build.load<typeof Root>('index.js')
  const options = { connectionLimit }
  const kind = sharded('product', 'user_id')
  const sherd = await createSherd(
    defineConfig({
      databases: { default: { primary: main } },
      shardGroups: {
        product: { databaseName: 'product', logicalShards: 8, servers: [{ primary: server }], options },
      },
      tables: { carts: kind, cart_items: kind, cart_events: kind },
    }),
  )
  await sherd.createDatabases()
  return sherd
}
