import { eq, relations } from 'drizzle-orm'
import * as sqlite from 'drizzle-orm/sqlite-core'
import { drizzle } from 'drizzle-orm/sqlite-proxy'
import { describe, expect, test } from 'vitest'
import { drizzleSqlite, reference, sharded } from '../../src/orm/drizzle.ts'
import {
  type OpenDrizzle,
  type OrderDrizzle,
  type OrderSchema,
  describeDrizzleOrders,
} from './drizzle-orders.ts'
import { openOrders, sqliteServers, threeUsers } from './order-tables.ts'

const orders = sqlite.sqliteTable('orders', {
  userId: sqlite.integer('user_id').notNull(),
  id: sqlite.integer('id').notNull(),
  product: sqlite.text('product').notNull(),
  cents: sqlite.integer('cents').notNull(),
})
const orderItems = sqlite.sqliteTable('order_items', {
  userId: sqlite.integer('user_id').notNull(),
  orderId: sqlite.integer('order_id').notNull(),
  line: sqlite.integer('line').notNull(),
  currency: sqlite.integer('currency').notNull(),
})
const currencies = sqlite.sqliteTable('currencies', {
  code: sqlite.integer('code').notNull(),
  name: sqlite.text('name').notNull(),
})
const schema = {
  orders,
  orderItems,
  currencies,
  orderRelations: relations(orders, ({ many }) => ({ items: many(orderItems) })),
  itemRelations: relations(orderItems, ({ one }) => ({
    order: one(orders, {
      fields: [orderItems.userId, orderItems.orderId],
      references: [orders.userId, orders.id],
    }),
  })),
}
const tables = [
  sharded(orders, { group: 'product', key: 'userId' }),
  sharded(orderItems, { group: 'product', key: 'userId' }),
  reference(currencies, 'product', { copies: 'unmanaged' }),
]

async function open() {
  const sherd = await openOrders(sqliteServers, tables)
  return { sherd, db: drizzleSqlite(sherd, (remote) => drizzle(remote, { schema })) }
}

describe('Drizzle on SQLite', () => {
  describeDrizzleOrders(async (): Promise<OpenDrizzle> => {
    const { sherd, db } = await open()
    // The builders of both dialects have the methods that the suite calls, and these tables the same columns.
    return { sherd, db: db as unknown as OrderDrizzle, schema: schema as unknown as OrderSchema }
  })

  test('get gives one row or nothing, values gives arrays, RETURNING gives rows', async () => {
    const { sherd, db } = await open()
    const { here } = threeUsers(sherd)
    const read = () => db.select().from(orders).where(eq(orders.userId, here))
    expect(await read().get()).toBeUndefined()
    const row = { userId: here, id: 1, product: 'a', cents: 5 }
    expect(await db.insert(orders).values(row).returning({ id: orders.id })).toEqual([{ id: 1 }])
    expect(await read().get()).toEqual(row)
    expect(await read().values()).toEqual([[here, 1, 'a', 5]])
    await sherd.close()
  })
})
