import { inject } from 'vitest'
import { runAsRoot } from '../../src/testing/servers/administration.ts'
import { createSherd } from '../../src/facade/create-sherd.ts'
import type { MysqlPool } from '../../src/facade/mysql-pool.ts'
import type { Sherd } from '../../src/facade/sherd.ts'
import type { ConnectionOptionsConfig, RoutingConfig } from '../../src/topology/config.ts'
import { defineConfig } from '../../src/topology/define-config.ts'
import { reference, sharded } from '../../src/topology/table-kinds.ts'
import { createDatabases, dropDatabases, uniqueName, waitForReplicas } from '../servers/databases.ts'

export interface ShopOptions {
  /** Sets two shops of one file apart. */
  readonly name?: string
  readonly logicalShards?: number
  readonly options?: ConnectionOptionsConfig
  readonly withReplicas?: boolean
  readonly routing?: RoutingConfig
  /** More sharded tables and their key columns; the test creates them. */
  readonly tables?: Readonly<Record<string, string>>
}

/** Logical shards on the two shared servers, with empty tables. */
export interface Shop {
  readonly sherd: Sherd
  readonly pool: MysqlPool
  readonly databaseName: string
  readonly mainUrl: string
  /** Keys on the first server: two of one logical shard, then one of another; and one of the second server. */
  readonly here: number
  readonly twin: number
  readonly near: number
  readonly far: number
  readonly close: () => Promise<void>
}

const tables = [
  'CREATE TABLE orders (user_id BIGINT NOT NULL, id INT NOT NULL, product VARCHAR(40) NOT NULL, PRIMARY KEY (user_id, id))',
  'CREATE TABLE items (user_id BIGINT NOT NULL, id INT NOT NULL AUTO_INCREMENT PRIMARY KEY, name VARCHAR(40), bought DATETIME(3), body BLOB)',
]
const countries = 'CREATE TABLE IF NOT EXISTS countries (code CHAR(2) PRIMARY KEY, name VARCHAR(40))'

export async function openShop(testFile: string, shopOptions: ShopOptions = {}): Promise<Shop> {
  const sites = inject('sharedSites')
  const databaseName = uniqueName(testFile, shopOptions.name ?? 'shop')
  const count = shopOptions.logicalShards ?? 4
  const main = `${databaseName}_main`
  const names = Array.from({ length: count }, (_, index) => `${databaseName}_${index}`)
  const [first] = sites
  if (first === undefined) throw new Error('There are no shared servers.')
  await createDatabases(first, [main])
  await Promise.all(sites.map((site) => dropDatabases(site, names)))
  const mainUrl = `${first.primary.url}${main}`
  const options = shopOptions.options ?? {}
  const sherd = await createSherd(
    defineConfig({
      databases: { default: { primary: mainUrl, options } },
      shardGroups: {
        shop: {
          databaseName,
          logicalShards: count,
          options,
          ...(shopOptions.routing === undefined ? {} : { routing: shopOptions.routing }),
          servers: sites.map(({ primary, replicas }) => ({
            primary: primary.url,
            replicas: shopOptions.withReplicas === true ? replicas.map(({ url }) => url) : [],
          })),
        },
      },
      tables: {
        orders: sharded('shop', 'user_id'),
        items: sharded('shop', 'user_id'),
        countries: reference('shop', { copies: 'unmanaged' }),
        ...Object.fromEntries(
          Object.entries(shopOptions.tables ?? {}).map(([table, key]) => [table, sharded('shop', key)]),
        ),
      },
    }),
  )
  await sherd.createDatabases()
  const connection = sherd.connection()
  await connection.execute(countries)
  await connection.execute("INSERT INTO countries VALUES ('KR', 'source')")
  await connection.execute('CREATE TABLE notes (id INT PRIMARY KEY, text VARCHAR(40))')
  for (const shard of names) {
    await sherd.onShard(shard, async () => {
      for (const sql of [...tables, countries]) await connection.execute(sql)
      await connection.execute("INSERT INTO countries VALUES ('KR', 'copy')")
    })
  }
  connection.release()
  await Promise.all(sites.map(waitForReplicas))
  const close = async (): Promise<void> => {
    await sherd.close()
    await dropDatabases(first, [main])
    await Promise.all(sites.map((site) => dropDatabases(site, names)))
  }
  // The pool that createSherd made; the type of `sherd.pool` is mysql2's.
  const pool = sherd.pool as unknown as MysqlPool
  return { sherd, pool, databaseName, mainUrl, ...chooseKeys(sherd), close }
}

function chooseKeys(sherd: Sherd): Pick<Shop, 'here' | 'twin' | 'near' | 'far'> {
  const here = 1
  const home = sherd.locate('shop', here)
  const find = (isRight: (shard: typeof home) => boolean): number => {
    for (let key = 2; key < 10_000; key++) if (isRight(sherd.locate('shop', key))) return key
    throw new Error('No key was found.')
  }
  return {
    here,
    twin: find((shard) => shard === home),
    near: find((shard) => shard !== home && shard.server === home.server),
    far: find((shard) => shard.server !== home.server),
  }
}

/** What the servers were told by applications, as they wrote it down themselves. */
export interface ServerLog {
  /** Statements since the last call, of each server, primaries first within a site; connects are told too. */
  readonly read: () => Promise<readonly (readonly string[])[]>
  readonly stop: () => Promise<void>
}

/** Lets the shared servers write their general log into a table. */
export async function watchServers(): Promise<ServerLog> {
  const sockets = inject('sharedSites').flatMap(({ primary, replicas }) => [
    primary.socket,
    ...replicas.map(({ socket }) => socket),
  ])
  const user = inject('sharedUser')
  const onAll = <T>(body: (socket: string) => Promise<T>): Promise<T[]> => Promise.all(sockets.map(body))
  const clear = 'TRUNCATE TABLE mysql.general_log'
  await onAll((socket) =>
    runAsRoot(socket, [
      'SET sql_log_bin = 0',
      clear,
      "SET GLOBAL log_output = 'TABLE'",
      'SET GLOBAL general_log = 1',
    ]),
  )
  return {
    read: () =>
      onAll(async (socket) => {
        const rows = await runAsRoot(socket, [
          `SELECT CONVERT(argument USING utf8mb4) AS text FROM mysql.general_log WHERE user_host LIKE '${user}[%' AND command_type <> 'Quit'`,
        ])
        await runAsRoot(socket, ['SET sql_log_bin = 0', clear])
        return rows.map((row) => String(row['text']))
      }),
    stop: async () => {
      await onAll((socket) =>
        runAsRoot(socket, ['SET GLOBAL general_log = 0', "SET GLOBAL log_output = 'FILE'"]),
      )
    },
  }
}

/** The error of a promise that must fail. */
export async function failureOf(promise: Promise<unknown>): Promise<Error & Record<string, unknown>> {
  const outcome = await promise.then(
    () => undefined,
    (error: unknown) => error,
  )
  if (outcome instanceof Error) return outcome as Error & Record<string, unknown>
  throw new Error('It did not fail.')
}
