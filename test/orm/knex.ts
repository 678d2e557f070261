import { knex as makeKnex, type Knex } from 'knex'
import { defineShards, openKnex } from '../../src/orm/knex.ts'
import { reference } from '../../src/topology/table-kinds.ts'
import type { Backend, Item, Order, OrmInside, OrmUnderTest, Parcel, Sample } from './behaviour.ts'
import { classifyServerError, codeOf } from './errors.ts'
import { gatherStops, withBigNumbers } from './order-tables.ts'

export interface OrderRow {
  user_id: number
  id: number
  product: string
  cents: number
}
export interface OrderDatabase {
  orders: OrderRow
  order_items: { user_id: number; order_id: number; line: number; currency: number }
  currencies: { code: number; name: string }
  samples: { user_id: number; id: number }
  notes: { id: number; user_id: number; text: string }
  parcels: { id: string; user_id: number; text: string }
  stops: { id: string; parcel_id: string; user_id: number; text: string }
}

const tables = defineShards<OrderDatabase>()({
  orders: { group: 'product', key: 'user_id' },
  order_items: { group: 'product', key: 'user_id' },
  samples: { group: 'product', key: 'user_id' },
  notes: { group: 'product', key: 'user_id' },
  parcels: { group: 'product', key: 'user_id', ids: { id: 'time' } },
  stops: { group: 'product', key: 'user_id', ids: { id: 'time', parcel_id: 'time' } },
  currencies: reference('product', { copies: 'unmanaged' }),
})

const toRow = ({ userId, ...order }: Order): OrderRow => ({ user_id: userId, ...order })
const fromRow = ({ user_id, ...order }: OrderRow): Order => ({ userId: user_id, ...order })
const toItemRow = ({ userId, orderId, ...item }: Item) => ({ user_id: userId, order_id: orderId, ...item })
const toSampleRow = ({ userId, madeAt, data, big, ...sample }: Sample) => ({
  ...sample,
  big: String(big),
  user_id: userId,
  made_at: madeAt,
  data: JSON.stringify(data),
})

/** Knex, or a transaction of it. */
function operations(db: Knex): OrmInside {
  const orders = () => db<OrderRow>('orders')
  const listOf = async (userId: number) =>
    (await orders().where({ user_id: userId }).orderBy('id')).map(fromRow)
  const run = <T>(body: (orm: OrmInside) => Promise<T>): Promise<T> =>
    db.transaction((trx) => body(operations(trx)))
  return {
    insert: (order) => orders().insert(toRow(order)),
    insertItem: (item) => db('order_items').insert(toItemRow(item)),
    find: async (userId, id) => {
      const row = await orders().where({ user_id: userId, id }).first()
      return row && fromRow(row)
    },
    list: listOf,
    listAll: async () => (await orders().orderBy('id')).map(fromRow),
    ...writes(db),
    ...reports(db),
    ...parcels(db),
    transaction: run,
    nest: run,
    raw: async (sql, values) => {
      // Knex gives the rows and fields of the driver.
      const [rows] = (await db.raw(sql, values as Knex.RawBinding[])) as [unknown[]]
      return rows
    },
    stream: async function* (userId) {
      const stream = orders().where({ user_id: userId }).orderBy('id').stream()
      for await (const row of stream) yield fromRow(row)
    },
    cancel: async (userId, isWaiting) => {
      // Long enough to be seen waiting; the lock is held until after it.
      const update = orders().where({ user_id: userId }).update({ cents: 0 })
      const error = update.timeout(1_000, { cancel: true }).then(
        () => undefined,
        (reason: unknown) => reason,
      )
      await isWaiting()
      return await error
    },
  }
}

function writes(db: Knex): OrmInside {
  const orders = () => db<OrderRow>('orders')
  const some = (userId: number, ids: readonly number[]) =>
    orders()
      .where({ user_id: userId })
      .whereIn('id', [...ids])
  return {
    update: (userId, id, cents) => some(userId, [id]).update({ cents }),
    remove: (userId, id) => some(userId, [id]).delete(),
    upsert: (order) => orders().insert(toRow(order)).onConflict(['user_id', 'id']).merge(),
    insertMany: (many) => db.batchInsert('orders', many.map(toRow)),
    updateMany: (userId, ids, cents) => some(userId, ids).update({ cents }),
    removeMany: (userId, ids) => some(userId, ids).delete(),
    insertSample: (sample) => db('samples').insert(toSampleRow(sample)),
    findSample: (userId, id) => db('samples').where({ user_id: userId, id }).first(),
    insertNote: async ({ userId, text }) => Number((await db('notes').insert({ user_id: userId, text }))[0]),
    insertNotes: async (notes) => {
      const [first] = await db('notes').insert(notes.map(({ userId, text }) => ({ user_id: userId, text })))
      // MySQL's rule for a plain INSERT; Knex itself tells the first id only.
      return notes.map((_, index) => Number(first) + index)
    },
  }
}

const toParcelRow = ({ id, userId, text }: Parcel) => ({ id: String(id), user_id: userId, text })

function parcels(db: Knex): OrmInside {
  const one = (id: bigint) => db('parcels').where({ id: String(id) })
  return {
    insertParcels: (many) => db.batchInsert('parcels', many.map(toParcelRow)),
    insertStops: (many) =>
      db('stops').insert(many.map((stop) => ({ ...toParcelRow(stop), parcel_id: String(stop.parcelId) }))),
    changeParcel: async (id, text) => {
      await one(id).update({ text })
      return (await one(id).first<{ text: string }>('text')).text
    },
    removeParcel: (id) => one(id).delete(),
    stopsOf: async (id) => {
      const rows = await db('parcels')
        .join('stops', 'stops.parcel_id', 'parcels.id')
        .where('parcels.id', String(id))
        .orderBy('stops.id')
        .select<{ id: string }[]>('stops.id')
      return rows.map((row) => BigInt(row.id))
    },
    parcelsOf: async (userId) =>
      gatherStops(
        await db('parcels')
          .join('stops', 'stops.parcel_id', 'parcels.id')
          .where('parcels.user_id', userId)
          .orderBy(['parcels.id', 'stops.id'])
          .select<{ parcel: string; stop: string }[]>('parcels.id as parcel', 'stops.id as stop'),
      ),
  }
}

function reports(db: Knex): OrmInside {
  return {
    currencyNames: async (userId) => {
      const rows = await db('orders')
        .join('order_items', { 'order_items.user_id': 'orders.user_id', 'order_items.order_id': 'orders.id' })
        .join('currencies', 'currencies.code', 'order_items.currency')
        .where('orders.user_id', userId)
        .orderBy(['orders.id', 'order_items.line'])
        .select<{ name: string }[]>('currencies.name')
      return rows.map(({ name }) => name)
    },
    totals: async (userId) => {
      const row = await db('orders')
        .where({ user_id: userId })
        .count('* as count')
        .sum('cents as cents')
        .max('cents as most')
        .first<Record<string, unknown>>()
      return { count: Number(row['count']), cents: Number(row['cents']), most: Number(row['most']) }
    },
    countByCurrency: async (userId) =>
      await db('order_items')
        .where({ user_id: userId })
        .groupBy('currency')
        .orderBy('currency')
        .select('currency')
        .count<{ currency: number; count: number }[]>('* as count'),
  }
}

/** The Knex of the application, also for Objection. */
export function knexOn(backend: Backend): Knex {
  if (backend.kind === 'sherd') return openKnex(backend.sherd, (connection) => makeKnex({ ...connection }))
  return makeKnex({ client: 'mysql2', connection: withBigNumbers(backend.url) })
}

const noModels = 'Knex builds queries; models and relations are those of Objection'

export const knexUnderTest: OrmUnderTest = {
  name: 'Knex',
  tables,
  open: (backend) => {
    const db = knexOn(backend)
    return Promise.resolve({ ...operations(db), close: () => db.destroy() })
  },
  lacks: {
    change: noModels,
    removeLoaded: noModels,
    findOrCreate: noModels,
    insertWithItems: noModels,
    listWithItems: noModels,
    itemsOf: noModels,
    laterStopsOf: noModels,
    page: noModels,
    changeNote: noModels,
  },
  // Knex gives the errors of the driver as they are.
  classify: classifyServerError,
  refusalCode: codeOf,
}
