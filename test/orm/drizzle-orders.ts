import { and, eq, relations } from 'drizzle-orm'
import * as mysql from 'drizzle-orm/mysql-core'
import type { MySql2Database } from 'drizzle-orm/mysql2'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import type { Sherd } from '../../src/facade/sherd.ts'
import { reference, sharded } from '../../src/orm/drizzle.ts'
import { codeOf, locatePlaces, readPlaces, threeUsers, usersBy } from './order-tables.ts'

const orders = mysql.mysqlTable('orders', {
  userId: mysql.int('user_id').notNull(),
  id: mysql.int('id').notNull(),
  product: mysql.varchar('product', { length: 40 }).notNull(),
  cents: mysql.int('cents').notNull(),
})
const orderItems = mysql.mysqlTable('order_items', {
  userId: mysql.int('user_id').notNull(),
  orderId: mysql.int('order_id').notNull(),
  line: mysql.int('line').notNull(),
  currency: mysql.int('currency').notNull(),
})
const currencies = mysql.mysqlTable('currencies', {
  code: mysql.int('code').notNull(),
  name: mysql.varchar('name', { length: 40 }).notNull(),
})

export const mysqlSchema = {
  orders,
  orderItems,
  currencies,
  // Both columns: the key goes along, so that the items are found on the order's shard.
  orderRelations: relations(orders, ({ many }) => ({ items: many(orderItems) })),
  itemRelations: relations(orderItems, ({ one }) => ({
    order: one(orders, {
      fields: [orderItems.userId, orderItems.orderId],
      references: [orders.userId, orders.id],
    }),
  })),
}

export const mysqlTables = [
  sharded(orders, { group: 'product', key: 'userId' }),
  sharded(orderItems, { group: 'product', key: 'userId' }),
  reference(currencies, 'product', { copies: 'unmanaged' }),
]

export type OrderSchema = typeof mysqlSchema
/** The methods used here are the same on SQLite. */
export type OrderDrizzle = MySql2Database<OrderSchema>

export interface OpenDrizzle {
  readonly sherd: Sherd
  readonly db: OrderDrizzle
  readonly schema: OrderSchema
}

/** What Drizzle must do on every engine; `open` gives empty tables. */
export function describeDrizzleOrders(open: () => Promise<OpenDrizzle>): void {
  let sherd: Sherd
  let db: OrderDrizzle
  let schema: OrderSchema
  beforeAll(async () => {
    ;({ sherd, db, schema } = await open())
  })
  // A failed `open` is reported by itself.
  afterAll(() => (sherd as Sherd | undefined)?.close())

  const order = (userId: number, id: number) => ({ userId, id, product: `product ${id}`, cents: id * 100 })
  const idsOf = async (user: number) => {
    const rows = await db
      .select({ id: schema.orders.id })
      .from(schema.orders)
      .where(eq(schema.orders.userId, user))
      .orderBy(schema.orders.id)
    return rows.map(({ id }) => id)
  }
  beforeEach(async () => {
    for (const user of usersBy(sherd, 'shard').flat()) {
      await db.delete(schema.orders).where(eq(schema.orders.userId, user))
      await db.delete(schema.orderItems).where(eq(schema.orderItems.userId, user))
    }
  })
  const insertWithItems = async (user: number) => {
    const item = (line: number, currency: number) => ({ userId: user, orderId: 1, line, currency })
    await db.insert(schema.orders).values(order(user, 1))
    await db.insert(schema.orderItems).values([item(1, 978), item(2, 840)])
  }

  test('inserted, updated and deleted rows are read back', async () => {
    const { here } = threeUsers(sherd)
    await db.insert(schema.orders).values(order(here, 1))
    await db
      .update(schema.orders)
      .set({ cents: 250 })
      .where(and(eq(schema.orders.userId, here), eq(schema.orders.id, 1)))
    expect(await db.select().from(schema.orders).where(eq(schema.orders.userId, here))).toEqual([
      { ...order(here, 1), cents: 250 },
    ])
    await db.delete(schema.orders).where(eq(schema.orders.userId, here))
    expect(await idsOf(here)).toEqual([])
  })

  test('one INSERT with rows of all logical shards of a server puts each row on its shard', async () => {
    const users = usersBy(sherd, 'server')
    for (const usersOfServer of users) {
      await db.insert(schema.orders).values(usersOfServer.map((user) => order(user, 1)))
    }
    expect(await readPlaces(sherd)).toEqual(
      locatePlaces(
        sherd,
        users.flat().sort((a, b) => a - b),
      ),
    )
  })

  test('joins on the shard key and with a reference table stay on one shard', async () => {
    const { here } = threeUsers(sherd)
    await insertWithItems(here)
    const { orders, orderItems, currencies } = schema
    const lines = await db
      .select({ product: orders.product, line: orderItems.line, name: currencies.name })
      .from(orders)
      .innerJoin(orderItems, and(eq(orderItems.userId, orders.userId), eq(orderItems.orderId, orders.id)))
      .innerJoin(currencies, eq(currencies.code, orderItems.currency))
      .where(eq(orders.userId, here))
      .orderBy(orderItems.line)
    expect(lines).toEqual([
      { product: 'product 1', line: 1, name: 'Euro' },
      { product: 'product 1', line: 2, name: 'Dollar' },
    ])
  })

  test('a relational query with the key finds the related rows', async () => {
    const { here, near } = threeUsers(sherd)
    await insertWithItems(here)
    const found = await db.query.orders.findMany({
      where: eq(schema.orders.userId, here),
      with: { items: true },
    })
    expect(
      found.map(({ id, items }) => [id, items.map(({ currency }) => currency).toSorted((a, b) => a - b)]),
    ).toEqual([[1, [840, 978]]])
    const first = await db.query.orders.findFirst({ where: eq(schema.orders.userId, here) })
    expect(first).toEqual(order(here, 1))
    const none = await db.query.orders.findFirst({ where: eq(schema.orders.userId, near) })
    expect(none).toBeUndefined()
  })

  describe('transactions', () => {
    test('commit what they wrote on all logical shards of one server', async () => {
      const { here, near } = threeUsers(sherd)
      await db.transaction(async (tx) => {
        await tx.insert(schema.orders).values(order(here, 1))
        await tx.insert(schema.orders).values(order(near, 1))
      })
      expect([await idsOf(here), await idsOf(near)]).toEqual([[1], [1]])
    })

    test('leave nothing when they fail', async () => {
      const { here } = threeUsers(sherd)
      const failed = db.transaction(async (tx) => {
        await tx.insert(schema.orders).values(order(here, 1))
        throw new Error('changed my mind')
      })
      await expect(failed).rejects.toThrow('changed my mind')
      expect(await idsOf(here)).toEqual([])
    })

    test('nest: the inner one goes back alone', async () => {
      const { here } = threeUsers(sherd)
      await db.transaction(async (tx) => {
        await tx.insert(schema.orders).values(order(here, 1))
        const inner = tx.transaction(async (nested) => {
          await nested.insert(schema.orders).values(order(here, 2))
          throw new Error('changed my mind')
        })
        await expect(inner).rejects.toThrow('changed my mind')
        await tx.transaction(async (nested) => {
          await nested.insert(schema.orders).values(order(here, 3))
        })
      })
      expect(await idsOf(here)).toEqual([1, 3])
    })

    test('are refused a second server, and what they wrote is gone', async () => {
      const { here, far } = threeUsers(sherd)
      const refused = db.transaction(async (tx) => {
        await tx.insert(schema.orders).values(order(here, 1))
        await tx.insert(schema.orders).values(order(far, 1))
      })
      await expect(refused).rejects.toSatisfy((error) => codeOf(error) === 'SHERD_TRANSACTION_SERVER')
      expect([await idsOf(here), await idsOf(far)]).toEqual([[], []])
    })

    test('that run at the same time do not see each other', async () => {
      const { here, near, far } = threeUsers(sherd)
      const outcomes = await Promise.allSettled(
        [here, near, far, here, near, far].map((user, index) =>
          db.transaction(async (tx) => {
            await tx.insert(schema.orders).values(order(user, index))
            if (index >= 3) throw new Error('changed my mind')
          }),
        ),
      )
      expect(outcomes.map(({ status }) => status === 'fulfilled')).toEqual([
        true,
        true,
        true,
        false,
        false,
        false,
      ])
      expect([await idsOf(here), await idsOf(near), await idsOf(far)]).toEqual([[0], [1], [2]])
    })
  })

  describe('refused before anything is sent', () => {
    test('a read without the key', async () => {
      await expect(Promise.resolve(db.select().from(schema.orders))).rejects.toSatisfy(
        (error) => codeOf(error) === 'SHERD_NO_SHARD_KEY',
      )
    })

    test('a relational query without the key', async () => {
      await expect(Promise.resolve(db.query.orders.findMany())).rejects.toSatisfy(
        (error) => codeOf(error) === 'SHERD_NO_SHARD_KEY',
      )
    })

    test('one INSERT with rows of two servers', async () => {
      const { here, far } = threeUsers(sherd)
      const insert = db.insert(schema.orders).values([order(here, 1), order(far, 1)])
      await expect(Promise.resolve(insert)).rejects.toSatisfy(
        (error) => codeOf(error) === 'SHERD_SEVERAL_SERVERS',
      )
      expect([await idsOf(here), await idsOf(far)]).toEqual([[], []])
    })
  })
}
