import { eq, relations } from 'drizzle-orm'
import * as sqlite from 'drizzle-orm/sqlite-core'
import { drizzle } from 'drizzle-orm/sqlite-proxy'
import { describe, expect, test } from 'vitest'
import { drizzleSqlite, reference, sharded } from '../../src/orm/drizzle.ts'
import type { Backend, Orm } from './behaviour.ts'
import { describeOrm } from './describe-orm.ts'
import {
  type CountRows,
  drizzleOperations,
  drizzleUnderTest,
  type OrderDrizzle,
  type OrderSchema,
} from './drizzle.ts'
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

/** RETURNING tells which rows were met. */
const returned: CountRows = async (write) => {
  const { returning } = write as { returning: (columns: object) => Promise<readonly unknown[]> }
  return (await returning.call(write, { id: orders.id })).length
}

function openSuite(backend: Backend): Promise<Orm> {
  if (backend.kind === 'plain') throw new Error('There is no plain SQLite.')
  const db = drizzleSqlite(backend.sherd, (remote) => drizzle(remote, { schema }))
  return Promise.resolve({
    // The builders of both dialects have the methods that the suite calls, and these tables the same columns.
    ...drizzleOperations(db as unknown as OrderDrizzle, schema as unknown as OrderSchema, returned),
    upsert: ({ product, cents, ...key }) =>
      db
        .insert(orders)
        .values({ ...key, product, cents })
        .onConflictDoUpdate({ target: [orders.userId, orders.id], set: { product, cents } }),
    close: () => Promise.resolve(),
  })
}

const notOnSqlite = 'not on SQLite, where the suite has no such table'
describeOrm(
  drizzleUnderTest('Drizzle on SQLite', openSuite, tables, {
    stream: 'sqlite-proxy of Drizzle has no iterator',
    raw: 'sqlite-proxy of Drizzle gives raw rows without names',
    insertSample: notOnSqlite,
    findSample: notOnSqlite,
    insertNote: notOnSqlite,
    insertNotes: notOnSqlite,
    insertParcels: notOnSqlite,
    insertStops: notOnSqlite,
    changeParcel: notOnSqlite,
    removeParcel: notOnSqlite,
    stopsOf: notOnSqlite,
    parcelsOf: notOnSqlite,
  }),
  () => Promise.resolve(sqliteServers),
)

describe('Drizzle on SQLite, alone', () => {
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
