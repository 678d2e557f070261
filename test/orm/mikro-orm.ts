import {
  DeadlockException,
  defineEntity,
  DriverException,
  type EntityManager,
  ForeignKeyConstraintViolationException,
  type InferEntity,
  MikroORM,
  MySqlDriver,
  p,
  raw,
  UniqueConstraintViolationException,
} from '@mikro-orm/mysql'
import { MysqlDialect } from 'kysely'
import { mikroOrmPool, reference, sharded } from '../../src/orm/mikro-orm.ts'
import type { Backend, Orm, OrmInside, OrmUnderTest } from './behaviour.ts'

/** The recipe: the shard key is a part of the primary key, and every relation has it among its columns. */
const OrderSchema = defineEntity({
  name: 'Order',
  tableName: 'orders',
  properties: {
    userId: p.integer().primary(),
    id: p.integer().primary(),
    product: p.string(),
    cents: p.integer(),
    items: () => p.oneToMany(ItemSchema).mappedBy('order').orderBy({ line: 'asc' }),
  },
})
const CurrencySchema = defineEntity({
  name: 'Currency',
  tableName: 'currencies',
  properties: { code: p.integer().primary(), name: p.string() },
})
const ItemSchema = defineEntity({
  name: 'OrderItem',
  tableName: 'order_items',
  primaryKeys: ['order', 'line'],
  properties: {
    order: () => p.manyToOne(OrderSchema).primary().joinColumns('user_id', 'order_id'),
    line: p.integer().primary(),
    currency: () => p.manyToOne(CurrencySchema).joinColumn('currency'),
  },
})
const SampleSchema = defineEntity({
  name: 'Sample',
  tableName: 'samples',
  properties: {
    userId: p.integer().primary(),
    id: p.integer().primary(),
    day: p.date(),
    madeAt: p.datetime(3),
    price: p.decimal(),
    big: p.bigint(),
    data: p.json<unknown>(),
    body: p.blob(),
    paid: p.boolean(),
  },
})
/** Made before it was sharded: its relations and saves send the id alone. */
const NoteSchema = defineEntity({
  name: 'Note',
  tableName: 'notes',
  properties: { id: p.integer().primary().autoincrement(), userId: p.integer(), text: p.string() },
})
const ParcelSchema = defineEntity({
  name: 'Parcel',
  tableName: 'parcels',
  properties: {
    id: p.bigint().primary(),
    userId: p.integer(),
    text: p.string(),
    stops: () => p.oneToMany(StopSchema).mappedBy('parcel').orderBy({ id: 'asc' }),
  },
})
const StopSchema = defineEntity({
  name: 'Stop',
  tableName: 'stops',
  properties: {
    id: p.bigint().primary(),
    parcel: () => p.manyToOne(ParcelSchema).joinColumn('parcel_id'),
    userId: p.integer(),
    text: p.string(),
  },
})

type Row = InferEntity<typeof OrderSchema>
type ItemRow = InferEntity<typeof ItemSchema>

const toOrder = ({ userId, id, product, cents }: Row) => ({ userId, id, product, cents })
const toItem = ({ order, line, currency }: ItemRow) => ({
  userId: order.userId,
  orderId: order.id,
  line,
  currency: currency.code,
})
const withItems = (row: Row) => ({ ...toOrder(row), items: row.items.getItems().map(toItem) })

/** `open` gives the entity manager of the transaction, or a fresh one. */
function operate(open: () => EntityManager): OrmInside {
  const load = (em: EntityManager, userId: number, id: number) =>
    em.findOneOrFail(OrderSchema, { userId, id })
  const list = async (where: { userId?: number }) =>
    (
      await open()
        .fork({ keepTransactionContext: true })
        .find(OrderSchema, where, { orderBy: { id: 'asc' } })
    ).map(toOrder)
  return {
    insert: async (order) => {
      const em = open()
      em.create(OrderSchema, order)
      await em.flush()
    },
    insertItem: async ({ userId, orderId, line, currency }) => {
      const em = open()
      em.create(ItemSchema, { order: em.getReference(OrderSchema, [userId, orderId]), line, currency })
      await em.flush()
    },
    find: async (userId, id) => {
      const row = await open().findOne(OrderSchema, { userId, id })
      return row === null ? undefined : toOrder(row)
    },
    list: (userId) => list({ userId }),
    listAll: () => list({}),
    update: (userId, id, cents) => open().nativeUpdate(OrderSchema, { userId, id }, { cents }),
    remove: (userId, id) => open().nativeDelete(OrderSchema, { userId, id }),
    change: async (userId, id, cents) => {
      const em = open()
      const row = await load(em, userId, id)
      row.cents = cents
      await em.flush()
      return toOrder(await em.refreshOrFail(row))
    },
    removeLoaded: async (userId, id) => {
      const em = open()
      em.remove(await load(em, userId, id))
      await em.flush()
    },
    upsert: (order) => open().upsert(OrderSchema, order),
    insertMany: (orders) => open().insertMany(OrderSchema, [...orders]),
    updateMany: (userId, ids, cents) => open().nativeUpdate(OrderSchema, { userId, id: [...ids] }, { cents }),
    removeMany: (userId, ids) => open().nativeDelete(OrderSchema, { userId, id: [...ids] }),
    insertWithItems: async ({ items, ...order }) => {
      const em = open()
      em.create(OrderSchema, { ...order, items: items.map(({ line, currency }) => ({ line, currency })) })
      await em.flush()
    },
    listWithItems: async (userId) => {
      const rows = await open().find(OrderSchema, { userId }, { populate: ['items'], orderBy: { id: 'asc' } })
      return rows.map(withItems)
    },
    itemsOf: async (userId, id) => {
      const row = await load(open(), userId, id)
      return (await row.items.loadItems()).map(toItem)
    },
    page: async (userId, limit, offset) => {
      const [rows, total] = await open().findAndCount(
        OrderSchema,
        { userId },
        { populate: ['items'], strategy: 'joined', orderBy: { id: 'desc' }, limit, offset },
      )
      return { total, orders: rows.map(withItems) }
    },
    currencyNames: async (userId) => {
      const rows = await open().find(
        ItemSchema,
        { order: { userId } },
        { populate: ['currency'], strategy: 'joined', orderBy: { order: { id: 'asc' }, line: 'asc' } },
      )
      return rows.map(({ currency }) => currency.name)
    },
    totals: async (userId) => {
      const [row] = await open()
        .createQueryBuilder(OrderSchema)
        .select([raw('count(*) as count'), raw('sum(cents) as cents'), raw('max(cents) as most')])
        .where({ userId })
        .execute<{ count: number; cents: string; most: number }[]>()
      return { count: row?.count ?? 0, cents: Number(row?.cents), most: row?.most ?? 0 }
    },
    countByCurrency: (userId) =>
      open()
        .createQueryBuilder(ItemSchema)
        .select(['currency', raw('count(*) as count')])
        .where({ order: { userId } })
        .groupBy('currency')
        .orderBy({ currency: 'asc' })
        .execute<{ currency: number; count: number }[]>(),
    transaction: (body) => open().transactional((em) => body(inside(em))),
    nest: (body) => open().transactional((em) => body(inside(em))),
    raw: (sql, values) => open().execute(sql, [...values]),
    stream: async function* (userId) {
      const rows = open().stream(OrderSchema, { where: { userId }, orderBy: { id: 'asc' } })
      for await (const row of rows) yield toOrder(row as Row)
    },
    cancel: async (userId, isWaiting) => {
      const abort = new AbortController()
      const em = open().fork({ signal: abort.signal, inflightQueryAbortStrategy: 'cancel query' })
      const failed = em.nativeUpdate(OrderSchema, { userId }, { cents: 0 }).catch((error: unknown) => error)
      await isWaiting()
      abort.abort()
      return await failed
    },
    insertSample: (sample) => open().insert(SampleSchema, sample as never),
    findSample: async (userId, id) => ({ ...(await open().findOneOrFail(SampleSchema, { userId, id })) }),
    insertNote: async (note) => {
      const em = open()
      const row = em.create(NoteSchema, note)
      await em.flush()
      return row.id
    },
    insertNotes: async (notes) => {
      const em = open()
      const rows = notes.map((note) => em.create(NoteSchema, note))
      await em.flush()
      return rows.map(({ id }) => id)
    },
    ...byIdAlone(open),
    changeNote: async (id, text) => {
      const em = open()
      const row = await em.findOneOrFail(NoteSchema, { id })
      row.text = text
      await em.flush()
      return (await em.refreshOrFail(row)).text
    },
  }
}

function byIdAlone(open: () => EntityManager): OrmInside {
  const load = (em: EntityManager, id: bigint) => em.findOneOrFail(ParcelSchema, { id })
  return {
    insertParcels: async (parcels) => {
      const em = open()
      for (const parcel of parcels) em.create(ParcelSchema, parcel)
      await em.flush()
    },
    insertStops: async (stops) => {
      const em = open()
      for (const { parcelId, ...stop } of stops)
        em.create(StopSchema, { ...stop, parcel: em.getReference(ParcelSchema, parcelId) })
      await em.flush()
    },
    changeParcel: async (id, text) => {
      const em = open()
      const row = await load(em, id)
      row.text = text
      await em.flush()
      return (await em.refreshOrFail(row)).text
    },
    removeParcel: async (id) => {
      const em = open()
      em.remove(await load(em, id))
      await em.flush()
    },
    stopsOf: async (id) => {
      const row = await open().findOneOrFail(ParcelSchema, { id }, { populate: ['stops'] })
      return row.stops.getItems().map((stop) => stop.id)
    },
    parcelsOf: async (userId) => {
      const joined = { populate: ['stops'], strategy: 'joined', orderBy: { id: 'asc' } } as const
      const rows = await open().find(ParcelSchema, { userId }, joined)
      return rows.map(({ id, stops }) => ({ id, stops: stops.getItems().map((stop) => stop.id) }))
    },
    laterStopsOf: async (userId, id) => {
      const row = await open().findOneOrFail(ParcelSchema, { userId, id })
      return (await row.stops.loadItems()).map((stop) => stop.id)
    },
  }
}

function inside(em: EntityManager): OrmInside {
  return operate(() => em)
}

async function openMikroOrm(backend: Backend): Promise<Orm> {
  const entities = [
    OrderSchema,
    ItemSchema,
    CurrencySchema,
    SampleSchema,
    NoteSchema,
    ParcelSchema,
    StopSchema,
  ]
  const where =
    backend.kind === 'plain'
      ? { clientUrl: backend.url }
      : {
          driverOptions: new MysqlDialect({ pool: mikroOrmPool(backend.sherd) }),
          dbName: 'main',
          ensureDatabase: false,
        }
  const orm = await MikroORM.init({
    driver: MySqlDriver,
    entities,
    ...where,
  })
  return { ...operate(() => orm.em.fork()), close: () => orm.close() }
}

const shards = { group: 'product', key: 'userId' } as const

export const mikroOrm: OrmUnderTest = {
  name: 'MikroORM',
  tables: [
    sharded(OrderSchema, shards),
    sharded(ItemSchema, { group: 'product', key: 'order.userId' }),
    sharded(SampleSchema, shards),
    sharded(NoteSchema, shards),
    sharded(ParcelSchema, { ...shards, ids: { id: 'time' } }),
    sharded(StopSchema, { ...shards, ids: { id: 'time', 'parcel.id': 'time' } }),
    reference(CurrencySchema, 'product', { copies: 'unmanaged' }),
  ],
  open: openMikroOrm,
  lacks: {
    findOrCreate: 'MikroORM has no such call; em.upsert does both',
  },
  ownRemedy: /joinColumns/,
  classify: (error) => {
    if (error instanceof UniqueConstraintViolationException) return 'duplicate key'
    if (error instanceof ForeignKeyConstraintViolationException) return 'foreign key'
    return error instanceof DeadlockException ? 'deadlock' : 'other'
  },
  refusalCode: (error) => (error instanceof DriverException ? error.code : undefined),
}
