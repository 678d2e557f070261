import { Kysely, MysqlDialect } from 'kysely'
import { SherdError, createSherd, defineConfig } from 'sherd'
import { defineShards } from 'sherd/kysely'
import { withServers } from '../lib/with-servers.ts'

interface Database {
  orders: { customer_id: number; id: number; cents: number }
  order_items: { customer_id: number; order_id: number; line: number; product: string }
}

const tables = defineShards<Database>()({
  orders: { group: 'product', key: 'customer_id' },
  order_items: { group: 'product', key: 'customer_id' },
})

async function createTables(db: Kysely<Database>): Promise<void> {
  await db.schema
    .createTable('orders')
    .addColumn('customer_id', 'integer')
    .addColumn('id', 'integer')
    .addColumn('cents', 'integer', (column) => column.notNull())
    .addPrimaryKeyConstraint('orders_key', ['customer_id', 'id'])
    .execute()
  await db.schema
    .createTable('order_items')
    .addColumn('customer_id', 'integer')
    .addColumn('order_id', 'integer')
    .addColumn('line', 'integer')
    .addColumn('product', 'varchar(40)', (column) => column.notNull())
    .addPrimaryKeyConstraint('order_items_key', ['customer_id', 'order_id', 'line'])
    .execute()
}

await withServers(async ({ main, servers }) => {
  const product = { databaseName: 'kysely_example', logicalShards: 4, servers }
  const databases = { default: { primary: main } }
  const sherd = await createSherd(defineConfig({ databases, shardGroups: { product }, tables }))
  await sherd.createDatabases()
  const db = new Kysely<Database>({ dialect: new MysqlDialect({ pool: sherd.pool }) })
  await createTables(db)

  for (const customer_id of [1, 2]) {
    await db
      .insertInto('orders')
      .values({ customer_id, id: 1, cents: customer_id * 500 })
      .execute()
    const products = ['book', 'pen'].map((product, line) => ({ customer_id, order_id: 1, line, product }))
    await db.insertInto('order_items').values(products).execute()
  }
  await db.transaction().execute(async (trx) => {
    await trx.insertInto('orders').values({ customer_id: 1, id: 2, cents: 300 }).execute()
    const first = trx.updateTable('orders').where('customer_id', '=', 1).where('id', '=', 1)
    await first.set({ cents: 450 }).execute()
  })
  for (const customer_id of [1, 2]) {
    const found = await db
      .selectFrom('orders')
      // The shard key is a part of the join, which so stays on the customer's shard.
      .leftJoin('order_items as item', (join) =>
        join.onRef('item.customer_id', '=', 'orders.customer_id').onRef('item.order_id', '=', 'orders.id'),
      )
      .where('orders.customer_id', '=', customer_id)
      .select((select) => ['id', 'cents', select.fn.count<number>('line').as('items')])
      .groupBy(['id', 'cents'])
      .orderBy('id')
      .execute()
    const lines = found.map(({ id, cents, items }) => `order ${id}, ${cents} cents, ${items} items`)
    console.log(
      `Customer ${customer_id} on ${sherd.locate('product', customer_id).name}: ${lines.join('; ')}`,
    )
  }
  try {
    await db.selectFrom('orders').selectAll().where('id', '=', 1).execute()
  } catch (error) {
    if (!(error instanceof SherdError)) throw error
    console.log(`${error.code}: ${error.remedy}`)
  }
  await sherd.close()
})
