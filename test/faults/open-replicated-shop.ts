import { createSherd } from '../../src/facade/create-sherd.ts'
import type { MysqlPool } from '../../src/facade/mysql-pool.ts'
import type { Sherd } from '../../src/facade/sherd.ts'
import type { ConnectionOptionsConfig, ReadsObject, ReplicaConfig } from '../../src/topology/config.ts'
import { defineConfig } from '../../src/topology/define-config.ts'
import { sharded } from '../../src/topology/table-kinds.ts'

/** Where the servers of a shop are. Plain data, so that another process can be told. */
export interface ReplicatedShopPlace {
  readonly primary: string
  readonly replicas: readonly ReplicaConfig[]
  readonly reads?: ReadsObject
  readonly options?: ConnectionOptionsConfig
}

export interface ReplicatedShop {
  readonly sherd: Sherd
  readonly pool: ReturnType<MysqlPool['promise']>
  readonly callbackPool: MysqlPool
}

/** An unsharded database `main` and a group of four logical shards on one primary with replicas. URLs end in `/`. */
export async function openReplicatedShop(place: ReplicatedShopPlace): Promise<ReplicatedShop> {
  const { primary, replicas, reads = {}, options = {} } = place
  const sherd = await createSherd(
    defineConfig({
      databases: {
        default: { primary: `${primary}main`, replicas: replicas.map(inMain), reads, options },
      },
      shardGroups: {
        shop: { databaseName: 'shop', logicalShards: 4, servers: [{ primary, replicas }], reads, options },
      },
      tables: { orders: sharded('shop', 'user_id') },
    }),
  )
  // The pool that createSherd made; the type of `sherd.pool` is mysql2's.
  const callbackPool = sherd.pool as unknown as MysqlPool
  return { sherd, callbackPool, pool: callbackPool.promise() }
}

/** Tables of the shop, through the shop itself. */
export async function createTables({ sherd }: ReplicatedShop): Promise<void> {
  await sherd.createDatabases()
  const connection = sherd.connection()
  await connection.execute('CREATE TABLE notes (id INT PRIMARY KEY, text VARCHAR(40))')
  await connection.execute("INSERT INTO notes VALUES (0, 'first')")
  for (const { name } of sherd.topology.shardGroups.get('shop')?.shards ?? []) {
    await sherd.onShard(name, () =>
      connection.execute('CREATE TABLE orders (user_id BIGINT, id INT, PRIMARY KEY (user_id, id))'),
    )
  }
  connection.release()
}

function inMain(replica: ReplicaConfig): ReplicaConfig {
  return typeof replica === 'object' ? { ...replica, url: `${replica.url}main` } : `${replica}main`
}
