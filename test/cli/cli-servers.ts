import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import { inject } from 'vitest'

import type { SherdConfig } from '../../src/topology/config.ts'
import { type AdministrationRow, runAsRoot } from '../../src/testing/servers/administration.ts'
import { createDatabases, dropDatabases, uniqueName, waitForReplicas } from '../servers/databases.ts'

/** A folder with a config over the shared servers: an unsharded database, and four logical shards on two servers with a replica each. */
export interface CliServers {
  readonly directory: string
  /** Name of the logical databases without their number. */
  readonly name: string
  readonly shards: readonly string[]
  readonly config: SherdConfig
  readonly write: (file: string, text: string) => Promise<void>
  /** As root on the server of a logical shard, in its database. */
  readonly onShard: (index: number, ...texts: readonly string[]) => Promise<readonly AdministrationRow[]>
  readonly onMain: (...texts: readonly string[]) => Promise<readonly AdministrationRow[]>
  readonly onAll: (...texts: readonly string[]) => Promise<void>
  readonly waitForReplicas: () => Promise<void>
  readonly close: () => Promise<void>
}

export async function openCliServers(
  testFile: string,
  tables: NonNullable<SherdConfig['tables']>,
): Promise<CliServers> {
  const sites = inject('sharedSites')
  const [first, second] = sites
  if (first === undefined || second === undefined) throw new Error('There are no shared servers.')
  const name = uniqueName(testFile, 'cli')
  const siteOf = (index: number) => (index < 2 ? first : second)
  const shards = [0, 1, 2, 3].map((index) => `${name}_${index}`)
  const main = `${name}_main`
  await createDatabases(first, [main, ...shards.slice(0, 2)])
  await createDatabases(second, shards.slice(2))
  const config: SherdConfig = {
    databases: { default: { primary: `${first.primary.url}${main}` } },
    shardGroups: {
      shop: {
        databaseName: name,
        logicalShards: 4,
        servers: [first, second].map(({ primary, replicas }) => ({
          primary: primary.url,
          replicas: replicas.map(({ url }) => url),
        })),
      },
    },
    tables,
  }
  const directory = await mkdtemp(join(tmpdir(), 'sherd-cli-'))
  const write = (file: string, text: string): Promise<void> => writeFile(join(directory, file), text)
  await write('sherd.config.json', JSON.stringify(config))
  const onShard = (index: number, ...texts: readonly string[]) =>
    runAsRoot(siteOf(index).primary.socket, [`USE \`${shards[index]}\``, ...texts])
  return {
    directory,
    name,
    shards,
    config,
    write,
    onShard,
    onMain: (...texts) => runAsRoot(first.primary.socket, [`USE \`${main}\``, ...texts]),
    onAll: async (...texts) => {
      for (const index of shards.keys()) await onShard(index, ...texts)
    },
    waitForReplicas: async () => {
      await Promise.all([first, second].map(waitForReplicas))
    },
    close: async () => {
      await rm(directory, { recursive: true })
      await dropDatabases(first, [main, ...shards.slice(0, 2)])
      await dropDatabases(second, shards.slice(2))
    },
  }
}
