import { DataTypes, Sequelize } from 'sequelize'
import type * as SherdSequelize from '../../src/orm/sequelize.ts'
import { type CartOrm, connectionLimit, pageSize, type Side } from './carts.ts'

const key = (field: string) => ({ type: DataTypes.INTEGER, primaryKey: true, field })
const text = () => ({ type: DataTypes.STRING(40), allowNull: false })

export async function openSequelize(side: Side): Promise<CartOrm> {
  const options = {
    dialect: 'mysql',
    logging: false,
    pool: { max: connectionLimit },
    define: { timestamps: false },
  } as const
  const sequelize =
    side.kind === 'plain' ? new Sequelize(side.url, options) : await openOnSherd(side, options)
  const cents = { type: DataTypes.INTEGER, allowNull: false }
  const carts = sequelize.define(
    'Cart',
    { id: key('id'), userId: key('user_id'), cents },
    { tableName: 'carts' },
  )
  const items = sequelize.define(
    'Item',
    { userId: key('user_id'), cartId: key('cart_id'), line: key('line'), product: text() },
    { tableName: 'cart_items' },
  )
  const events = sequelize.define(
    'CartEvent',
    { id: key('id'), userId: key('user_id'), note: text() },
    { tableName: 'cart_events' },
  )
  carts.hasMany(items, { as: 'items', foreignKey: 'cartId', sourceKey: 'id', constraints: false })
  return {
    find: (userId, id) => carts.findOne({ where: { userId, id } }),
    insert: (event) => events.create({ ...event }),
    change: (event, { userId, id, cents: value }) =>
      sequelize.transaction(async (transaction) => {
        await events.create({ ...event }, { transaction })
        await carts.update({ cents: value }, { where: { userId, id }, transaction })
        return carts.findOne({ where: { userId, id }, transaction })
      }),
    page: (userId) =>
      carts.findAll({
        where: { userId },
        include: [{ model: items, as: 'items', where: { userId }, required: false }],
        order: [['id', 'DESC']],
        limit: pageSize,
      }),
    close: () => sequelize.close(),
  }
}

async function openOnSherd(side: Side & { kind: 'sherd' }, options: object): Promise<Sequelize> {
  const { dialectModule } = await side.build.load<typeof SherdSequelize>('orm/sequelize.js')
  return new Sequelize({ ...options, dialectModule: dialectModule(() => side.sherd) })
}
