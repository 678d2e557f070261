import { fileURLToPath } from 'node:url'
import { DrizzleQueryError, and, eq, relations } from 'drizzle-orm'
import { int, mysqlTable, primaryKey, varchar } from 'drizzle-orm/mysql-core'
import { drizzle } from 'drizzle-orm/mysql2'
import { migrate } from 'drizzle-orm/mysql2/migrator'
import { SherdError, createSherd, defineConfig } from 'sherd'
import { sharded } from 'sherd/drizzle'
import { withServers } from '../lib/with-servers.ts'

const orders = mysqlTable(
  'orders',
  { customerId: int('customer_id').notNull(), id: int().notNull(), cents: int().notNull() },
  (table) => [primaryKey({ columns: [table.customerId, table.id] })],
)
const items = mysqlTable(
  'order_items',
  {
    customerId: int('customer_id').notNull(),
    orderId: int('order_id').notNull(),
    line: int().notNull(),
    product: varchar({ length: 40 }).notNull(),
  },
  (table) => [primaryKey({ columns: [table.customerId, table.orderId, table.line] })],
)
// The shard key is a column of the relation, so the items of an order are asked from its own shard.
const orderRelations = relations(orders, ({ many }) => ({ items: many(items) }))
const itemRelations = relations(items, ({ one }) => ({
  order: one(orders, {
    fields: [items.customerId, items.orderId],
    references: [orders.customerId, orders.id],
  }),
}))
const schema = { orders, items, orderRelations, itemRelations }
const tables = [
  sharded(orders, { group: 'product', key: 'customerId' }),
  sharded(items, { group: 'product', key: 'customerId' }),
]

await withServers(async ({ main, servers }) => {
  const product = { databaseName: 'drizzle_example', logicalShards: 4, servers }
  const databases = { default: { primary: main } }
  const sherd = await createSherd(defineConfig({ databases, shardGroups: { product }, tables }))
  await sherd.createDatabases()
  const db = drizzle({ client: sherd.pool, schema, mode: 'planetscale' })
  await migrate(db, { migrationsFolder: fileURLToPath(new URL('migrations', import.meta.url)) })

  for (const customerId of [1, 2]) {
    await db.insert(orders).values({ customerId, id: 1, cents: customerId * 500 })
    const products = ['book', 'pen'].map((product, line) => ({ customerId, orderId: 1, line, product }))
    await db.insert(items).values(products)
  }
  await db.transaction(async (tx) => {
    await tx.insert(orders).values({ customerId: 1, id: 2, cents: 300 })
    await tx
      .update(orders)
      .set({ cents: 450 })
      .where(and(eq(orders.customerId, 1), eq(orders.id, 1)))
  })
  for (const customerId of [1, 2]) {
    const where = eq(orders.customerId, customerId)
    const found = await db.query.orders.findMany({ where, with: { items: true }, orderBy: orders.id })
    const lines = found.map(({ id, cents, items }) => `order ${id}, ${cents} cents, ${items.length} items`)
    console.log(`Customer ${customerId} on ${sherd.locate('product', customerId).name}: ${lines.join('; ')}`)
  }
  try {
    await db.select().from(orders).where(eq(orders.id, 1))
  } catch (error) {
    if (!(error instanceof DrizzleQueryError && error.cause instanceof SherdError)) throw error
    console.log(`${error.cause.code}: ${error.cause.remedy}`)
  }
  await sherd.close()
})
