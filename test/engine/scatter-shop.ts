import { inject } from 'vitest'
import type { MysqlDriver } from '../../src/drivers/mysql2.ts'
import { loadMysqlDriver } from '../../src/drivers/mysql2.ts'
import { createEngine } from '../../src/engine/create-engine.ts'
import type { Engine } from '../../src/engine/engine.ts'
import { runScatterPlan } from '../../src/engine/run-scatter.ts'
import type { ScatterPlan } from '../../src/plan/scatter-plan.ts'
import { defaultScatter, type ScatterPermission } from '../../src/session/scatter-options.ts'
import { Session } from '../../src/session/session.ts'
import { defineConfig } from '../../src/topology/define-config.ts'
import { sharded } from '../../src/topology/table-kinds.ts'
import { createDatabases, dropDatabases, uniqueName, waitForReplicas } from '../servers/databases.ts'
import { runAsRoot } from '../../src/testing/servers/administration.ts'

/** The same table spread over logical shards of the two shared servers, and whole in one plain database. */
export interface ScatterShop {
  readonly engine: Engine
  readonly driver: MysqlDriver
  readonly plainName: string
  readonly shardNames: readonly string[]
  /** Runs a plan on all shards of the group, or on those of the first server. */
  readonly run: (plan: ScatterPlan, options?: RunOptions) => Promise<Answer>
  /** What the plain database answers. */
  readonly ask: (sql: string, options?: RunOptions) => Promise<Answer>
  readonly close: () => Promise<void>
}

export interface RunOptions {
  readonly permission?: Partial<ScatterPermission>
  readonly values?: readonly unknown[]
  readonly protocol?: 'text' | 'prepared'
  readonly options?: object
  readonly session?: Session
  readonly isOnOneServer?: boolean
}

export interface Answer {
  readonly rows: readonly unknown[]
  readonly fields: readonly { readonly name: string; readonly columnType: number; readonly flags: number }[]
}

export async function openScatterShop(
  testFile: string,
  createTable: string,
  inserts: (shard: number, database: string) => readonly string[],
  count = 4,
): Promise<ScatterShop> {
  const sites = inject('sharedSites')
  const databaseName = uniqueName(testFile, 'scatter')
  const names = Array.from({ length: count }, (_, index) => `${databaseName}_${index}`)
  const plainName = `${databaseName}_plain`
  const [first] = sites
  if (first === undefined) throw new Error('There are no shared servers.')
  await createDatabases(first, [plainName])
  const config = defineConfig({
    databases: { default: { primary: `${first.primary.url}${plainName}` } },
    shardGroups: {
      shop: {
        databaseName,
        logicalShards: count,
        servers: sites.map(({ primary }) => ({ primary: primary.url })),
      },
    },
    tables: { things: sharded('shop', 'id') },
  })
  const shards = config.shardGroups.get('shop')?.shards ?? []
  const socketOf = (index: number): string => {
    const server = config.shardGroups.get('shop')?.servers.indexOf(shards[index]!.server) ?? 0
    return sites[server]!.primary.socket
  }
  for (const [index, name] of names.entries())
    await runAsRoot(socketOf(index), [
      `DROP DATABASE IF EXISTS ${name}`,
      `CREATE DATABASE ${name} CHARACTER SET utf8mb4`,
      `CREATE TABLE ${name}.${createTable}`,
      ...inserts(index, name),
    ])
  await runAsRoot(first.primary.socket, [
    `CREATE TABLE ${plainName}.${createTable}`,
    ...names.flatMap((_, index) => inserts(index, plainName)),
  ])
  await Promise.all(sites.map(waitForReplicas))
  const driver = await loadMysqlDriver()
  const engine = createEngine(config, driver)
  const shop = shards
  return {
    engine,
    driver,
    plainName,
    shardNames: names,
    run: (plan, { permission, values = [], protocol = 'text', options, session, isOnOneServer } = {}) =>
      new Promise((resolve, reject) => {
        const parts = {
          engine,
          session: session ?? new Session(),
          plan,
          shards: isOnOneServer === true ? shop.filter(({ server }) => server === shop[0]?.server) : shop,
          permission: { ...defaultScatter, ...permission },
          request: {
            sql: plan.statement.sql,
            values,
            protocol,
            options,
            isStreamed: false,
            scope: undefined,
          },
        }
        runScatterPlan(parts, (error, rows, fields) =>
          error ? reject(error as Error) : resolve({ rows, fields } as Answer),
        )
      }),
    ask: (sql, { values = [], protocol = 'text', options } = {}) =>
      new Promise((resolve, reject) => {
        const server = config.databases.get('default')!.server
        engine.pools.primary(server).lease('', (error, lease) => {
          if (lease === undefined) return reject(error as Error)
          lease.connection.run({ text: sql, values, protocol, options }, (failure, rows, fields) => {
            lease.release()
            if (failure) reject(failure as Error)
            else resolve({ rows, fields } as Answer)
          })
        })
      }),
    close: async () => {
      await engine.pools.close()
      await dropDatabases(first, [plainName])
      await Promise.all(sites.map((site) => dropDatabases(site, names)))
    },
  }
}
