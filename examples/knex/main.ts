import knex, { type Knex } from 'knex'
import { SherdError, createSherd, defineConfig } from 'sherd'
import { defineShards, openKnex } from 'sherd/knex'
import { withServers } from '../lib/with-servers.ts'

declare module 'knex/types/tables.js' {
  interface Tables {
    invoices: { customer_id: number; id: number; cents: number }
    invoice_items: { customer_id: number; invoice_id: number; line: number; product: string }
  }
}

// Names of the tables and columns above are checked.
const tables = defineShards()({
  invoices: { group: 'product', key: 'customer_id' },
  invoice_items: { group: 'product', key: 'customer_id' },
})

async function createTables(db: Knex): Promise<void> {
  await db.schema.createTable('invoices', (table) => {
    table.integer('customer_id')
    table.integer('id')
    table.integer('cents').notNullable()
    table.primary(['customer_id', 'id'])
  })
  await db.schema.createTable('invoice_items', (table) => {
    table.integer('customer_id')
    table.integer('invoice_id')
    table.integer('line')
    table.string('product', 40).notNullable()
    table.primary(['customer_id', 'invoice_id', 'line'])
  })
}

await withServers(async ({ main, servers }) => {
  const product = { databaseName: 'knex_example', logicalShards: 4, servers }
  const databases = { default: { primary: main } }
  const sherd = await createSherd(defineConfig({ databases, shardGroups: { product }, tables }))
  await sherd.createDatabases()
  const db = openKnex(sherd, (connection) => knex({ ...connection }))
  await createTables(db)

  for (const customer_id of [1, 2]) {
    await db('invoices').insert({ customer_id, id: 1, cents: customer_id * 500 })
    const products = ['book', 'pen'].map((product, line) => ({ customer_id, invoice_id: 1, line, product }))
    await db('invoice_items').insert(products)
  }
  await db.transaction(async (trx) => {
    await trx('invoices').insert({ customer_id: 1, id: 2, cents: 300 })
    await trx('invoices').where({ customer_id: 1, id: 1 }).update({ cents: 450 })
  })
  for (const customer_id of [1, 2]) {
    const found = await db('invoices')
      // The shard key is a part of the join, which so stays on the customer's shard.
      .leftJoin('invoice_items', {
        'invoice_items.customer_id': 'invoices.customer_id',
        'invoice_items.invoice_id': 'invoices.id',
      })
      .where('invoices.customer_id', customer_id)
      .count({ items: 'line' })
      .select<{ id: number; cents: number; items: number }[]>('id', 'cents')
      .groupBy('id', 'cents')
      .orderBy('id')
    const lines = found.map(({ id, cents, items }) => `invoice ${id}, ${cents} cents, ${items} items`)
    console.log(
      `Customer ${customer_id} on ${sherd.locate('product', customer_id).name}: ${lines.join('; ')}`,
    )
  }
  try {
    await db('invoices').where({ id: 1 })
  } catch (error) {
    if (!(error instanceof SherdError)) throw error
    console.log(`${error.code}: ${error.remedy}`)
  }
  await db.destroy()
  await sherd.close()
})
