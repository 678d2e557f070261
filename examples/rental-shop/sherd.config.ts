import { type ServerConfig, type Topology, defineConfig, reference } from 'sherd'
import { defineShards } from 'sherd/kysely'
import { drizzleTables } from './drizzle.ts'
import type { Shop } from './schema.ts'

export interface Places {
  /** The database that owns the films and the like. */
  readonly main: ServerConfig
  /** The servers of the logical shards. */
  readonly servers: readonly ServerConfig[]
}

const memory: ServerConfig = { primary: 'sqlite::memory:' }
/** Two SQLite servers, gone when the process ends. */
export const inMemory: Places = { main: memory, servers: [memory, memory] }

/** Written in the main database; sherd keeps the copies. */
const copied = reference('shop')

/**
 * Which table lives where, checked against the columns of `Shop` when it is compiled. Films and the
 * like are few and belong to nobody: every logical shard has a copy, so that joins with them stay on one shard.
 */
const tables = defineShards<Shop>()({
  customer: { group: 'shop', key: 'customer_id' },
  rental: { group: 'shop', key: 'customer_id' },
  payment: { group: 'shop', key: 'customer_id' },
  film: copied,
  category: copied,
  film_category: copied,
  actor: copied,
  film_actor: copied,
  inventory: copied,
  staff: copied,
  store: copied,
})

/** The shop on 8 logical shards, `shop_0` to `shop_7`, dealt evenly to the servers. */
export function defineShop({ main, servers }: Places): Topology {
  return defineConfig({
    databases: { default: main },
    shardGroups: { shop: { databaseName: 'shop', logicalShards: 8, servers } },
    // The Drizzle models declare the same; sherd refuses to start when two declarations disagree.
    tables: [tables, ...drizzleTables],
  })
}
