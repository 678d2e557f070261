import { type ServerConfig, type Topology, defineConfig, isolated } from 'sherd'
import { defineShards } from 'sherd/kysely'
import { drizzleTables } from './drizzle.ts'
import type { Shop } from './schema.ts'

/** Two SQLite servers, gone when the process ends. */
export const inMemory: readonly ServerConfig[] = [
  { primary: 'sqlite::memory:' },
  { primary: 'sqlite::memory:' },
]

/**
 * Which table lives where, checked against the columns of `Shop` when it is compiled. Every logical shard
 * has its own copy of films and the like: isolated, as load.ts writes each copy itself.
 */
const tables = defineShards<Shop>()({
  customer: { group: 'shop', key: 'customer_id' },
  rental: { group: 'shop', key: 'customer_id' },
  payment: { group: 'shop', key: 'customer_id' },
  film: isolated('shop'),
  actor: isolated('shop'),
  film_actor: isolated('shop'),
  inventory: isolated('shop'),
  staff: isolated('shop'),
  store: isolated('shop'),
})

/** The shop on 8 logical shards, `shop_0` to `shop_7`, dealt evenly to the servers. */
export function defineShop(servers: readonly ServerConfig[]): Topology {
  return defineConfig({
    shardGroups: { shop: { databaseName: 'shop', logicalShards: 8, servers } },
    // The Drizzle models declare the same; sherd refuses to start when two declarations disagree.
    tables: [tables, ...drizzleTables],
  })
}
