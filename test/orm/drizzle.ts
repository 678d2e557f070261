import { and, asc, count, desc, eq, inArray, max, relations, type SQL, sql, sum } from 'drizzle-orm'
import * as mysql from 'drizzle-orm/mysql-core'
import { drizzle, type MySql2Database } from 'drizzle-orm/mysql2'
import { createPool } from 'mysql2'
import { reference, sharded } from '../../src/orm/drizzle.ts'
import type { Backend, Item, Order, Orm, OrmInside, OrmUnderTest } from './behaviour.ts'
import { classifyServerError, codeOf, propertyOf } from './errors.ts'
import { gatherStops, withBigNumbers } from './order-tables.ts'

const bytes = mysql.customType<{ data: Buffer; driverData: Buffer }>({ dataType: () => 'varbinary(20)' })

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
const samples = mysql.mysqlTable('samples', {
  userId: mysql.int('user_id').notNull(),
  id: mysql.int('id').notNull(),
  day: mysql.date('day', { mode: 'string' }).notNull(),
  madeAt: mysql.datetime('made_at', { fsp: 3 }).notNull(),
  price: mysql.decimal('price', { precision: 20, scale: 4 }).notNull(),
  big: mysql.bigint('big', { mode: 'bigint' }).notNull(),
  data: mysql.json('data').notNull(),
  body: bytes('body').notNull(),
  paid: mysql.boolean('paid').notNull(),
})
const notes = mysql.mysqlTable('notes', {
  id: mysql.int('id').primaryKey().autoincrement(),
  userId: mysql.int('user_id').notNull(),
  text: mysql.varchar('text', { length: 40 }).notNull(),
})
const parcels = mysql.mysqlTable('parcels', {
  id: mysql.bigint('id', { mode: 'bigint' }).primaryKey(),
  userId: mysql.int('user_id').notNull(),
  text: mysql.varchar('text', { length: 40 }).notNull(),
})
const stops = mysql.mysqlTable('stops', {
  id: mysql.bigint('id', { mode: 'bigint' }).primaryKey(),
  parcelId: mysql.bigint('parcel_id', { mode: 'bigint' }).notNull(),
  userId: mysql.int('user_id').notNull(),
  text: mysql.varchar('text', { length: 40 }).notNull(),
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
export type OrderSchema = typeof mysqlSchema
/** The methods used on both engines are the same on SQLite. */
export type OrderDrizzle = Pick<
  MySql2Database<OrderSchema>,
  'select' | 'insert' | 'update' | 'delete' | 'query' | 'transaction'
>

/** How many rows a write has met: MySQL's packet tells, SQLite's remote needs RETURNING. */
export type CountRows = (write: unknown) => Promise<number>

/** What Drizzle does on either engine. */
export function drizzleOperations(db: OrderDrizzle, schema: OrderSchema, countRows: CountRows): OrmInside {
  const { orders: table } = schema
  const one = (userId: number, id: number) => and(eq(table.userId, userId), eq(table.id, id))
  const some = (userId: number, ids: readonly number[]) =>
    and(eq(table.userId, userId), inArray(table.id, [...ids]))
  const run = <T>(body: (orm: OrmInside) => Promise<T>): Promise<T> =>
    db.transaction((tx) => body(drizzleOperations(tx as OrderDrizzle, schema, countRows)))
  const updateWhere = (where: SQL | undefined, cents: number) =>
    countRows(db.update(table).set({ cents }).where(where))
  return {
    insert: (order) => db.insert(table).values(order),
    insertItem: (item) => db.insert(schema.orderItems).values(item),
    insertMany: (many) => db.insert(table).values([...many]),
    find: async (userId, id) => await db.query.orders.findFirst({ where: one(userId, id) }),
    list: (userId) => db.select().from(table).where(eq(table.userId, userId)).orderBy(table.id),
    listAll: () => db.select().from(table).orderBy(table.id),
    update: (userId, id, cents) => updateWhere(one(userId, id), cents),
    updateMany: (userId, ids, cents) => updateWhere(some(userId, ids), cents),
    remove: (userId, id) => countRows(db.delete(table).where(one(userId, id))),
    removeMany: (userId, ids) => countRows(db.delete(table).where(some(userId, ids))),
    ...reads(db, schema),
    transaction: run,
    nest: run,
  }
}

function reads(
  db: OrderDrizzle,
  { orders: table, orderItems: items, currencies: names }: OrderSchema,
): OrmInside {
  // In the mode for MariaDB an order of related rows is written into a derived table that cannot see the outer one.
  const byId = (userId: number) => ({ where: eq(table.userId, userId), with: { items: true } as const })
  type Found = Order & { readonly items: readonly Item[] }
  const sortItems = (found: readonly Found[]) =>
    found.map((order) => ({ ...order, items: order.items.toSorted((a, b) => a.line - b.line) }))
  return {
    listWithItems: async (userId) =>
      sortItems(await db.query.orders.findMany({ ...byId(userId), orderBy: asc(table.id) })),
    page: async (userId, limit, offset) => {
      const [row] = await db.select({ total: count() }).from(table).where(eq(table.userId, userId))
      const found = db.query.orders.findMany({ ...byId(userId), orderBy: desc(table.id), limit, offset })
      return { total: row?.total ?? 0, orders: sortItems(await found) }
    },
    currencyNames: async (userId) => {
      const rows = await db
        .select({ name: names.name })
        .from(table)
        .innerJoin(items, and(eq(items.userId, table.userId), eq(items.orderId, table.id)))
        .innerJoin(names, eq(names.code, items.currency))
        .where(eq(table.userId, userId))
        .orderBy(table.id, items.line)
      return rows.map(({ name }) => name)
    },
    totals: async (userId) => {
      const [row] = await db
        .select({ count: count(), cents: sum(table.cents), most: max(table.cents) })
        .from(table)
        .where(eq(table.userId, userId))
      return { count: row?.count ?? 0, cents: Number(row?.cents), most: row?.most ?? 0 }
    },
    countByCurrency: (userId) =>
      db
        .select({ currency: items.currency, count: count() })
        .from(items)
        .where(eq(items.userId, userId))
        .groupBy(items.currency)
        .orderBy(items.currency),
  }
}

const noModels = 'Drizzle has no objects of rows that are saved'
const lacks: OrmUnderTest['lacks'] = {
  change: noModels,
  removeLoaded: noModels,
  changeNote: noModels,
  findOrCreate: 'Drizzle has no call for it',
  insertWithItems: 'Drizzle inserts into one table at a time',
  itemsOf: 'Drizzle loads relations with their rows only',
  laterStopsOf: 'Drizzle loads relations with their rows only',
  cancel: 'Drizzle has no call that ends a statement; sherd.deadline() does',
}

/** Drizzle wraps the error of a statement; it is the `cause`. */
export const drizzleUnderTest = (
  name: string,
  open: OrmUnderTest['open'],
  tables: OrmUnderTest['tables'],
  more: OrmUnderTest['lacks'] = {},
): OrmUnderTest => ({
  name,
  tables,
  open,
  lacks: { ...lacks, ...more },
  classify: (error) => classifyServerError(propertyOf(error, 'cause')),
  refusalCode: (error) => codeOf(propertyOf(error, 'cause')) ?? codeOf(error),
})

/** A text with `?` and its values, as Drizzle takes them. */
export function rawSql(text: string, values: readonly unknown[]): SQL {
  const parts = text
    .split('?')
    .flatMap((part, index) =>
      index < values.length ? [sql.raw(part), sql`${values[index]}`] : [sql.raw(part)],
    )
  return sql.join(parts)
}

function parcelOperations(db: OrderDrizzle): OrmInside {
  return {
    insertParcels: (many) => db.insert(parcels).values([...many]),
    insertStops: (many) => db.insert(stops).values([...many]),
    changeParcel: async (id, text) => {
      await db.update(parcels).set({ text }).where(eq(parcels.id, id))
      return (await db.select().from(parcels).where(eq(parcels.id, id)))[0]?.text ?? ''
    },
    removeParcel: (id) => db.delete(parcels).where(eq(parcels.id, id)),
    // Not through a relation: Drizzle reads its rows from JSON, where a bigint loses its last digits, on plain mysql2 too.
    stopsOf: async (id) => {
      const joined = db
        .select({ id: stops.id })
        .from(parcels)
        .innerJoin(stops, eq(stops.parcelId, parcels.id))
      return (await joined.where(eq(parcels.id, id)).orderBy(stops.id)).map((stop) => stop.id)
    },
    parcelsOf: async (userId) => {
      const joined = db
        .select({ parcel: parcels.id, stop: stops.id })
        .from(parcels)
        .innerJoin(stops, eq(stops.parcelId, parcels.id))
      return gatherStops(await joined.where(eq(parcels.userId, userId)).orderBy(parcels.id, stops.id))
    },
  }
}

async function open(backend: Backend): Promise<Orm> {
  const client = backend.kind === 'sherd' ? backend.sherd.pool : createPool(withBigNumbers(backend.url))
  // MariaDB has no LATERAL, which the mode `default` needs for relational queries.
  const db = drizzle({ client, schema: mysqlSchema, mode: 'planetscale' })
  const affected: CountRows = async (write) => {
    const [packet] = (await write) as readonly [{ readonly affectedRows: number }]
    return packet.affectedRows
  }
  return {
    ...drizzleOperations(db, mysqlSchema, affected),
    ...parcelOperations(db),
    upsert: (order: Order) =>
      db
        .insert(orders)
        .values(order)
        .onDuplicateKeyUpdate({ set: { product: order.product, cents: order.cents } }),
    // The type of what any SQL gives is the caller's to know.
    raw: async (text, values) => (await db.execute(rawSql(text, values)))[0] as unknown as unknown[],
    stream: (userId) =>
      db.select().from(orders).where(eq(orders.userId, userId)).orderBy(orders.id).iterator(),
    insertSample: (sample) => db.insert(samples).values(sample),
    findSample: async (userId, id) =>
      (
        await db
          .select()
          .from(samples)
          .where(and(eq(samples.userId, userId), eq(samples.id, id)))
      )[0],
    insertNote: async (note) => (await db.insert(notes).values(note).$returningId())[0]?.id ?? -1,
    insertNotes: async (many) =>
      (
        await db
          .insert(notes)
          .values([...many])
          .$returningId()
      ).map(({ id }) => id),
    close: () => client.promise().end(),
  }
}

export const drizzleOnMariadb = drizzleUnderTest('Drizzle', open, [
  sharded(orders, { group: 'product', key: 'userId' }),
  sharded(orderItems, { group: 'product', key: 'userId' }),
  sharded(samples, { group: 'product', key: 'userId' }),
  sharded(notes, { group: 'product', key: 'userId' }),
  sharded(parcels, { group: 'product', key: 'userId', ids: { id: 'time' } }),
  sharded(stops, { group: 'product', key: 'userId', ids: { id: 'time', parcelId: 'time' } }),
  reference(currencies, 'product', { copies: 'unmanaged' }),
])
