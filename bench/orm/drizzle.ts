import { and, desc, eq, relations } from 'drizzle-orm'
import { int, mysqlTable, varchar } from 'drizzle-orm/mysql-core'
import { drizzle } from 'drizzle-orm/mysql2'
import { type CartOrm, pageSize, type Side } from './carts.ts'
import { openPool } from './open-pool.ts'

const carts = mysqlTable('carts', {
  userId: int('user_id').notNull(),
  id: int().notNull(),
  cents: int().notNull(),
})
const items = mysqlTable('cart_items', {
  userId: int('user_id').notNull(),
  cartId: int('cart_id').notNull(),
  line: int().notNull(),
  product: varchar({ length: 40 }).notNull(),
})
const events = mysqlTable('cart_events', {
  userId: int('user_id').notNull(),
  id: int().notNull(),
  note: varchar({ length: 40 }).notNull(),
})
const schema = {
  carts,
  items,
  cartRelations: relations(carts, ({ many }) => ({ items: many(items) })),
  itemRelations: relations(items, ({ one }) => ({
    cart: one(carts, { fields: [items.userId, items.cartId], references: [carts.userId, carts.id] }),
  })),
}

export async function openDrizzle(side: Side): Promise<CartOrm> {
  const { pool, close } = openPool(side)
  const db = drizzle({ client: pool, schema, mode: 'planetscale' })
  const one = (userId: number, id: number) => and(eq(carts.userId, userId), eq(carts.id, id))
  return {
    find: async (userId, id) => (await db.select().from(carts).where(one(userId, id)))[0],
    insert: (event) => db.insert(events).values(event),
    change: (event, { userId, id, cents }) =>
      db.transaction(async (tx) => {
        await tx.insert(events).values(event)
        await tx.update(carts).set({ cents }).where(one(userId, id))
        return (await tx.select().from(carts).where(one(userId, id)))[0]
      }),
    page: (userId) =>
      db.query.carts.findMany({
        where: eq(carts.userId, userId),
        with: { items: true },
        orderBy: desc(carts.id),
        limit: pageSize,
      }),
    close,
  }
}
