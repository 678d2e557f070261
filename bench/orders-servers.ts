import { createPool, type Pool } from 'mysql2/promise'
import type * as Root from '../src/index.ts'
import type * as Testing from '../src/testing/index.ts'
import type { Build } from './compiled.ts'
import { createOrders, orderIds } from './orders.ts'

/** Connections each side may have to a server: enough for all shards of all workers. */
export const connectionLimit = 32
/** Everything fits, however it is spread: a smaller memory would be in favour of two servers. */
export const serverFlags: readonly string[] = ['--innodb-buffer-pool-size=64M']
const logicalShards = 8

/** A logical shard as somebody knows it who fans out by hand. */
export interface HandShard {
  readonly database: string
  readonly pool: Pool
}

/** The same orders spread over some servers and, all of them, on another one. */
export interface OrdersShop {
  readonly sherd: Root.Sherd
  readonly servers: readonly Testing.TestServer[]
  /** Pools of the servers with logical shards, in their order. */
  readonly pools: readonly Pool[]
  /** In the order of their index. */
  readonly shards: readonly HandShard[]
  readonly shardOf: (id: number) => HandShard
  /** All orders in one table. */
  readonly plain: Pool
  readonly serverVersion: string
  readonly password: string
  readonly close: () => Promise<void>
}

export async function openOrders(build: Build, serverCount: number): Promise<OrdersShop> {
  const { startServers } = await build.load<typeof Testing>('testing/index.js')
  const set = await startServers({ primaries: serverCount + 1, replicasPerPrimary: 0, flags: serverFlags })
  const [whole, ...servers] = set.servers.map(({ primary }) => primary)
  if (whole === undefined) throw new Error('No server was started.')
  await whole.query('CREATE DATABASE main')
  const plain = createPool({ uri: whole.url('main'), connectionLimit })
  const pools = servers.map((server) => createPool({ uri: server.url(), connectionLimit }))
  const sherd = await openSherd(build, servers, whole.url('main'))
  const shards = listShards(sherd, pools)
  const shardOf = (id: number): HandShard => {
    const shard = shards[sherd.locate('product', id).index]
    if (shard === undefined) throw new Error('There is no such shard.')
    return shard
  }
  await Promise.all([createOrders(plain, 'main', orderIds), fillShards(shards, shardOf)])
  const [version] = await whole.query('SELECT VERSION() AS version')
  return {
    sherd,
    servers,
    pools,
    shards,
    shardOf,
    plain,
    serverVersion: String(version?.['version']),
    password: set.password,
    close: async () => {
      await sherd.close()
      await Promise.all([plain, ...pools].map((pool) => pool.end()))
      await set.stop()
    },
  }
}

async function openSherd(
  build: Build,
  servers: readonly Testing.TestServer[],
  main: string,
): Promise<Root.Sherd> {
  const { createSherd, defineConfig, sharded } = await build.load<typeof Root>('index.js')
  const sherd = await createSherd(
    defineConfig({
      databases: { default: { primary: main } },
      shardGroups: {
        product: {
          databaseName: 'product',
          logicalShards,
          servers: servers.map((server) => ({ primary: server.url() })),
          options: { connectionLimit },
        },
      },
      tables: { orders: sharded('product', 'id') },
    }),
  )
  await sherd.createDatabases()
  return sherd
}

function listShards(sherd: Root.Sherd, pools: readonly Pool[]): readonly HandShard[] {
  const { shards = [] } = sherd.topology.shardGroups.get('product') ?? {}
  // Shards are dealt in contiguous ranges, in the order of the servers.
  const ids = [...new Set(shards.map(({ server }) => server.id))]
  return shards.map(({ name, server }) => {
    const pool = pools[ids.indexOf(server.id)]
    if (pool === undefined) throw new Error(`${name} has no server.`)
    return { database: name, pool }
  })
}

async function fillShards(shards: readonly HandShard[], shardOf: (id: number) => HandShard): Promise<void> {
  const idsOf = new Map<HandShard, number[]>(shards.map((shard) => [shard, []]))
  for (const id of orderIds) idsOf.get(shardOf(id))?.push(id)
  await Promise.all([...idsOf].map(([{ pool, database }, ids]) => createOrders(pool, database, ids)))
}
