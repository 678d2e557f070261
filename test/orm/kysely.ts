import { CompiledQuery, type ControlledTransaction, type Generated, Kysely, MysqlDialect } from 'kysely'
import { createPool } from 'mysql2'
import { defineShards } from '../../src/orm/kysely.ts'
import { reference } from '../../src/topology/table-kinds.ts'
import type { Backend, Item, Note, Order, Orm, OrmInside, OrmUnderTest, Sample } from './behaviour.ts'
import { classifyServerError, codeOf } from './errors.ts'
import { gatherStops, withBigNumbers } from './order-tables.ts'

export interface OrderDatabase {
  orders: { user_id: number; id: number; product: string; cents: number }
  order_items: { user_id: number; order_id: number; line: number; currency: number }
  currencies: { code: number; name: string }
  samples: {
    user_id: number
    id: number
    day: string
    made_at: Date
    price: string
    big: bigint
    data: string
    body: Buffer
    paid: number
  }
  notes: { id: Generated<number>; user_id: number; text: string }
  // Read as text where it fits no number.
  parcels: { id: bigint | string; user_id: number; text: string }
  stops: { id: bigint | string; parcel_id: bigint | string; user_id: number; text: string }
}

export const kyselyTables = defineShards<OrderDatabase>()({
  orders: { group: 'product', key: 'user_id' },
  order_items: { group: 'product', key: 'user_id' },
  samples: { group: 'product', key: 'user_id' },
  notes: { group: 'product', key: 'user_id' },
  parcels: { group: 'product', key: 'user_id', ids: { id: 'time' } },
  stops: { group: 'product', key: 'user_id', ids: { id: 'time', parcel_id: 'time' } },
  currencies: reference('product', { copies: 'unmanaged' }),
})

const noModels = 'Kysely builds queries: it has no models, objects of rows or relations'
const lacks: OrmUnderTest['lacks'] = {
  change: noModels,
  removeLoaded: noModels,
  findOrCreate: noModels,
  insertWithItems: noModels,
  itemsOf: noModels,
  laterStopsOf: noModels,
  changeNote: noModels,
  listWithItems: 'jsonArrayFrom() writes CAST(… AS JSON), which MariaDB does not have',
  page: 'jsonArrayFrom() writes CAST(… AS JSON), which MariaDB does not have',
}

export const toRow = ({ userId, ...order }: Order) => ({ user_id: userId, ...order })
const fromRow = ({ user_id, ...order }: OrderDatabase['orders']): Order => ({ userId: user_id, ...order })
const toItemRow = ({ userId, orderId, ...item }: Item) => ({ user_id: userId, order_id: orderId, ...item })
const toNoteRow = ({ userId, text }: Note) => ({ user_id: userId, text })
const toSampleRow = ({ userId, madeAt, data, paid, ...sample }: Sample) => ({
  ...sample,
  user_id: userId,
  made_at: madeAt,
  data: JSON.stringify(data),
  paid: Number(paid),
})

/** What Kysely does on either engine. */
export function kyselyOperations(db: Kysely<OrderDatabase>): OrmInside {
  const orders = db.selectFrom('orders').selectAll()
  const listOf = async (userId: number) =>
    (await orders.where('user_id', '=', userId).orderBy('id').execute()).map(fromRow)
  return {
    insert: (order) => db.insertInto('orders').values(toRow(order)).execute(),
    insertItem: (item) => db.insertInto('order_items').values(toItemRow(item)).execute(),
    find: async (userId, id) => {
      const row = await orders.where('user_id', '=', userId).where('id', '=', id).executeTakeFirst()
      return row && fromRow(row)
    },
    list: listOf,
    listAll: async () => (await orders.orderBy('id').execute()).map(fromRow),
    ...writes(db),
    ...reports(db),
    ...parcels(db),
    transaction: async (body) => {
      const trx = await db.startTransaction().execute()
      try {
        const result = await body(insideTransaction(trx))
        await trx.commit().execute()
        return result
      } catch (error) {
        await trx.rollback().execute()
        throw error
      }
    },
    raw: async (text, values) => (await db.executeQuery(CompiledQuery.raw(text, [...values]))).rows,
    cancel: (userId, isWaiting) => cancelUpdate(db, userId, isWaiting),
    stream: async function* (userId) {
      for await (const row of orders.where('user_id', '=', userId).orderBy('id').stream()) yield fromRow(row)
    },
  }
}

function writes(db: Kysely<OrderDatabase>): OrmInside {
  const updated = async (userId: number, ids: readonly number[], cents: number) => {
    const update = db.updateTable('orders').set({ cents }).where('user_id', '=', userId)
    return Number((await update.where('id', 'in', ids).executeTakeFirst()).numUpdatedRows)
  }
  const removed = async (userId: number, ids: readonly number[]) => {
    const remove = db.deleteFrom('orders').where('user_id', '=', userId)
    return Number((await remove.where('id', 'in', ids).executeTakeFirst()).numDeletedRows)
  }
  return {
    update: (userId, id, cents) => updated(userId, [id], cents),
    remove: (userId, id) => removed(userId, [id]),
    insertMany: (many) => db.insertInto('orders').values(many.map(toRow)).execute(),
    updateMany: updated,
    removeMany: removed,
    insertSample: (sample) => db.insertInto('samples').values(toSampleRow(sample)).execute(),
    findSample: (userId, id) =>
      db
        .selectFrom('samples')
        .selectAll()
        .where('user_id', '=', userId)
        .where('id', '=', id)
        .executeTakeFirst(),
    insertNote: async (note) =>
      Number((await db.insertInto('notes').values(toNoteRow(note)).executeTakeFirst()).insertId),
    insertNotes: async (notes) => {
      const first = (await db.insertInto('notes').values(notes.map(toNoteRow)).executeTakeFirst()).insertId
      // MySQL's rule for a plain INSERT; Kysely itself tells the first id only.
      return notes.map((_, index) => Number(first) + index)
    },
  }
}

function parcels(db: Kysely<OrderDatabase>): OrmInside {
  return {
    insertParcels: (many) =>
      db
        .insertInto('parcels')
        .values(many.map(({ id, userId, text }) => ({ id, user_id: userId, text })))
        .execute(),
    insertStops: (many) =>
      db
        .insertInto('stops')
        .values(
          many.map(({ id, parcelId, userId, text }) => ({ id, parcel_id: parcelId, user_id: userId, text })),
        )
        .execute(),
    changeParcel: async (id, text) => {
      await db.updateTable('parcels').set({ text }).where('id', '=', id).execute()
      const found = db.selectFrom('parcels').select('text').where('id', '=', id)
      return (await found.executeTakeFirstOrThrow()).text
    },
    removeParcel: (id) => db.deleteFrom('parcels').where('id', '=', id).execute(),
    stopsOf: async (id) => {
      const rows = await db
        .selectFrom('parcels')
        .innerJoin('stops', 'stops.parcel_id', 'parcels.id')
        .where('parcels.id', '=', id)
        .orderBy('stops.id')
        .select('stops.id')
        .execute()
      return rows.map((row) => BigInt(row.id))
    },
    parcelsOf: async (userId) => {
      const joined = db.selectFrom('parcels').innerJoin('stops', 'stops.parcel_id', 'parcels.id')
      const ofUser = joined.where('parcels.user_id', '=', userId).orderBy('parcels.id').orderBy('stops.id')
      return gatherStops(await ofUser.select(['parcels.id as parcel', 'stops.id as stop']).execute())
    },
  }
}

function reports(db: Kysely<OrderDatabase>): OrmInside {
  return {
    currencyNames: async (userId) => {
      const rows = await db
        .selectFrom('orders')
        .innerJoin('order_items', (join) =>
          join
            .onRef('order_items.user_id', '=', 'orders.user_id')
            .onRef('order_items.order_id', '=', 'orders.id'),
        )
        .innerJoin('currencies', 'currencies.code', 'order_items.currency')
        .where('orders.user_id', '=', userId)
        .orderBy('orders.id')
        .orderBy('order_items.line')
        .select('currencies.name')
        .execute()
      return rows.map(({ name }) => name)
    },
    totals: async (userId) => {
      const row = await db
        .selectFrom('orders')
        .where('user_id', '=', userId)
        .select((eb) => [
          eb.fn.countAll().as('count'),
          eb.fn.sum('cents').as('cents'),
          eb.fn.max('cents').as('most'),
        ])
        .executeTakeFirstOrThrow()
      return { count: Number(row.count), cents: Number(row.cents), most: row.most }
    },
    countByCurrency: async (userId) => {
      const rows = await db
        .selectFrom('order_items')
        .where('user_id', '=', userId)
        .groupBy('currency')
        .orderBy('currency')
        .select((eb) => ['currency', eb.fn.countAll().as('count')])
        .execute()
      return rows.map(({ currency, count }) => ({ currency, count: Number(count) }))
    },
  }
}

function insideTransaction(trx: ControlledTransaction<OrderDatabase>): OrmInside {
  return {
    ...kyselyOperations(trx),
    nest: async (body) => {
      const inner = await trx.savepoint('inner_one').execute()
      try {
        const result = await body(kyselyOperations(inner))
        await inner.releaseSavepoint('inner_one').execute()
        return result
      } catch (error) {
        await inner.rollbackToSavepoint('inner_one').execute()
        throw error
      }
    },
  }
}

async function cancelUpdate(
  db: Kysely<OrderDatabase>,
  userId: number,
  isWaiting: () => Promise<void>,
): Promise<unknown> {
  const controller = new AbortController()
  const { signal } = controller
  const update = db.updateTable('orders').set({ cents: 0 }).where('user_id', '=', userId)
  const running = update.execute({ signal, inflightQueryAbortStrategy: 'cancel query' })
  const error = running.then(
    () => undefined,
    (reason: unknown) => reason,
  )
  await isWaiting()
  controller.abort()
  return await error
}

/** Kysely gives the errors of the driver as they are. */
export const kyselyUnderTest = (name: string, open: (backend: Backend) => Promise<Orm>): OrmUnderTest => ({
  name,
  tables: kyselyTables,
  open,
  lacks,
  classify: classifyServerError,
  refusalCode: codeOf,
})

export const kyselyOnMariadb = kyselyUnderTest('Kysely', (backend) => {
  const pool = backend.kind === 'sherd' ? backend.sherd.pool : createPool(withBigNumbers(backend.url))
  const db = new Kysely<OrderDatabase>({ dialect: new MysqlDialect({ pool }) })
  const upsert = (order: Order) =>
    db
      .insertInto('orders')
      .values(toRow(order))
      .onDuplicateKeyUpdate({ product: order.product, cents: order.cents })
      .execute()
  return Promise.resolve({ ...kyselyOperations(db), upsert, close: () => db.destroy() })
})
