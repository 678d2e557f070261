import { inject } from 'vitest'

import { createSherd } from '../../src/facade/create-sherd.ts'
import type { Sherd } from '../../src/facade/sherd.ts'
import { type Migrations, migrations, type MigrationsOptions } from '../../src/migrations/migrations.ts'
import { runAsRoot } from '../../src/testing/servers/administration.ts'
import type { SherdConfig } from '../../src/topology/config.ts'
import { defineConfig } from '../../src/topology/define-config.ts'
import { isolated, pinned, reference, sharded } from '../../src/topology/table-kinds.ts'
import { createDatabases, dropDatabases, uniqueName } from '../servers/databases.ts'
import { openFolder } from './open-folder.ts'

type Row = Readonly<Record<string, unknown>>

/** A source on the first shared server, and logical shards on both. */
export interface MigrationShop {
  readonly config: SherdConfig
  readonly sherd: Sherd
  readonly folder: string
  readonly write: (files: Readonly<Record<string, string>>) => Promise<void>
  readonly all: (options?: Partial<MigrationsOptions>) => Migrations
  /** Names of the logical shards. */
  readonly shards: readonly string[]
  readonly main: string
  /** Statements as root in a database; the rows of the last. */
  readonly on: (database: string, ...texts: readonly string[]) => Promise<readonly Row[]>
  readonly close: () => Promise<void>
}

export async function openMigrations(
  testFile: string,
  testName: string,
  logicalShards = 4,
): Promise<MigrationShop> {
  const [first, second] = inject('sharedSites')
  if (first === undefined || second === undefined) throw new Error('There are no shared servers.')
  const name = uniqueName(testFile, testName)
  const main = `${name}_main`
  const shards = Array.from({ length: logicalShards }, (_, index) => `${name}_${index}`)
  const config: SherdConfig = {
    databases: { default: { primary: `${first.primary.url}${main}` } },
    shardGroups: {
      shop: {
        databaseName: name,
        logicalShards,
        servers: [
          { primary: first.primary.url, replicas: first.replicas.map(({ url }) => url) },
          { primary: second.primary.url },
        ],
      },
    },
    tables: {
      orders: sharded('shop', 'user_id'),
      notes: isolated('shop'),
      countries: reference('shop'),
      visits: pinned('default'),
    },
  }
  const topology = defineConfig(config)
  const siteOf = (database: string) => {
    const address = topology.shardGroups.get('shop')?.shards.find((shard) => shard.name === database)?.server
      .primary.port
    return address === second.primary.port ? second : first
  }
  for (const database of [main, ...shards]) await createDatabases(siteOf(database), [database])
  const sherd = await createSherd(topology)
  const folder = await openFolder()
  return {
    config,
    sherd,
    folder: folder.path,
    write: folder.write,
    all: (options = {}) => migrations(sherd, { folder: folder.path, ...options }),
    shards,
    main,
    on: (database, ...texts) => runAsRoot(siteOf(database).primary.socket, [`USE \`${database}\``, ...texts]),
    close: async () => {
      await sherd.close()
      await folder.remove()
      for (const database of [main, ...shards]) await dropDatabases(siteOf(database), [database])
    },
  }
}
