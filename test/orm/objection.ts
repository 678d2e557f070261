import type { Knex } from 'knex'
import { DBError, ForeignKeyViolationError, Model, snakeCaseMappers, UniqueViolationError } from 'objection'
import { type ObjectionShards, objectionTables } from '../../src/orm/knex.ts'
import { reference } from '../../src/topology/table-kinds.ts'
import type { Item, Order, OrmInside, OrmUnderTest, Parcel, Sample } from './behaviour.ts'
import { classifyServerError, codeOf, propertyOf } from './errors.ts'
import { knexOn } from './knex.ts'
import { compare } from './order-tables.ts'

class Base extends Model {
  static override columnNameMappers = snakeCaseMappers()
}
class OrderModel extends Base {
  static override tableName = 'orders'
  static override idColumn = ['user_id', 'id']
  static shard: ObjectionShards<OrderModel> = { group: 'product', key: 'userId' }
  static override relationMappings = () => ({
    items: {
      relation: Model.HasManyRelation,
      modelClass: ItemModel,
      join: {
        from: ['orders.user_id', 'orders.id'],
        to: ['order_items.user_id', 'order_items.order_id'],
      },
    },
  })
  userId!: number
  id!: number
  product!: string
  cents!: number
  items?: ItemModel[]
}
class ItemModel extends Base {
  static override tableName = 'order_items'
  static override idColumn = ['user_id', 'order_id', 'line']
  static shard: ObjectionShards<ItemModel> = { group: 'product', key: 'userId' }
  static override relationMappings = () => ({
    currencyRow: {
      relation: Model.BelongsToOneRelation,
      modelClass: CurrencyModel,
      join: { from: 'order_items.currency', to: 'currencies.code' },
    },
  })
  userId!: number
  orderId!: number
  line!: number
  currency!: number
}
class CurrencyModel extends Base {
  static override tableName = 'currencies'
  static override idColumn = 'code'
  static shard: ObjectionShards<CurrencyModel> = reference('product', { copies: 'unmanaged' })
  code!: number
  name!: string
}
class SampleModel extends Base {
  static override tableName = 'samples'
  static override idColumn = ['user_id', 'id']
  static override jsonAttributes = ['data']
  static shard: ObjectionShards<SampleModel> = { group: 'product', key: 'userId' }
  userId!: number
  id!: number
}
class NoteModel extends Base {
  static override tableName = 'notes'
  static shard: ObjectionShards<NoteModel> = { group: 'product', key: 'userId' }
  id!: number
  userId!: number
  text!: string
}
class ParcelModel extends Base {
  static override tableName = 'parcels'
  static shard: ObjectionShards<ParcelModel> = { group: 'product', key: 'userId', ids: { id: 'time' } }
  static override relationMappings = () => ({
    stops: {
      relation: Model.HasManyRelation,
      modelClass: StopModel,
      join: { from: 'parcels.id', to: 'stops.parcel_id' },
    },
  })
  id!: string
  userId!: number
  text!: string
  stops?: StopModel[]
}
class StopModel extends Base {
  static override tableName = 'stops'
  static shard: ObjectionShards<StopModel> = {
    group: 'product',
    key: 'userId',
    ids: { id: 'time', parcelId: 'time' },
  }
  id!: string
  parcelId!: string
  userId!: number
  text!: string
}

const toOrder = ({ userId, id, product, cents }: OrderModel): Order => ({ userId, id, product, cents })
const toItem = ({ userId, orderId, line, currency }: ItemModel): Item => ({ userId, orderId, line, currency })
const withItems = (order: OrderModel) => ({
  ...toOrder(order),
  items: (order.items ?? []).map(toItem).toSorted((a, b) => a.line - b.line),
})

function operations(knex: Knex): OrmInside {
  const run = <T>(body: (orm: OrmInside) => Promise<T>): Promise<T> =>
    knex.transaction((trx) => body(operations(trx)))
  return {
    ...rows(knex),
    ...bulk(knex),
    ...relations(knex),
    ...reports(knex),
    ...parcels(knex),
    transaction: run,
    nest: run,
    raw: async (sql, values) => {
      // Knex gives the rows and fields of the driver.
      const [found] = (await knex.raw(sql, values as Knex.RawBinding[])) as [unknown[]]
      return found
    },
    cancel: async (userId, isWaiting) => {
      // Long enough to be seen waiting; the lock is held until after it.
      const update = OrderModel.query(knex).where('user_id', userId).patch({ cents: 0 })
      const error = update.timeout(1_000, { cancel: true }).then(
        () => undefined,
        (reason: unknown) => reason,
      )
      await isWaiting()
      return await error
    },
    insertSample: ({ big, ...sample }: Sample) =>
      SampleModel.query(knex).insert({ ...sample, big: String(big) } as never),
    findSample: async (userId, id) => (await SampleModel.query(knex).findById([userId, id]))?.toJSON(),
  }
}

function rows(knex: Knex): OrmInside {
  const load = (userId: number, id: number) => OrderModel.query(knex).findById([userId, id]).throwIfNotFound()
  return {
    insert: (order) => OrderModel.query(knex).insert({ ...order }),
    insertItem: (item) => ItemModel.query(knex).insert({ ...item }),
    find: async (userId, id) => {
      const found = await OrderModel.query(knex).findById([userId, id])
      return found && toOrder(found)
    },
    list: async (userId) =>
      (await OrderModel.query(knex).where('user_id', userId).orderBy('id')).map(toOrder),
    listAll: async () => (await OrderModel.query(knex).orderBy('id')).map(toOrder),
    update: (userId, id, cents) => OrderModel.query(knex).findById([userId, id]).patch({ cents }),
    remove: (userId, id) => OrderModel.query(knex).deleteById([userId, id]),
    change: async (userId, id, cents) => {
      const found = await load(userId, id)
      await found.$query(knex).patch({ cents })
      return toOrder(await load(userId, id))
    },
    removeLoaded: async (userId, id) => await (await load(userId, id)).$query(knex).delete(),
    upsert: (order) =>
      OrderModel.query(knex)
        .insert({ ...order })
        .onConflict(['user_id', 'id'])
        .merge(),
    insertNote: async (note) => (await NoteModel.query(knex).insert({ ...note })).id,
    changeNote: async (id, text) => {
      const note = await NoteModel.query(knex).findById(id).throwIfNotFound()
      await note.$query(knex).patch({ text })
      return (await NoteModel.query(knex).findById(id).throwIfNotFound()).text
    },
  }
}

function bulk(knex: Knex): OrmInside {
  const some = (userId: number, ids: readonly number[]) =>
    OrderModel.query(knex)
      .where('user_id', userId)
      .whereIn('id', [...ids])
  return {
    insertMany: (many) =>
      knex.batchInsert(
        'orders',
        many.map(({ userId, ...order }) => ({ user_id: userId, ...order })),
      ),
    updateMany: (userId, ids, cents) => some(userId, ids).patch({ cents }),
    removeMany: (userId, ids) => some(userId, ids).delete(),
  }
}

function relations(knex: Knex): OrmInside {
  return {
    insertWithItems: (order) => OrderModel.query(knex).insertGraph(order as never),
    listWithItems: async (userId) => {
      const found = await OrderModel.query(knex)
        .where('orders.user_id', userId)
        .withGraphFetched('items')
        .orderBy('orders.id')
      return found.map(withItems)
    },
    itemsOf: async (userId, id) => {
      const order = await OrderModel.query(knex).findById([userId, id]).throwIfNotFound()
      return (await order.$relatedQuery<ItemModel>('items', knex).orderBy('line')).map(toItem)
    },
    page: async (userId, limit, offset) => {
      const { results, total } = await OrderModel.query(knex)
        .where('orders.user_id', userId)
        .withGraphFetched('items')
        .orderBy('orders.id', 'DESC')
        .range(offset, offset + limit - 1)
      return { total, orders: results.map(withItems) }
    },
  }
}

const idsOf = (stops: readonly StopModel[] = []) => stops.map(({ id }) => BigInt(id)).toSorted(compare)

function parcels(knex: Knex): OrmInside {
  const load = (id: bigint) => ParcelModel.query(knex).findById(String(id)).throwIfNotFound()
  const toRow = ({ id, userId, text }: Parcel) => ({ id: String(id), user_id: userId, text })
  return {
    insertParcels: (many) => knex.batchInsert('parcels', many.map(toRow)),
    insertStops: (many) =>
      knex.batchInsert(
        'stops',
        many.map((stop) => ({ ...toRow(stop), parcel_id: String(stop.parcelId) })),
      ),
    changeParcel: async (id, text) => {
      await (await load(id)).$query(knex).patch({ text })
      return (await load(id)).text
    },
    removeParcel: async (id) => await (await load(id)).$query(knex).delete(),
    stopsOf: async (id) => {
      const { stops } = await load(id).withGraphFetched('stops')
      return idsOf(stops)
    },
    parcelsOf: async (userId) => {
      const joined = ParcelModel.query(knex).withGraphJoined('stops').where('parcels.user_id', userId)
      const rows = await joined.orderBy('parcels.id')
      return rows.map(({ id, stops }) => ({ id: BigInt(id), stops: idsOf(stops) }))
    },
    laterStopsOf: async (userId, id) => {
      const parcel = await ParcelModel.query(knex).findOne({ user_id: userId, id: String(id) })
      return idsOf(await parcel?.$relatedQuery<StopModel>('stops', knex))
    },
  }
}

function reports(knex: Knex): OrmInside {
  return {
    currencyNames: async (userId) => {
      const found = await ItemModel.query(knex)
        .joinRelated('currencyRow')
        .where('order_items.user_id', userId)
        .orderBy(['order_id', 'line'])
        .select('currencyRow.name')
      return found.map((row) => String(propertyOf(row, 'name')))
    },
    totals: async (userId) => {
      const row = await OrderModel.query(knex)
        .where('user_id', userId)
        .count('* as count')
        .sum('cents as cents')
        .max('cents as most')
        .first()
      const number = (name: string) => Number(propertyOf(row, name))
      return { count: number('count'), cents: number('cents'), most: number('most') }
    },
    countByCurrency: async (userId) => {
      const found = await ItemModel.query(knex)
        .where('user_id', userId)
        .groupBy('currency')
        .orderBy('currency')
        .select('currency')
        .count('* as count')
      return found.map((row) => ({ currency: row.currency, count: Number(propertyOf(row, 'count')) }))
    },
  }
}

export const objectionUnderTest: OrmUnderTest = {
  name: 'Objection',
  tables: objectionTables([
    OrderModel,
    ItemModel,
    CurrencyModel,
    SampleModel,
    NoteModel,
    ParcelModel,
    StopModel,
  ]),
  open: (backend) => {
    const knex = knexOn(backend)
    return Promise.resolve({ ...operations(knex), close: () => knex.destroy() })
  },
  lacks: {
    findOrCreate: 'Objection has no call for it',
    stream: 'Objection reads whole results; streams are those of Knex',
    insertNotes: 'Objection inserts many rows in one call on PostgreSQL only; batchInsert is that of Knex',
  },
  ownRemedy: /idColumn/,
  classify: (error) => {
    if (error instanceof UniqueViolationError) return 'duplicate key'
    if (error instanceof ForeignKeyViolationError) return 'foreign key'
    return error instanceof DBError ? classifyServerError(error.nativeError) : classifyServerError(error)
  },
  refusalCode: codeOf,
}
