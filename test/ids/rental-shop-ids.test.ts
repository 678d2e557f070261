import { expect, test } from 'vitest'

import { generateShop } from '../../examples/rental-shop/generate.ts'
import { createSherd } from '../../src/facade/create-sherd.ts'
import type { SherdConnection } from '../../src/facade/sherd-connection.ts'
import { openTimeIds } from '../../src/ids/ids.ts'
import { fixedWorker } from '../../src/ids/worker-lease.ts'
import { defineConfig } from '../../src/topology/define-config.ts'
import { sharded } from '../../src/topology/table-kinds.ts'

const memory = { primary: 'sqlite::memory:' }
const batchSize = 500

interface Row {
  readonly customer: number
  readonly id: bigint
}

async function insert(db: SherdConnection, table: string, rows: readonly Row[]): Promise<void> {
  for (let start = 0; start < rows.length; start += batchSize) {
    const batch = rows.slice(start, start + batchSize)
    await db.execute(
      `INSERT INTO ${table} (customer_id, id) VALUES ${batch.map(() => '(?, ?)').join(', ')}`,
      batch.flatMap(({ customer, id }) => [customer, id]),
    )
  }
}

/** Each id tells the one shard that is asked for it, so a row that its key put elsewhere would be missing. */
async function findById(db: SherdConnection, table: string, rows: readonly Row[]): Promise<readonly Row[]> {
  const found = new Map<string, number>()
  for (let start = 0; start < rows.length; start += batchSize) {
    const ids = rows.slice(start, start + batchSize).map(({ id }) => id)
    const sql = `SELECT id, customer_id FROM ${table} WHERE id IN (${ids.map(() => '?').join(', ')})`
    // Two columns, as the statement asks.
    const batch = (await db.execute(sql, ids, { rowsAsArray: true })).rows as readonly [bigint, number][]
    for (const [id, customer] of batch) found.set(String(id), customer)
  }
  return rows.flatMap(({ id }) => {
    const customer = found.get(String(id))
    return customer === undefined ? [] : [{ customer, id }]
  })
}

test('each rental and payment of the example is found by its id alone where its key has put it', async () => {
  const config = defineConfig({
    databases: { default: memory },
    shardGroups: { shop: { databaseName: 'shop', logicalShards: 8, servers: [memory] } },
    tables: {
      rental: sharded('shop', 'customer_id', { ids: { id: 'time' } }),
      payment: sharded('shop', 'customer_id', { ids: { id: 'time' } }),
    },
  })
  const sherd = await createSherd(config)
  const db = sherd.connection()
  const ids = await openTimeIds({ workers: fixedWorker(1) })
  for (const { name } of config.shardGroups.get('shop')?.shards ?? [])
    await sherd.onShard(name, async () => {
      for (const table of ['rental', 'payment'])
        await db.execute(`CREATE TABLE ${table} (customer_id INTEGER, id BIGINT PRIMARY KEY)`)
    })

  const data = generateShop()
  const seen = new Set<bigint>()
  for (const table of ['rental', 'payment'] as const) {
    const rows = data[table].map(({ customer_id: customer }): Row => {
      return { customer, id: ids.next(sherd.locate('shop', customer)) }
    })
    await insert(db, table, rows)
    for (const { id } of rows) seen.add(id)
    expect(await findById(db, table, rows)).toEqual(rows)
  }
  expect(seen.size).toBe(16_044 + 16_049)

  await ids.close()
  db.release()
  await sherd.close()
}, 120_000)
