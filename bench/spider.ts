import { createPool, type Pool } from 'mysql2/promise'
import type * as Testing from '../src/testing/index.ts'
import type { Build } from './compiled.ts'
import { createOrders, orderColumns, orderIds } from './orders.ts'
import { connectionLimit, type OrdersShop, serverFlags } from './orders-servers.ts'

/** A MariaDB whose table `orders` is made of tables on the servers of the shop. */
export interface SpiderHead {
  readonly pool: Pool
  readonly close: () => Promise<void>
}

const parts = Array.from({ length: 8 }, (_, i) => i)

/** Keeps connections to the servers, and does not send them its settings again before each statement. */
const tuning = [
  'SET GLOBAL spider_conn_recycle_mode = 1',
  'SET GLOBAL spider_sync_trx_isolation = 0',
  'SET GLOBAL spider_sync_sql_mode = 0',
  'SET GLOBAL spider_bgs_mode = 1',
]

/** Undefined where MariaDB has no Spider: `apt-get install mariadb-plugin-spider` in Debian. */
export async function openSpider(build: Build, shop: OrdersShop): Promise<SpiderHead | undefined> {
  const { startServers } = await build.load<typeof Testing>('testing/index.js')
  const set = await startServers({ primaries: 1, replicasPerPrimary: 0, flags: serverFlags })
  const head = set.servers[0]?.primary
  if (head === undefined) throw new Error('No server was started.')
  try {
    await head.query("INSTALL SONAME 'ha_spider'")
  } catch {
    await set.stop()
    return undefined
  }
  await fillParts(shop)
  await head.query(
    ...tuning,
    ...parts.map((part) => writeServer(shop, part)),
    'CREATE DATABASE main',
    writeTable(),
  )
  const pool = createPool({ uri: head.url('main'), connectionLimit })
  return {
    pool,
    close: async () => {
      await pool.end()
      await set.stop()
    },
  }
}

/** Spider has a hash of its own: the remainder of the key. Its parts lie on the servers by turns. */
async function fillParts({ pools, servers }: OrdersShop): Promise<void> {
  await Promise.all(
    parts.map(async (part) => {
      const pool = pools[part % servers.length]
      if (pool === undefined) throw new Error('A server is missing.')
      await createOrders(
        pool,
        `spider_${part}`,
        orderIds.filter((id) => id % parts.length === part),
      )
    }),
  )
}

function writeServer({ servers, password }: OrdersShop, part: number): string {
  const port = servers[part % servers.length]?.port
  return `CREATE SERVER part_${part} FOREIGN DATA WRAPPER mysql OPTIONS
    (HOST '127.0.0.1', PORT ${port}, USER 'sherd', PASSWORD '${password}', DATABASE 'spider_${part}')`
}

function writeTable(): string {
  const list = parts.map((part) => `PARTITION p${part} COMMENT = 'srv "part_${part}"'`)
  return `CREATE TABLE main.orders (${orderColumns}) ENGINE = SPIDER
    COMMENT = 'wrapper "mysql", table "orders"' PARTITION BY HASH (id) (${list.join(', ')})`
}
