import { inject } from 'vitest'
import { readText, runAsRoot } from '../../src/testing/servers/administration.ts'
import { createSherd } from '../../src/facade/create-sherd.ts'
import type { Sherd } from '../../src/facade/sherd.ts'
import { defineConfig } from '../../src/topology/define-config.ts'
import type { TableKinds } from '../../src/topology/table-kinds.ts'
import { mariadbServers } from './mariadb-servers.ts'
import { shardsOf } from './order-tables.ts'

/** Four logical shards on two servers and a main database, all of them empty. */
export interface SchemaPlace {
  readonly sherd: Sherd
  readonly main: string
  /** The columns of a table in each logical shard and then in the main database, past sherd; `-` where it is not. */
  readonly columnsOf: (table: string) => Promise<readonly string[]>
}

export async function openSchemaPlace(testFile: string, tables: TableKinds): Promise<SchemaPlace> {
  const { main: url, servers, databaseName } = await mariadbServers(testFile)
  const main = `${databaseName}_main`
  const sherd = await createSherd(
    defineConfig({
      databases: { default: { primary: url } },
      shardGroups: { product: { databaseName, logicalShards: 4, servers } },
      tables,
    }),
  )
  await sherd.createDatabases()
  const columnsOf = async (table: string): Promise<readonly string[]> => {
    const found: string[] = []
    for (const database of [...shardsOf(sherd), main]) {
      const sql = `SELECT COALESCE(GROUP_CONCAT(COLUMN_NAME ORDER BY ORDINAL_POSITION), '-') AS names FROM information_schema.COLUMNS WHERE TABLE_SCHEMA = '${database}' AND TABLE_NAME = '${table}'`
      const [row] = await runAsRoot(socketOf(sherd, database), [sql])
      found.push(readText(row, 'names'))
    }
    return found
  }
  return { sherd, main, columnsOf }
}

/** The socket of the server that has a logical shard, or of the first for the main database. */
export function socketOf(sherd: Sherd, database: string): string {
  const shard = sherd.topology.shardGroups.get('product')?.shards.find(({ name }) => name === database)
  const site = inject('sharedSites')[Number(shard?.server.id.split('/')[1] ?? 0)]
  if (site === undefined) throw new Error('There is no such server.')
  return site.primary.socket
}

/** What `columnsOf` gives of a table on shards. */
export const onShards = (columns: string): readonly string[] => [...Array<string>(4).fill(columns), '-']

/** What it gives of a reference table. */
export const everywhere = (columns: string): readonly string[] => Array<string>(5).fill(columns)

/** What it gives of a table that sherd was not told of. */
export const inMain = (columns: string): readonly string[] => [...Array<string>(4).fill('-'), columns]
