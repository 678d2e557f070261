import { inject } from 'vitest'
import { loadMysqlDriver } from '../../src/drivers/mysql2.ts'
import { createEngine } from '../../src/engine/create-engine.ts'
import { openServerDoor } from '../../src/engine/run-on-server.ts'
import { compareCopy } from '../../src/reference/compare-copy.ts'
import type { CompareReport, ReferenceContext, SyncReport } from '../../src/reference/sync-context.ts'
import { syncCopy } from '../../src/reference/sync-copy.ts'
import { runAsRoot } from '../../src/testing/servers/administration.ts'
import { defineConfig } from '../../src/topology/define-config.ts'
import { listReferenceCopies, type ReferenceCopy } from '../../src/topology/reference-copies.ts'
import type { ReferenceTable } from '../../src/topology/table-kinds.ts'
import { createDatabases, dropDatabases, uniqueName } from '../servers/databases.ts'

type Row = Readonly<Record<string, unknown>>

/** A source database on the first shared server and one logical shard on the second. */
export interface ReferenceShop {
  readonly source: string
  readonly shard: string
  readonly context: ReferenceContext
  readonly copy: (table: string) => ReferenceCopy
  /** The same tables with other limits or hooks. */
  readonly with: (parts: Partial<ReferenceContext>) => ReferenceContext
  readonly sync: (table: string, fence?: number) => Promise<SyncReport>
  readonly compare: (table: string, repair?: boolean) => Promise<CompareReport>
  /** Statements on the source, in its database; the rows of the last. */
  readonly onSource: (...texts: readonly string[]) => Promise<readonly Row[]>
  readonly onShard: (...texts: readonly string[]) => Promise<readonly Row[]>
  /** Statements on both sides, as a migration would do. */
  readonly onBoth: (...texts: readonly string[]) => Promise<void>
  readonly close: () => Promise<void>
}

export async function openReferenceShop(
  testFile: string,
  testName: string,
  tables: Readonly<Record<string, ReferenceTable>>,
): Promise<ReferenceShop> {
  const [first, second] = inject('sharedSites')
  if (first === undefined || second === undefined) throw new Error('There are no shared servers.')
  const name = uniqueName(testFile, testName)
  const [source, shard] = [`${name}_src`, `${name}_0`]
  await createDatabases(first, [source])
  await createDatabases(second, [shard])
  const topology = defineConfig({
    databases: { default: { primary: `${first.primary.url}${source}` } },
    shardGroups: {
      shop: { databaseName: name, logicalShards: 1, servers: [{ primary: second.primary.url }] },
    },
    tables,
  })
  const driver = await loadMysqlDriver()
  const engine = createEngine(topology, driver)
  const copies = listReferenceCopies(topology)
  const context: ReferenceContext = { door: openServerDoor(engine), copies }
  const copy = (table: string): ReferenceCopy => {
    const found = copies.find((one) => one.table.table === table)
    if (found === undefined) throw new Error(`${table} is no reference table`)
    return found
  }
  const run =
    (socket: string, database: string) =>
    (...texts: readonly string[]): Promise<readonly Row[]> =>
      runAsRoot(socket, [`USE \`${database}\``, "SET time_zone = '+00:00'", ...texts])
  const onSource = run(first.primary.socket, source)
  const onShard = run(second.primary.socket, shard)
  return {
    source,
    shard,
    context,
    copy,
    with: (parts) => ({ ...context, ...parts }),
    sync: (table, fence = 1) => syncCopy(context, copy(table), { fence }),
    compare: (table, repair = true) => compareCopy(context, copy(table), { fence: 1, repair }),
    onSource,
    onShard,
    onBoth: async (...texts) => {
      await onSource(...texts)
      await onShard(...texts)
    },
    close: async () => {
      await engine.pools.close()
      await dropDatabases(first, [source])
      await dropDatabases(second, [shard])
    },
  }
}
