import { SherdError } from '../errors/sherd-error.ts'
import { createSherd } from '../facade/create-sherd.ts'
import type { Sherd } from '../facade/sherd.ts'
import { referenceTables } from '../reference/reference-tables.ts'
import type { SherdConfig } from '../topology/config.ts'
import { defineConfig } from '../topology/define-config.ts'
import { listReferenceCopies } from '../topology/reference-copies.ts'
import type { TableKinds } from '../topology/table-kinds.ts'
import type { Topology } from '../topology/topology.ts'
import { applySchema } from './apply-schema.ts'
import { type ServerSet, startServers } from './servers/start-servers.ts'
import { configForTables, configForTest, type TestPlaces } from './test-config.ts'

export interface TestSherdOptions {
  /**
   * The config of the application: its groups, routing, tables and logical shards, on other servers. Its addresses are not
   * touched. This or `tables`.
   */
  readonly config?: Topology
  /** Tables alone, as the config or a model helper has them. */
  readonly tables?: TableKinds | readonly TableKinds[]
  /** With `tables`: logical shards of each group. Default 4. One or two hide mistakes that more would show. */
  readonly logicalShards?: number
  /**
   * `sqlite` (default): in memory, milliseconds. `mariadb`: private servers, a second; needs MariaDB and mysql2 installed.
   */
  readonly engine?: 'sqlite' | 'mariadb'
  /**
   * One statement each, in the engine's SQL. Those of the schema run wherever their table is: on every logical shard of its
   * group, in the source too for reference tables. Others run as an application's, such as rows of a reference table. Default none.
   */
  readonly schema?: readonly string[]
  /**
   * Servers of `startServers` to use with `engine: 'mariadb'`, for one test at a time: databases of the same names are dropped. Whoever started them stops
   * them. Default: servers of its own, which `close` stops.
   */
  readonly servers?: ServerSet
}

/** A topology for one test. */
export interface TestSherd {
  readonly sherd: Sherd
  readonly config: Topology
  /** Ends connections, and servers that were started for it; its rows are gone. */
  readonly close: () => Promise<void>
}

/**
 * Makes a sherd with its own empty databases and the schema in them; copies of reference tables are filled. Codes: SHERD_CONFIG_VALUE, SHERD_CONFIG,
 * SHERD_PEER_MISSING, SHERD_TEST_SERVER_MISSING, SHERD_TEST_SERVER_FAILED; errors of the schema pass through.
 */
export async function openTestSherd(options: TestSherdOptions): Promise<TestSherd> {
  const place = await openPlaces(options)
  let sherd: Sherd | undefined
  try {
    const config = defineConfig(makeConfig(options, place.places))
    await place.clear(config)
    sherd = await createSherd(config)
    await sherd.createDatabases()
    await applySchema(sherd, options.schema ?? [])
    await fillCopies(sherd, options.schema ?? [])
    const opened = sherd
    const close = async (): Promise<void> => {
      await opened.close()
      await place.close()
    }
    return { sherd, config, close }
  } catch (error) {
    await sherd?.close()
    await place.close()
    throw error
  }
}

function makeConfig(
  { config, tables, logicalShards = 4 }: TestSherdOptions,
  places: TestPlaces,
): SherdConfig {
  if (config !== undefined && tables === undefined) return configForTest(config, places)
  if (config === undefined && tables !== undefined) return configForTables(tables, logicalShards, places)
  throw new SherdError('SHERD_CONFIG_VALUE', {
    message: 'openTestSherd takes either `config` or `tables`.',
    remedy: 'Give the config of the application, or tables alone.',
    details: { path: 'config' },
  })
}

/** Where the databases of a test are. */
interface OpenPlaces {
  readonly places: TestPlaces
  /** Takes away what an earlier test has left there. */
  readonly clear: (config: Topology) => Promise<void>
  readonly close: () => Promise<void>
}

async function openPlaces(options: TestSherdOptions): Promise<OpenPlaces> {
  if (options.engine !== 'mariadb') {
    const memory = (): string => 'sqlite::memory:'
    const nothing = (): Promise<void> => Promise.resolve()
    return { places: { dialect: 'sqlite', database: memory, server: memory }, clear: nothing, close: nothing }
  }
  const groups = [...(options.config?.shardGroups.values() ?? [])]
  const needed = groups.map(({ servers }) => servers.length)
  const primaries = groups.length === 0 ? 2 : Math.max(1, ...needed)
  const set = options.servers ?? (await startServers({ primaries, replicasPerPrimary: 0 }))
  const close = options.servers === undefined ? () => set.stop() : () => Promise.resolve()
  return { places: placesOn(set), clear: (config) => clear(set, config), close }
}

/** Unsharded databases are on the first server, under names that no logical shard has. */
function placesOn(set: ServerSet): TestPlaces {
  const url = (index: number, database: string): string => {
    const site = set.servers[index % set.servers.length]
    return site?.primary.url(database) ?? ''
  }
  return { dialect: 'mysql', database: (name) => url(0, nameOf(name)), server: (index) => url(index, '') }
}

function nameOf(database: string): string {
  return `unsharded_${database}`
}

async function clear(set: ServerSet, config: Topology): Promise<void> {
  const shards = [...config.shardGroups.values()].flatMap((group) => group.shards.map(({ name }) => name))
  const unsharded = [...config.databases.keys()].map(nameOf)
  const drops = [...shards, ...unsharded, 'sherd'].map((name) => `DROP DATABASE IF EXISTS \`${name}\``)
  const creates = unsharded.map((name) => `CREATE DATABASE \`${name}\` CHARACTER SET utf8mb4`)
  await Promise.all(
    set.servers.map(({ primary }, index) =>
      primary.query('SET foreign_key_checks = 0', ...drops, ...(index === 0 ? creates : [])),
    ),
  )
}

async function fillCopies(sherd: Sherd, schema: readonly string[]): Promise<void> {
  if (schema.length === 0 || listReferenceCopies(sherd.topology).length === 0) return
  await referenceTables(sherd).sync()
}
