import {
  BaseError,
  col,
  type CreationOptional,
  DataTypes,
  DatabaseError,
  ForeignKeyConstraintError,
  fn,
  type InferAttributes,
  type InferCreationAttributes,
  Model,
  type NonAttribute,
  QueryTypes,
  Sequelize,
  type Transaction,
  UniqueConstraintError,
} from 'sequelize'
import { dialectModule, tablesOf } from '../../src/orm/sequelize.ts'
import { reference } from '../../src/topology/table-kinds.ts'
import type { Backend, Item, Note, Order, Orm, OrmInside, OrmUnderTest, Sample } from './behaviour.ts'
import { propertyOf } from './errors.ts'
import { compare } from './order-tables.ts'

class OrderModel extends Model<InferAttributes<OrderModel>, InferCreationAttributes<OrderModel>> {
  declare userId: number
  declare id: number
  declare product: string
  declare cents: number
  declare items?: NonAttribute<ItemModel[]>
  declare getItems: (options: object) => Promise<ItemModel[]>
}
class ItemModel extends Model<InferAttributes<ItemModel>, InferCreationAttributes<ItemModel>> {
  declare userId: number
  declare orderId: number
  declare line: number
  declare currency: number
  declare currencyRow?: NonAttribute<CurrencyModel>
}
class CurrencyModel extends Model<InferAttributes<CurrencyModel>, InferCreationAttributes<CurrencyModel>> {
  declare code: number
  declare name: string
}
class SampleModel extends Model<InferAttributes<SampleModel>, InferCreationAttributes<SampleModel>> {
  declare userId: number
  declare id: number
  declare day: string
  declare madeAt: Date
  declare price: string
  declare big: string
  declare data: unknown
  declare body: Buffer
  declare paid: boolean
}
class NoteModel extends Model<InferAttributes<NoteModel>, InferCreationAttributes<NoteModel>> {
  declare id: CreationOptional<number>
  declare userId: number
  declare text: string
}
class ParcelModel extends Model<InferAttributes<ParcelModel>, InferCreationAttributes<ParcelModel>> {
  declare id: string
  declare userId: number
  declare text: string
  declare stops?: NonAttribute<StopModel[]>
}
class StopModel extends Model<InferAttributes<StopModel>, InferCreationAttributes<StopModel>> {
  declare id: string
  declare parcelId: string
  declare userId: number
  declare text: string
}

const userId = () => ({ type: DataTypes.INTEGER, allowNull: false, primaryKey: true, field: 'user_id' })
// Sequelize writes into the objects that it is given.
const integer = () => ({ type: DataTypes.INTEGER, allowNull: false })
const text = () => ({ type: DataTypes.STRING(40), allowNull: false })

/** Models belong to one Sequelize, so each gets classes of its own. */
function defineModels(sequelize: Sequelize) {
  const [Orders, Items, Currencies, Samples, Notes] = [
    class extends OrderModel {},
    class extends ItemModel {},
    class extends CurrencyModel {},
    class extends SampleModel {},
    class extends NoteModel {},
  ]
  const options = { sequelize, timestamps: false } as const
  Orders.init(
    { userId: userId(), id: { ...integer(), primaryKey: true }, product: text(), cents: integer() },
    { ...options, modelName: 'Order', tableName: 'orders', shard: { group: 'product', key: 'userId' } },
  )
  Items.init(
    {
      userId: userId(),
      orderId: { ...integer(), primaryKey: true, field: 'order_id' },
      line: { ...integer(), primaryKey: true },
      currency: integer(),
    },
    { ...options, modelName: 'Item', tableName: 'order_items', shard: { group: 'product', key: 'userId' } },
  )
  Currencies.init(
    { code: { ...integer(), primaryKey: true }, name: text() },
    {
      ...options,
      modelName: 'Currency',
      tableName: 'currencies',
      shard: reference('product', { copies: 'unmanaged' }),
    },
  )
  Samples.init(
    {
      userId: userId(),
      id: { ...integer(), primaryKey: true },
      day: DataTypes.DATEONLY,
      madeAt: { type: DataTypes.DATE(3), field: 'made_at' },
      price: DataTypes.DECIMAL(20, 4),
      big: DataTypes.BIGINT,
      data: DataTypes.JSON,
      body: DataTypes.BLOB,
      paid: DataTypes.BOOLEAN,
    },
    { ...options, modelName: 'Sample', tableName: 'samples', shard: { group: 'product', key: 'userId' } },
  )
  Notes.init(
    {
      id: { ...integer(), primaryKey: true, autoIncrement: true },
      userId: { ...integer(), field: 'user_id' },
      text: text(),
    },
    { ...options, modelName: 'Note', tableName: 'notes', shard: { group: 'product', key: 'userId' } },
  )
  const ofId = () => ({
    id: { type: DataTypes.BIGINT, primaryKey: true },
    userId: { ...integer(), field: 'user_id' },
    text: text(),
  })
  const shard = { group: 'product', key: 'userId' } as const
  class Parcels extends ParcelModel {}
  Parcels.init(ofId(), { ...options, tableName: 'parcels', shard: { ...shard, ids: { id: 'time' } } })
  class Stops extends StopModel {}
  Stops.init(
    { ...ofId(), parcelId: { type: DataTypes.BIGINT, field: 'parcel_id' } },
    { ...options, tableName: 'stops', shard: { ...shard, ids: { id: 'time', parcelId: 'time' } } },
  )
  Parcels.hasMany(Stops, { as: 'stops', foreignKey: 'parcelId', constraints: false })
  // Sequelize associates by one column; the other is given where the association is used.
  Orders.hasMany(Items, { as: 'items', foreignKey: 'orderId', sourceKey: 'id', constraints: false })
  Items.belongsTo(Currencies, {
    as: 'currencyRow',
    foreignKey: 'currency',
    targetKey: 'code',
    constraints: false,
  })
  return { Orders, Items, Currencies, Samples, Notes, Parcels, Stops }
}

type Models = ReturnType<typeof defineModels>

const toOrder = ({ userId: user, id, product, cents }: OrderModel): Order => ({
  userId: user,
  id,
  product,
  cents,
})
const toItem = ({ userId: user, orderId, line, currency }: ItemModel): Item => ({
  userId: user,
  orderId,
  line,
  currency,
})

function operations(sequelize: Sequelize, models: Models, transaction?: Transaction): OrmInside {
  const within = transaction === undefined ? {} : { transaction }
  const run = async <T>(body: (orm: OrmInside) => Promise<T>): Promise<T> =>
    await sequelize.transaction(within, (inner) => body(operations(sequelize, models, inner)))
  return {
    ...rows(models, within),
    ...bulk(models, within),
    ...relations(models, within),
    ...reports(models, within),
    ...byIdAlone(models, within),
    transaction: run,
    nest: run,
    raw: (sql, values) =>
      sequelize.query(sql, { replacements: [...values], type: QueryTypes.SELECT, ...within }),
    insertSample: (sample: Sample) => models.Samples.create({ ...sample, big: String(sample.big) }, within),
    findSample: async (user, id) =>
      (await models.Samples.findOne({ where: { userId: user, id }, ...within }))?.get(),
  }
}

type Within = { readonly transaction?: Transaction }

function rows({ Orders, Items, Notes }: Models, within: Within): OrmInside {
  const find = (user: number, id: number) => Orders.findOne({ where: { userId: user, id }, ...within })
  return {
    insert: (order) => Orders.create(order, within),
    insertItem: (item) => Items.create(item, within),
    find: async (user, id) => {
      const found = await find(user, id)
      return found === null ? undefined : toOrder(found)
    },
    list: async (user) =>
      (await Orders.findAll({ where: { userId: user }, order: ['id'], ...within })).map(toOrder),
    listAll: async () => (await Orders.findAll({ order: ['id'], ...within })).map(toOrder),
    update: async (user, id, cents) =>
      (await Orders.update({ cents }, { where: { userId: user, id }, ...within }))[0],
    remove: (user, id) => Orders.destroy({ where: { userId: user, id }, ...within }),
    change: async (user, id, cents) => {
      const found = await Orders.findOne({ where: { userId: user, id }, rejectOnEmpty: true, ...within })
      found.cents = cents
      await found.save(within)
      return toOrder(await found.reload(within))
    },
    removeLoaded: async (user, id) => await (await find(user, id))?.destroy(within),
    findOrCreate: async ({ userId: user, id, product, cents }) => {
      const [row, isNew] = await Orders.findOrCreate({
        where: { userId: user, id },
        defaults: { userId: user, id, product, cents },
        ...within,
      })
      return { order: toOrder(row), isNew }
    },
    upsert: (order) => Orders.upsert(order, within),
    insertNote: async (note: Note) => (await Notes.create(note, within)).id,
    changeNote: async (id, words) => {
      const note = await Notes.findByPk(id, { rejectOnEmpty: true, ...within })
      note.text = words
      await note.save(within)
      return (await note.reload(within)).text
    },
  }
}

function bulk({ Orders, Notes }: Models, within: Within): OrmInside {
  return {
    insertMany: (orders) => Orders.bulkCreate([...orders], within),
    updateMany: async (user, ids, cents) =>
      (await Orders.update({ cents }, { where: { userId: user, id: [...ids] }, ...within }))[0],
    removeMany: (user, ids) => Orders.destroy({ where: { userId: user, id: [...ids] }, ...within }),
    insertNotes: async (notes) => (await Notes.bulkCreate([...notes], within)).map(({ id }) => id),
  }
}

function relations({ Orders, Items }: Models, within: Within): OrmInside {
  const itemsOf = (user: number) => ({
    model: Items,
    as: 'items',
    where: { userId: user },
    required: false,
  })
  const withItems = (order: OrderModel) => ({
    ...toOrder(order),
    items: (order.items ?? []).map(toItem).toSorted((a, b) => a.line - b.line),
  })
  return {
    insertWithItems: (order) => Orders.create(order as never, { include: ['items'], ...within }),
    listWithItems: async (user) => {
      const found = await Orders.findAll({
        where: { userId: user },
        include: [itemsOf(user)],
        order: ['id'],
        ...within,
      })
      return found.map(withItems)
    },
    itemsOf: async (user, id) => {
      const order = await Orders.findOne({ where: { userId: user, id }, rejectOnEmpty: true, ...within })
      return (await order.getItems({ where: { userId: user }, order: ['line'], ...within })).map(toItem)
    },
    page: async (user, limit, offset) => {
      const { count, rows: found } = await Orders.findAndCountAll({
        where: { userId: user },
        include: [itemsOf(user)],
        order: [['id', 'DESC']],
        // With a primary key of two columns Sequelize would count the first one, the key.
        distinct: true,
        col: 'id',
        limit,
        offset,
        ...within,
      })
      return { total: count, orders: found.map(withItems) }
    },
  }
}

const stopsOf = ({ stops }: ParcelModel) => (stops ?? []).map(({ id }) => BigInt(id)).toSorted(compare)

function byIdAlone({ Parcels, Stops }: Models, within: Within): OrmInside {
  const load = (id: bigint) => Parcels.findByPk(String(id), { rejectOnEmpty: true, ...within })
  return {
    insertParcels: (many) =>
      Parcels.bulkCreate(
        many.map((parcel) => ({ ...parcel, id: String(parcel.id) })),
        within,
      ),
    insertStops: (many) =>
      Stops.bulkCreate(
        many.map((stop) => ({ ...stop, id: String(stop.id), parcelId: String(stop.parcelId) })),
        within,
      ),
    changeParcel: async (id, words) => {
      const parcel = await load(id)
      parcel.text = words
      await parcel.save(within)
      return (await parcel.reload(within)).text
    },
    removeParcel: async (id) => await (await load(id)).destroy(within),
    stopsOf: async (id) => {
      const found = await Parcels.findByPk(String(id), { include: 'stops', rejectOnEmpty: true, ...within })
      return stopsOf(found)
    },
    parcelsOf: async (userId) => {
      const found = await Parcels.findAll({ where: { userId }, include: 'stops', order: ['id'], ...within })
      return found.map((parcel) => ({ id: BigInt(parcel.id), stops: stopsOf(parcel) }))
    },
    laterStopsOf: async (userId, id) => {
      const include = [{ association: 'stops', separate: true }]
      const where = { userId, id: String(id) }
      return stopsOf(await Parcels.findOne({ where, include, rejectOnEmpty: true, ...within }))
    },
  }
}

function reports({ Orders, Items, Currencies }: Models, within: Within): OrmInside {
  return {
    currencyNames: async (user) => {
      const found = await Items.findAll({
        where: { userId: user },
        include: [{ model: Currencies, as: 'currencyRow', required: true }],
        order: ['orderId', 'line'],
        ...within,
      })
      return found.map(({ currencyRow }) => currencyRow?.name ?? '')
    },
    totals: async (user) => {
      const where = { userId: user }
      const count = await Orders.count({ where, ...within })
      const cents = await Orders.sum('cents', { where, ...within })
      return { count, cents, most: await Orders.max<number, OrderModel>('cents', { where, ...within }) }
    },
    countByCurrency: async (user) => {
      const found = await Items.findAll({
        attributes: ['currency', [fn('COUNT', col('line')), 'count']],
        where: { userId: user },
        group: ['currency'],
        order: ['currency'],
        raw: true,
        ...within,
      })
      // `raw` gives rows of the attributes.
      return (found as unknown as { currency: number; count: number }[]).map(({ currency, count }) => ({
        currency,
        count,
      }))
    },
  }
}

function open(backend: Backend): Promise<Orm> {
  const options = { dialect: 'mysql', logging: false, pool: { max: 20 } } as const
  const sequelize =
    backend.kind === 'sherd'
      ? new Sequelize({ ...options, dialectModule: dialectModule(() => backend.sherd) })
      : new Sequelize(backend.url, options)
  return Promise.resolve({
    ...operations(sequelize, defineModels(sequelize)),
    close: () => sequelize.close(),
  })
}

export const sequelizeUnderTest: OrmUnderTest = {
  name: 'Sequelize',
  tables: tablesOf(
    Object.values(
      defineModels(new Sequelize({ dialect: 'mysql', dialectModule: dialectModule(() => undefined) })),
    ),
  ),
  open,
  lacks: {
    stream: 'Sequelize reads whole results',
    cancel: 'Sequelize has no call that ends a statement; sherd.deadline() does',
  },
  ownRemedy: /primaryKey: true/,
  classify: (error) => {
    if (error instanceof UniqueConstraintError) return 'duplicate key'
    if (error instanceof ForeignKeyConstraintError) return 'foreign key'
    const isDeadlock =
      error instanceof DatabaseError && propertyOf(error.parent, 'code') === 'ER_LOCK_DEADLOCK'
    return isDeadlock ? 'deadlock' : 'other'
  },
  refusalCode: (error) =>
    error instanceof BaseError ? propertyOf(propertyOf(error, 'parent'), 'code') : undefined,
}
