import type { Kysely } from 'kysely'
import { type Sherd, referenceTables } from 'sherd'
import type { ShopData } from './data.ts'
import { createProgress } from './progress.ts'
import { type Shop, type TableName, copiedTables, createTableSql, shardedTables } from './schema.ts'

const batchSize = 500

/** Steps that an operator may take with the command `sherd`; otherwise the library takes them. */
export interface LoadSteps {
  readonly makeTables: () => Promise<void>
  /** Brings films and the like from their own database to every logical shard. */
  readonly syncCopies: () => Promise<unknown>
}

export const librarySteps = (sherd: Sherd): LoadSteps => ({
  makeTables: async () => {
    await sherd.createDatabases()
    await createTables(sherd)
  },
  syncCopies: () => referenceTables(sherd).sync(),
})

/** Makes tables, then loads all rows, each to where it belongs. */
export async function loadShop(
  sherd: Sherd,
  db: Kysely<Shop>,
  data: ShopData,
  { makeTables, syncCopies }: LoadSteps,
): Promise<void> {
  await makeTables()
  await writeSources(db, data)
  await syncCopies()
  for (const table of shardedTables) await insertSharded(sherd, db, table, data[table])
}

/** Each is made where it belongs: on all logical shards, films and the like in their own database too. */
async function createTables(sherd: Sherd): Promise<void> {
  const connection = sherd.connection()
  for (const table of [...copiedTables, ...shardedTables]) await connection.execute(createTableSql(table))
  connection.release()
}

/** Films, actors and the like: their own database gets all rows. */
async function writeSources(db: Kysely<Shop>, data: ShopData): Promise<void> {
  const rows = copiedTables.reduce((sum, table) => sum + data[table].length, 0)
  const showProgress = createProgress('films, actors, inventory …', rows)
  let done = 0
  for (const table of copiedTables) {
    for (const batch of cutBatches<object>(data[table])) {
      await insert(db, table, batch)
      showProgress((done += batch.length))
    }
  }
}

/** One INSERT may hold rows of several logical shards, but of one server only, so that it is done whole or not at all. */
async function insertSharded(
  sherd: Sherd,
  db: Kysely<Shop>,
  table: TableName,
  rows: readonly { readonly customer_id: number }[],
): Promise<void> {
  const showProgress = createProgress(table, rows.length)
  let done = 0
  for (const server of sherd.topology.servers) {
    const rowsOfServer = rows.filter((row) => sherd.locate('shop', row.customer_id).server === server)
    for (const batch of cutBatches(rowsOfServer)) {
      await insert(db, table, batch)
      showProgress((done += batch.length))
    }
  }
}

async function insert(db: Kysely<Shop>, table: TableName, rows: readonly object[]): Promise<void> {
  // Rows of `data[table]`, so they fit the table; the loop over tables loses that connection.
  await db
    .insertInto(table)
    .values(rows as never)
    .execute()
}

function* cutBatches<T>(rows: readonly T[]): Generator<readonly T[]> {
  for (let start = 0; start < rows.length; start += batchSize) yield rows.slice(start, start + batchSize)
}
