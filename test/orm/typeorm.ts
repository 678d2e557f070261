import {
  DataSource,
  type EntityManager,
  EntitySchema,
  getMetadataArgsStorage,
  QueryFailedError,
} from 'typeorm'
import { driverModule, Reference, Sharded, tablesOf } from '../../src/orm/typeorm.ts'
import type { Backend, Item, Note, Order, Orm, OrmInside, OrmUnderTest, Sample } from './behaviour.ts'
import { classifyServerError, propertyOf } from './errors.ts'
import { compare } from './order-tables.ts'

class OrderEntity {
  userId!: number
  id!: number
  product!: string
  cents!: number
  items?: ItemEntity[]
  lazyItems!: Promise<ItemEntity[]>
}
class ItemEntity {
  userId!: number
  orderId!: number
  line!: number
  currency!: number
  order?: OrderEntity
  currencyRow?: CurrencyEntity
}
class CurrencyEntity {
  code!: number
  name!: string
}
class SampleEntity {
  userId!: number
  id!: number
  day!: string
  madeAt!: Date
  price!: string
  big!: string
  data!: object | string
  body!: Buffer
  paid!: boolean
}
class NoteEntity {
  id!: number
  userId!: number
  text!: string
}
class ParcelEntity {
  id!: string
  userId!: number
  text!: string
  stops?: StopEntity[]
}
class StopEntity {
  id!: string
  parcelId!: string
  userId!: number
  text!: string
  parcel?: ParcelEntity
}

// As decorators; written as calls, because vitest does not compile them.
Sharded<OrderEntity>({ group: 'product', key: 'userId' })(OrderEntity)
Sharded<ItemEntity>({ group: 'product', key: 'userId' })(ItemEntity)
Reference('product', { copies: 'unmanaged' })(CurrencyEntity)
Sharded<SampleEntity>({ group: 'product', key: 'userId' })(SampleEntity)
Sharded<NoteEntity>({ group: 'product', key: 'userId' })(NoteEntity)
Sharded<ParcelEntity>({ group: 'product', key: 'userId', ids: { id: 'time' } })(ParcelEntity)
Sharded<StopEntity>({ group: 'product', key: 'userId', ids: { id: 'time', parcelId: 'time' } })(StopEntity)

const userId = { type: 'int', primary: true, name: 'user_id' } as const
/** The relation lists both columns: the shard key and the id. */
const toOrder = [
  { name: 'user_id', referencedColumnName: 'userId' },
  { name: 'order_id', referencedColumnName: 'id' },
]
const orders = new EntitySchema<OrderEntity>({
  name: 'OrderEntity',
  target: OrderEntity,
  tableName: 'orders',
  columns: {
    userId,
    id: { type: 'int', primary: true },
    product: { type: 'varchar', length: 40 },
    cents: { type: 'int' },
  },
  relations: {
    items: { type: 'one-to-many', target: 'ItemEntity', inverseSide: 'order', cascade: true },
    lazyItems: { type: 'one-to-many', target: 'ItemEntity', inverseSide: 'order', lazy: true },
  },
})
const items = new EntitySchema<ItemEntity>({
  name: 'ItemEntity',
  target: ItemEntity,
  tableName: 'order_items',
  columns: {
    userId,
    orderId: { type: 'int', primary: true, name: 'order_id' },
    line: { type: 'int', primary: true },
    currency: { type: 'int' },
  },
  relations: {
    order: { type: 'many-to-one', target: 'OrderEntity', inverseSide: 'items', joinColumn: toOrder },
    currencyRow: { type: 'many-to-one', target: 'CurrencyEntity', joinColumn: { name: 'currency' } },
  },
})
const currencies = new EntitySchema<CurrencyEntity>({
  name: 'CurrencyEntity',
  target: CurrencyEntity,
  tableName: 'currencies',
  columns: { code: { type: 'int', primary: true }, name: { type: 'varchar', length: 40 } },
})
const samples = new EntitySchema<SampleEntity>({
  name: 'SampleEntity',
  target: SampleEntity,
  tableName: 'samples',
  columns: {
    userId,
    id: { type: 'int', primary: true },
    day: { type: 'date' },
    madeAt: { type: 'datetime', precision: 3, name: 'made_at' },
    price: { type: 'decimal', precision: 20, scale: 4 },
    big: { type: 'bigint' },
    data: { type: 'json' },
    body: { type: 'varbinary', length: 20 },
    paid: { type: 'boolean' },
  },
})
const notes = new EntitySchema<NoteEntity>({
  name: 'NoteEntity',
  target: NoteEntity,
  tableName: 'notes',
  columns: {
    id: { type: 'int', primary: true, generated: 'increment' },
    userId: { type: 'int', name: 'user_id' },
    text: { type: 'varchar', length: 40 },
  },
})
const ofId = {
  id: { type: 'bigint', primary: true },
  userId: { type: 'int', name: 'user_id' },
  text: { type: 'varchar', length: 40 },
} as const
const parcels = new EntitySchema<ParcelEntity>({
  name: 'ParcelEntity',
  target: ParcelEntity,
  tableName: 'parcels',
  columns: ofId,
  relations: { stops: { type: 'one-to-many', target: 'StopEntity', inverseSide: 'parcel' } },
})
const stops = new EntitySchema<StopEntity>({
  name: 'StopEntity',
  target: StopEntity,
  tableName: 'stops',
  columns: { ...ofId, parcelId: { type: 'bigint', name: 'parcel_id' } },
  relations: {
    parcel: {
      type: 'many-to-one',
      target: 'ParcelEntity',
      inverseSide: 'stops',
      joinColumn: { name: 'parcel_id' },
    },
  },
})
const entities = [orders, items, currencies, samples, notes, parcels, stops]

const toRow = ({ userId: user, id, product, cents }: OrderEntity): Order => ({
  userId: user,
  id,
  product,
  cents,
})
const toItem = ({ userId: user, orderId, line, currency }: ItemEntity): Item => ({
  userId: user,
  orderId,
  line,
  currency,
})
const withItems = (order: OrderEntity) => ({
  ...toRow(order),
  items: (order.items ?? []).map(toItem).toSorted((a, b) => a.line - b.line),
})

function operations(manager: EntityManager): OrmInside {
  const run = <T>(body: (orm: OrmInside) => Promise<T>): Promise<T> =>
    manager.transaction((inner) => body(operations(inner)))
  return {
    ...rows(manager),
    ...bulk(manager),
    ...relations(manager),
    ...reports(manager),
    ...byIdAlone(manager),
    transaction: run,
    nest: run,
    raw: (sql, values) => manager.query(sql, [...values]),
    stream: (user) => streamOrders(manager, user),
    insertSample: (sample: Sample) =>
      manager.insert(SampleEntity, { ...sample, data: sample.data as object, big: String(sample.big) }),
    findSample: async (user, id) => {
      const found = await manager.findOneBy(SampleEntity, { userId: user, id })
      return found === null ? undefined : Object.fromEntries(Object.entries(found))
    },
  }
}

function rows(manager: EntityManager): OrmInside {
  const find = (user: number, id: number) => manager.findOneBy(OrderEntity, { userId: user, id })
  return {
    insert: (order) => manager.insert(OrderEntity, order),
    insertItem: (item) => manager.insert(ItemEntity, item),
    find: async (user, id) => {
      const found = await find(user, id)
      return found === null ? undefined : toRow(found)
    },
    list: async (user) =>
      (await manager.find(OrderEntity, { where: { userId: user }, order: { id: 'ASC' } })).map(toRow),
    listAll: async () => (await manager.find(OrderEntity, { order: { id: 'ASC' } })).map(toRow),
    update: async (user, id, cents) =>
      (await manager.update(OrderEntity, { userId: user, id }, { cents })).affected ?? -1,
    remove: async (user, id) => (await manager.delete(OrderEntity, { userId: user, id })).affected ?? -1,
    change: async (user, id, cents) => {
      const found = await manager.findOneByOrFail(OrderEntity, { userId: user, id })
      found.cents = cents
      await manager.save(found)
      return toRow(await manager.findOneByOrFail(OrderEntity, { userId: user, id }))
    },
    removeLoaded: async (user, id) =>
      await manager.remove(await manager.findOneByOrFail(OrderEntity, { userId: user, id })),
    upsert: (order) => manager.upsert(OrderEntity, order, ['userId', 'id']),
    insertNote: async (note: Note) => (await manager.save(NoteEntity, { ...note })).id,
    changeNote: async (id, words) => {
      const note = await manager.findOneByOrFail(NoteEntity, { id })
      note.text = words
      await manager.save(note)
      return (await manager.findOneByOrFail(NoteEntity, { id })).text
    },
  }
}

function bulk(manager: EntityManager): OrmInside {
  return {
    insertMany: (many) =>
      manager.save(
        OrderEntity,
        many.map((order) => ({ ...order })),
      ),
    updateMany: async (user, ids, cents) => {
      const update = manager.createQueryBuilder().update(OrderEntity).set({ cents })
      const where = update.where('userId = :user AND id IN (:...ids)', { user, ids: [...ids] })
      return (await where.execute()).affected ?? -1
    },
    removeMany: async (user, ids) => {
      const remove = manager.createQueryBuilder().delete().from(OrderEntity)
      const where = remove.where('userId = :user AND id IN (:...ids)', { user, ids: [...ids] })
      return (await where.execute()).affected ?? -1
    },
    insertNotes: async (many) =>
      (await manager.insert(NoteEntity, [...many])).identifiers.map(({ id }) => Number(id)),
  }
}

function relations(manager: EntityManager): OrmInside {
  return {
    insertWithItems: (order) =>
      manager.save(
        manager.create(OrderEntity, { ...order, items: order.items.map((item) => ({ ...item })) }),
      ),
    listWithItems: async (user) => {
      const found = await manager.find(OrderEntity, {
        where: { userId: user },
        relations: { items: true },
        order: { id: 'ASC' },
      })
      return found.map(withItems)
    },
    itemsOf: async (user, id) => {
      const order = await manager.findOneByOrFail(OrderEntity, { userId: user, id })
      return (await order.lazyItems).map(toItem).toSorted((a, b) => a.line - b.line)
    },
    page: async (user, limit, offset) => {
      const [found, total] = await manager.findAndCount(OrderEntity, {
        where: { userId: user },
        relations: { items: true },
        order: { id: 'DESC' },
        take: limit,
        skip: offset,
      })
      return { total, orders: found.map(withItems) }
    },
  }
}

const stopsOf = ({ stops }: ParcelEntity) => (stops ?? []).map(({ id }) => BigInt(id)).toSorted(compare)

function byIdAlone(manager: EntityManager): OrmInside {
  const load = (id: bigint) => manager.findOneByOrFail(ParcelEntity, { id: String(id) })
  return {
    insertParcels: (many) =>
      manager.save(
        ParcelEntity,
        many.map((parcel) => ({ ...parcel, id: String(parcel.id) })),
      ),
    insertStops: (many) =>
      manager.insert(
        StopEntity,
        many.map(({ id, parcelId, ...stop }) => ({ ...stop, id: String(id), parcelId: String(parcelId) })),
      ),
    changeParcel: async (id, text) => {
      const parcel = await load(id)
      parcel.text = text
      await manager.save(parcel)
      return (await load(id)).text
    },
    removeParcel: async (id) => await manager.remove(await load(id)),
    stopsOf: async (id) => {
      const where = { id: String(id) }
      const joined = await manager.findOneOrFail(ParcelEntity, { where, relations: { stops: true } })
      return stopsOf(joined)
    },
    parcelsOf: async (userId) => {
      const order = { id: 'ASC' } as const
      const found = await manager.find(ParcelEntity, { where: { userId }, relations: { stops: true }, order })
      return found.map((parcel) => ({ id: BigInt(parcel.id), stops: stopsOf(parcel) }))
    },
    laterStopsOf: async (userId, id) => {
      const query = { relations: { stops: true }, relationLoadStrategy: 'query' } as const
      return stopsOf(
        await manager.findOneOrFail(ParcelEntity, { where: { userId, id: String(id) }, ...query }),
      )
    },
  }
}

function reports(manager: EntityManager): OrmInside {
  return {
    currencyNames: async (user) => {
      const found = await manager.find(ItemEntity, {
        where: { userId: user },
        relations: { currencyRow: true },
        order: { orderId: 'ASC', line: 'ASC' },
      })
      return found.map(({ currencyRow }) => currencyRow?.name ?? '')
    },
    totals: async (user) => ({
      count: await manager.countBy(OrderEntity, { userId: user }),
      cents: (await manager.sum(OrderEntity, 'cents', { userId: user })) ?? 0,
      most: (await manager.maximum(OrderEntity, 'cents', { userId: user })) ?? 0,
    }),
    countByCurrency: async (user) => {
      const found = await manager
        .createQueryBuilder(ItemEntity, 'item')
        .select('item.currency', 'currency')
        .addSelect('COUNT(*)', 'count')
        .where('item.userId = :user', { user })
        .groupBy('item.currency')
        .orderBy('item.currency')
        .getRawMany<{ currency: number; count: string }>()
      return found.map(({ currency, count }) => ({ currency, count: Number(count) }))
    },
  }
}

async function* streamOrders(manager: EntityManager, user: number): AsyncIterable<Order> {
  const runner = manager.dataSource.createQueryRunner()
  try {
    const query = manager.createQueryBuilder(OrderEntity, 'o').where('o.userId = :user', { user })
    const stream = await query.setQueryRunner(runner).orderBy('o.id').stream()
    for await (const row of stream) yield fromRaw(row)
  } finally {
    await runner.release()
  }
}

/** Streams of TypeORM give the columns of the result, prefixed by the alias. */
function fromRaw(row: unknown): Order {
  const number = (name: string) => Number(propertyOf(row, name))
  return {
    userId: number('o_user_id'),
    id: number('o_id'),
    product: String(propertyOf(row, 'o_product')),
    cents: number('o_cents'),
  }
}

async function open(backend: Backend, type: 'mysql' | 'mariadb'): Promise<Orm> {
  const place = backend.kind === 'sherd' ? { driver: driverModule(backend.sherd) } : { url: backend.url }
  const source = await new DataSource({ type, entities, ...place }).initialize()
  return { ...operations(source.manager), close: () => source.destroy() }
}

/** `mariadb` asks for generated columns by RETURNING, `mysql` reads them after the statement. */
export const typeormUnderTest = (type: 'mysql' | 'mariadb'): OrmUnderTest => ({
  name: `TypeORM (${type})`,
  tables: tablesOf(getMetadataArgsStorage(), entities),
  open: (backend) => open(backend, type),
  lacks: {
    findOrCreate: 'TypeORM has no call for it',
    cancel: 'TypeORM has no call that ends a statement; sherd.deadline() does',
  },
  ownRemedy: /@PrimaryColumn/,
  classify: (error) => (error instanceof QueryFailedError ? classifyServerError(error.driverError) : 'other'),
  refusalCode: (error) =>
    error instanceof QueryFailedError ? propertyOf(error.driverError, 'code') : undefined,
})
