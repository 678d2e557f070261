import { type Connection, createConnection } from 'mysql2/promise'
import { startRedis, type TestRedis } from '../../src/testing/servers/start-redis.ts'
import { type ServerSet, startServers } from '../../src/testing/servers/start-servers.ts'
import type { TestServer } from '../../src/testing/servers/test-server.ts'
import type { Random } from '../oracle/random.ts'
import { fillTable, type RunChange } from './convergence-changes.ts'
import { type ConvergenceAddress, shardCount } from './convergence-config.ts'
import type { History } from './convergence-history.ts'
import { convergenceTables } from './convergence-tables.ts'

/** The servers of the whole run. */
export interface ConvergenceServers {
  /** In another time zone than the shards. */
  readonly source: TestServer
  readonly shards: readonly TestServer[]
  readonly redis: TestRedis
  readonly stop: () => Promise<void>
}

export async function openServers(): Promise<ConvergenceServers> {
  const none = { replicasPerPrimary: 0 }
  const [sources, shards, redis] = await Promise.all([
    startServers({ ...none, primaries: 1, flags: ['--default-time-zone=+09:00'] }),
    startServers({ ...none, primaries: 2 }),
    startRedis(),
  ])
  const [source] = primariesOf(sources)
  if (source === undefined) throw new Error('The source was not started.')
  return {
    source,
    shards: primariesOf(shards),
    redis,
    stop: async () => {
      await Promise.all([sources.stop(), shards.stop(), redis.stop()])
    },
  }
}

function primariesOf(set: ServerSet): readonly TestServer[] {
  return set.servers.map(({ primary }) => primary)
}

/** One source and its eight empty or dirty copies of each table; a run has several, one after the other. */
export interface ConvergenceWorld {
  readonly address: ConvergenceAddress
  readonly source: TestServer
  readonly sourceDatabase: string
  readonly shards: readonly { readonly name: string; readonly server: TestServer }[]
}

/** `isApart`: the source has a server of its own, and not that of the first shards. */
export async function openWorld(
  servers: ConvergenceServers,
  name: string,
  isApart: boolean,
): Promise<ConvergenceWorld> {
  const source = isApart ? servers.source : (servers.shards[0] ?? servers.source)
  const sourceDatabase = `${name}_source`
  const perServer = shardCount / servers.shards.length
  const shards = servers.shards.flatMap((server, index) =>
    Array.from({ length: perServer }, (_, place) => ({
      name: `${name}_${index * perServer + place}`,
      server,
    })),
  )
  await createTables(source, [sourceDatabase], () => [])
  await Promise.all(
    servers.shards.map((server) =>
      createTables(
        server,
        shards.filter((shard) => shard.server === server).map((shard) => shard.name),
        watchVersions,
      ),
    ),
  )
  const address = {
    sourceUrl: source.url(sourceDatabase),
    shardUrls: servers.shards.map((server) => server.url()),
    databaseName: name,
  }
  return { address, source, sourceDatabase, shards }
}

/** The server itself notes every row of a copy that is written over by an older version, however short that lasts. */
function watchVersions(): readonly string[] {
  return [
    'CREATE TABLE regressions (what VARCHAR(64), before_it BIGINT UNSIGNED, after_it BIGINT UNSIGNED)',
    ...convergenceTables.map(
      ({ name }) => `CREATE TRIGGER ${name}_versions AFTER UPDATE ON ${name} FOR EACH ROW
        INSERT INTO regressions SELECT '${name}', OLD.version, NEW.version FROM DUAL WHERE NEW.version < OLD.version`,
    ),
  ]
}

function createTables(
  server: TestServer,
  databases: readonly string[],
  listMore: () => readonly string[],
): Promise<unknown> {
  const statements = databases.flatMap((database) => [
    `CREATE DATABASE ${database} CHARACTER SET utf8mb4 COLLATE utf8mb4_general_ci`,
    `USE ${database}`,
    ...convergenceTables.map((table) => `CREATE TABLE ${table.name} (${table.definition}) ENGINE=InnoDB`),
    ...listMore(),
  ])
  return server.query(...statements)
}

/** The first rows of the source, and rows that somebody left in some of the copies. */
export async function fillWorld(world: ConvergenceWorld, history: History, random: Random): Promise<void> {
  // Those of the copies come first, so that their numbers are lower.
  const places = [
    ...world.shards.filter(() => random.chance(0.3)),
    { server: world.source, name: world.sourceDatabase },
  ]
  for (const { server, name } of places) {
    const connection = await connectPlainly(server, name)
    await connection.query("SET sql_mode = 'NO_AUTO_VALUE_ON_ZERO', foreign_key_checks = 0")
    const transaction = { outcome: 'committed' as const }
    const run: RunChange = async (makeSql) => {
      await connection.query(makeSql(history.issue(transaction)))
      return []
    }
    for (const table of convergenceTables) await fillTable(random, table, run)
    await connection.end()
  }
}

/** A client that knows nothing of sherd. */
export async function connectPlainly(server: TestServer, database: string): Promise<Connection> {
  const connection = await createConnection({ uri: server.url(database) })
  // Without a listener a server that is killed would end this process.
  connection.on('error', () => undefined)
  return connection
}
