import { createPool, type Pool } from 'mysql2'
import { createPool as createPromisePool, type Pool as PromiseMysqlPool } from 'mysql2/promise'
import type * as Root from '../src/index.ts'
import type * as Testing from '../src/testing/index.ts'
import type { Build } from './compiled.ts'
import type { CallbackPool, PromisePool } from './contestants.ts'

/** Connections each side may have; as many as workers, so that no side waits for one. */
export const connectionLimit = 16
export const customerCount = 8000

/** One private server that all contestants talk to, with the same rows in 8 logical databases. */
export interface Shop {
  readonly sherd: Root.Sherd
  readonly sherdCallback: CallbackPool
  readonly sherdPromise: PromisePool
  readonly mysqlCallback: Pool
  readonly mysqlPromise: PromiseMysqlPool
  readonly serverVersion: string
  /** Names of the logical databases. */
  readonly databases: readonly string[]
  readonly countEvents: () => Promise<number>
  readonly close: () => Promise<void>
}

const tables = [
  'CREATE TABLE customers (id BIGINT NOT NULL PRIMARY KEY, name VARCHAR(60) NOT NULL, cents INT NOT NULL)',
  'CREATE TABLE events (id BIGINT NOT NULL AUTO_INCREMENT PRIMARY KEY, customer_id BIGINT NOT NULL, note VARCHAR(60) NOT NULL, cents INT NOT NULL)',
]

/** The row of a customer, the same for all who load or check it. */
export function customer(id: number): {
  readonly id: number
  readonly name: string
  readonly cents: number
} {
  return { id, name: `Customer number ${id}`, cents: (id * 7919) % 100_000 }
}

export async function openShop(build: Build): Promise<Shop> {
  const { startServers } = await build.load<typeof Testing>('testing/index.js')
  const set = await startServers({ primaries: 1, replicasPerPrimary: 0 })
  const primary = set.servers[0]?.primary
  if (primary === undefined) throw new Error('No server was started.')
  await primary.query('CREATE DATABASE main')
  const sherd = await openSherd(build, primary.url(), primary.url('main'))
  const databases = sherd.topology.shardGroups.get('product')?.shards.map(({ name }) => name) ?? []
  // Not with onShard: an AsyncLocalStorage once in use makes every promise of the process dearer, mysql2's too.
  await primary.query(...databases.flatMap((database) => [`USE ${database}`, ...tables]))
  await loadRows(sherd)
  const options = { uri: primary.url('main'), connectionLimit }
  const mysqlCallback = createPool(options)
  const mysqlPromise = createPromisePool(options)
  const [version] = await primary.query('SELECT VERSION() AS version')
  return {
    sherd,
    sherdCallback: sherd.pool,
    sherdPromise: sherd.pool.promise(),
    mysqlCallback,
    mysqlPromise,
    serverVersion: String(version?.['version']),
    databases,
    countEvents: async () => {
      const counts = databases.map((database) => `SELECT COUNT(*) AS n FROM ${database}.events`)
      const [row] = await primary.query(`SELECT SUM(n) AS n FROM (${counts.join(' UNION ALL ')}) AS counts`)
      return Number(row?.['n'])
    },
    close: async () => {
      await sherd.close()
      await mysqlPromise.end()
      await new Promise((resolve) => {
        mysqlCallback.end(resolve)
      })
      await set.stop()
    },
  }
}

async function openSherd(build: Build, server: string, main: string): Promise<Root.Sherd> {
  const { createSherd, defineConfig, sharded } = await build.load<typeof Root>('index.js')
  const options = { connectionLimit }
  const sherd = await createSherd(
    defineConfig({
      databases: { default: { primary: main } },
      shardGroups: {
        product: { databaseName: 'product', logicalShards: 8, servers: [{ primary: server }], options },
      },
      tables: { customers: sharded('product', 'id'), events: sharded('product', 'customer_id') },
    }),
  )
  await sherd.createDatabases()
  return sherd
}

async function loadRows(sherd: Root.Sherd): Promise<void> {
  const connection = sherd.connection()
  for (let from = 1; from <= customerCount; from += 1000) {
    const rows = Array.from({ length: 1000 }, (_, i) => customer(from + i))
    const markers = rows.map(() => '(?, ?, ?)').join(', ')
    const values = rows.flatMap(({ id, name, cents }) => [id, name, cents])
    await connection.execute(`INSERT INTO customers (id, name, cents) VALUES ${markers}`, values)
  }
  connection.release()
}
