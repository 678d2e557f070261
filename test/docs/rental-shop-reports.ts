import { expect } from 'vitest'
import { type ShopData } from '../../examples/rental-shop/data.ts'
import { generateShop } from '../../examples/rental-shop/generate.ts'
import { listReports, unrentedSql } from '../../examples/rental-shop/reports.ts'
import { listUnrented, runReport } from '../../examples/rental-shop/run-reports.ts'
import {
  type TableName,
  columnsOf,
  copiedTables,
  createTableSql,
  shardedTables,
} from '../../examples/rental-shop/schema.ts'
import { createSherd } from '../../src/facade/create-sherd.ts'
import type { Sherd } from '../../src/facade/sherd.ts'
import { defineConfig } from '../../src/topology/define-config.ts'
import { reference, sharded } from '../../src/topology/table-kinds.ts'

/** Where the shop lives: the database that owns the films, and which has all rows besides; and two servers. */
export interface ShopPlaces {
  readonly databaseName: string
  readonly main: string
  readonly servers: readonly string[]
}

/** What one database with all rows answers. */
export type AskPlain = (sql: string) => Promise<readonly object[]>

/** Loads invented data into eight logical shards, and gives it to `fillPlain` as INSERTs. Who calls closes the sherd. */
export async function openReportShop(
  { databaseName, main, servers }: ShopPlaces,
  fillPlain: (statements: readonly string[]) => Promise<void>,
): Promise<Sherd> {
  const tables = Object.fromEntries([
    ...shardedTables.map((name) => [name, sharded('shop', 'customer_id')]),
    ...copiedTables.map((name) => [name, reference('shop', { copies: 'unmanaged' })]),
  ])
  const sherd = await createSherd(
    defineConfig({
      databases: { default: { primary: main } },
      shardGroups: {
        shop: { databaseName, logicalShards: 8, servers: servers.map((primary) => ({ primary })) },
      },
      tables,
    }),
  )
  await sherd.createDatabases()
  const data = generateShop()
  await fillPlain(statementsOf(data))
  const connection = sherd.connection()
  for (const name of [...copiedTables, ...shardedTables]) await connection.execute(createTableSql(name))
  for (const name of copiedTables)
    for (const text of insertsOf(name, data[name])) await connection.execute(text)
  for (const shard of sherd.topology.shardGroups.get('shop')?.shards ?? [])
    await sherd.onShard(shard.name, async () => {
      const isHere = (row: { readonly customer_id: number }) =>
        sherd.locate('shop', row.customer_id) === shard
      const own = {
        ...data,
        customer: data.customer.filter(isHere),
        rental: data.rental.filter(isHere),
        payment: data.payment.filter(isHere),
      }
      for (const name of [...shardedTables, ...copiedTables])
        for (const text of insertsOf(name, own[name])) await connection.execute(text)
    })
  connection.release()
  return sherd
}

function statementsOf(data: ShopData): readonly string[] {
  return [...shardedTables, ...copiedTables].flatMap((name) => [
    createTableSql(name),
    ...insertsOf(name, data[name]),
  ])
}

function insertsOf(table: TableName, rows: readonly object[]): readonly string[] {
  const columns = columnsOf(table)
  const tuples = rows.map((row) => {
    const cells = new Map<string, unknown>(Object.entries(row))
    return `(${columns.map((column) => literalOf(cells.get(column))).join(', ')})`
  })
  const starts = Array.from({ length: Math.ceil(tuples.length / 1000) }, (_, index) => index * 1000)
  return starts.map(
    (start) =>
      `INSERT INTO ${table} (${columns.join(', ')}) VALUES ${tuples.slice(start, start + 1000).join(', ')}`,
  )
}

/** Numbers, texts without quotes, and NULL. */
function literalOf(value: unknown): string {
  if (typeof value === 'number') return String(value)
  return typeof value === 'string' ? `'${value}'` : 'NULL'
}

/** Every report of the example, against the same text on the plain database. */
export async function expectReports(sherd: Sherd, askPlain: AskPlain): Promise<void> {
  // The same class: the example imports it from the package as built, or, before a build, from nowhere.
  const shop = sherd as unknown as Parameters<typeof runReport>[0]
  const reports = listReports(sherd.topology.dialect)
  for (const report of reports) {
    const rows = await runReport(shop, report)
    expect({ title: report.title, rows }).toEqual({ title: report.title, rows: await askPlain(report.sql) })
    expect(rows.length).toBeGreaterThan(0)
  }
  const unrented = await listUnrented(shop)
  expect(unrented).toEqual(await askPlain(unrentedSql))
  expect(unrented.length).toBeGreaterThan(0)
  expect(reports).toHaveLength(9)
}
