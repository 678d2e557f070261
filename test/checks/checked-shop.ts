import { type ServerSet, type ServerSite, startServers } from '../../src/testing/index.ts'
import { type CheckOptions, type CheckReport, checkTopology } from '../../src/checks/check-topology.ts'
import type { SherdConfig } from '../../src/topology/config.ts'
import { defineConfig } from '../../src/topology/define-config.ts'
import { pinned, reference, sharded, type TableKind } from '../../src/topology/table-kinds.ts'

export const shards = ['shop_0', 'shop_1', 'shop_2', 'shop_3'] as const

const onShards: Readonly<Record<string, string>> = {
  customers: `CREATE TABLE customers (customer_id BIGINT NOT NULL, name VARCHAR(40), PRIMARY KEY (customer_id))`,
  orders: `CREATE TABLE orders (customer_id BIGINT NOT NULL, id BIGINT NOT NULL, number BIGINT NOT NULL AUTO_INCREMENT, country CHAR(2) NOT NULL,
    PRIMARY KEY (customer_id, number), UNIQUE (id), KEY (number),
    FOREIGN KEY (customer_id) REFERENCES customers (customer_id), FOREIGN KEY (country) REFERENCES countries (code))`,
  logins: `CREATE TABLE logins (name VARCHAR(40) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin NOT NULL, at DATETIME, PRIMARY KEY (name))`,
}
const countries = `CREATE TABLE countries (code CHAR(2) PRIMARY KEY, name VARCHAR(40), changed_at DATETIME(6) NOT NULL, deleted_at DATETIME,
  KEY (changed_at))`

export const healthyTables: Readonly<Record<string, TableKind>> = {
  customers: sharded('shop', 'customer_id'),
  orders: sharded('shop', 'customer_id', { ids: { id: 'time' } }),
  logins: sharded('shop', 'name', { keyType: 'string' }),
  countries: reference('shop', { cursor: 'changed_at', deletes: { column: 'deleted_at' } }),
  audit: pinned('default'),
}

/** Two servers, a replica each: `main` and shop_0, shop_1 on the first, shop_2, shop_3 on the second. */
export interface CheckedShop {
  readonly set: ServerSet
  readonly sites: readonly [ServerSite, ServerSite]
  readonly config: (changes?: ConfigChanges) => SherdConfig
  readonly check: (changes?: ConfigChanges, options?: CheckOptions) => Promise<CheckReport>
  /** Statements on one logical shard, or in `main`. */
  readonly on: (database: string, ...statements: readonly string[]) => Promise<void>
  readonly onAll: (...statements: readonly string[]) => Promise<void>
  /** All databases and tables as they should be, whatever a test did. */
  readonly heal: () => Promise<void>
}

export interface ConfigChanges {
  readonly tables?: Readonly<Record<string, TableKind>>
  readonly more?: Partial<SherdConfig>
  readonly options?: object
  /** Puts another URL in the place of an endpoint, by `product/0/primary`. */
  readonly replace?: Readonly<Record<string, string>>
  readonly group?: object
}

export async function openCheckedShop(): Promise<CheckedShop> {
  const set = await startServers({ primaries: 2, replicasPerPrimary: 1 })
  const [first, second] = set.servers
  if (first === undefined || second === undefined) throw new Error('two sites were asked for')
  const sites = [first, second] as const
  const siteOf = (database: string): ServerSite =>
    database === 'shop_2' || database === 'shop_3' ? second : first
  const on: CheckedShop['on'] = async (database, ...statements) => {
    await siteOf(database).primary.query(`USE ${database}`, 'SET foreign_key_checks = 0', ...statements)
  }
  const onAll: CheckedShop['onAll'] = async (...statements) => {
    for (const shard of shards) await on(shard, ...statements)
  }
  const config = (changes: ConfigChanges = {}): SherdConfig => configOf(sites, changes)
  return {
    set,
    sites,
    config,
    check: (changes, options) => checkTopology(defineConfig(config(changes)), options),
    on,
    onAll,
    heal: async () => {
      for (const { primary } of sites) await primary.query(...dropAll)
      for (const name of ['main', ...shards])
        await siteOf(name).primary.query(`CREATE DATABASE ${name} COLLATE utf8mb4_unicode_ci`)
      await on('main', countries, 'CREATE TABLE audit (id BIGINT PRIMARY KEY)')
      await onAll(countries, ...Object.values(onShards))
      for (const { primary, replicas } of sites)
        for (const replica of replicas) await replica.waitForPosition(await primary.readPosition(), 20_000)
    },
  }
}

const dropAll = [
  'SET foreign_key_checks = 0',
  ...['main', ...shards, 'sherd'].map((name) => `DROP DATABASE IF EXISTS ${name}`),
]

function configOf(sites: readonly [ServerSite, ServerSite], changes: ConfigChanges): SherdConfig {
  const { tables = {}, more = {}, options = {}, replace = {}, group = {} } = changes
  const url = (id: string, own: string): string => replace[id] ?? own
  const servers = sites.map(({ primary, replicas }, index) => ({
    primary: url(`shop/${index}/primary`, primary.url()),
    replicas: replicas.map((replica, place) => url(`shop/${index}/replica/${place}`, replica.url())),
  }))
  return {
    databases: { default: { primary: url('default/primary', sites[0].primary.url('main')), options } },
    shardGroups: { shop: { databaseName: 'shop', logicalShards: 4, servers, options, ...group } },
    tables: { ...healthyTables, ...tables },
    ...more,
  }
}

export function findingsOf({ findings }: CheckReport): readonly string[] {
  return findings.map(({ severity, name, where, problem }) => `${severity} ${name} ${where}: ${problem}`)
}
