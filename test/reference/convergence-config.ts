import type { SherdConfig } from '../../src/topology/config.ts'
import { reference } from '../../src/topology/table-kinds.ts'
import { convergenceTables } from './convergence-tables.ts'

/** Where a world is. */
export interface ConvergenceAddress {
  /** With the database. */
  readonly sourceUrl: string
  readonly shardUrls: readonly string[]
  readonly databaseName: string
}

export const shardCount = 8

/** The config of a world, for the processes that sync it. */
export function convergenceConfig({ sourceUrl, shardUrls, databaseName }: ConvergenceAddress): SherdConfig {
  const options = { connectionLimit: 6, connectTimeoutMs: 1_000, acquireTimeoutMs: 3_000 }
  const tables = convergenceTables.map(({ name, cursor, deletes }) => [
    name,
    reference('shop', {
      source: 'main',
      ...(cursor === undefined ? {} : { cursor }),
      ...(deletes === undefined ? {} : { deletes }),
    }),
  ])
  return {
    databases: { main: { primary: sourceUrl, options } },
    shardGroups: {
      shop: {
        databaseName,
        logicalShards: shardCount,
        servers: shardUrls.map((primary) => ({ primary })),
        options,
      },
    },
    // Pairs of a name and a kind, as made above.
    tables: Object.fromEntries(tables) as NonNullable<SherdConfig['tables']>,
  }
}
