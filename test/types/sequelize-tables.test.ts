import { type CreationOptional, DataTypes, type InferAttributes, Model, Sequelize } from 'sequelize'
import { expect, test } from 'vitest'
import { dialectModule, tablesOf } from '../../src/orm/sequelize.ts'
import { isolated, reference, sharded } from '../../src/topology/table-kinds.ts'

class Order extends Model<InferAttributes<Order>> {
  declare id: CreationOptional<string>
  declare userId: number
  declare referrerId: number | null
  declare isPaid: boolean
  declare madeAt: Date
}
class Item extends Model<InferAttributes<Item>> {
  declare userId: number
  declare orderId: string
}
class Currency extends Model<InferAttributes<Currency>> {
  declare code: string
  declare changedAt: Date
}
class Audit extends Model<InferAttributes<Audit>> {
  declare id: number
}

const open = () => new Sequelize({ dialect: 'mysql', dialectModule: dialectModule(() => undefined) })
const columns = (...names: readonly string[]) =>
  Object.fromEntries(
    names.map((name) => [
      name,
      {
        type: DataTypes.BIGINT,
        primaryKey: name === 'id',
        field: name.replace(/[A-Z]/g, '_$&').toLowerCase(),
      },
    ]),
  )

test('models become table kinds under the names of the database; those without the option stay unknown', () => {
  const sequelize = open()
  Order.init(columns('id', 'userId', 'referrerId', 'isPaid', 'madeAt') as never, {
    sequelize,
    tableName: 'orders',
    shard: { group: 'product', key: 'userId', ids: { id: 'time' } },
  })
  Item.init(columns('userId', 'orderId') as never, {
    sequelize,
    tableName: 'order_items',
    shard: {
      group: 'product',
      key: 'userId',
      foreignKeys: [{ columns: ['orderId'], references: 'Order', referencedColumns: ['id'] }],
    },
  })
  Currency.init(columns('code', 'changedAt') as never, {
    sequelize,
    tableName: 'currencies',
    shard: reference('all', { cursor: 'changedAt' }),
  })
  Audit.init(columns('id') as never, { sequelize, tableName: 'audits', shard: isolated('product') })
  sequelize.define('unknown', {})
  expect(tablesOf(sequelize.models)).toEqual({
    orders: sharded('product', 'user_id', { ids: { id: 'time' } }),
    order_items: sharded('product', 'user_id', {
      foreignKeys: [{ columns: ['order_id'], references: 'orders', referencedColumns: ['id'] }],
    }),
    currencies: reference('all', { cursor: 'changed_at' }),
    audits: isolated('product'),
  })
})

test('a key that may be NULL, an attribute and a model that do not exist are refused', () => {
  const config = expect.objectContaining({ code: 'SHERD_CONFIG' })
  const define = (shard: object, allowNull = false) =>
    open().define('guest', { userId: { type: DataTypes.BIGINT, allowNull } }, { shard: shard as never })
  expect(() => tablesOf([define({ group: 'g', key: 'userId' }, true)])).toThrow(config)
  expect(() => tablesOf([define({ group: 'g', key: 'user' })])).toThrow(config)
  const foreignKeys = [{ columns: ['userId'], references: 'User', referencedColumns: ['id'] }]
  expect(() => tablesOf([define({ group: 'g', key: 'userId', foreignKeys })])).toThrow(config)
})

test('a query before there is a sherd is refused', async () => {
  const failure = await open()
    .authenticate()
    .catch((error: unknown) => error)
  expect(failure).toHaveProperty('parent.code', 'SHERD_CONFIG')
})

/** Compiled, never run: each line below must be a type error. */
export function wrongDeclarations(sequelize: Sequelize): void {
  const attributes = columns('userId') as never
  // @ts-expect-error no such attribute
  Order.init(attributes, { sequelize, shard: { group: 'product', key: 'user_id' } })
  // @ts-expect-error an attribute that may be null: NULL belongs to no shard
  Order.init(attributes, { sequelize, shard: { group: 'product', key: 'referrerId' } })
  // @ts-expect-error a text needs its keyType, be it a BIGINT read as text
  Order.init(attributes, { sequelize, shard: { group: 'product', key: 'id' } })
  // @ts-expect-error a boolean
  Order.init(attributes, { sequelize, shard: { group: 'product', key: 'isPaid' } })
  // @ts-expect-error a date
  Order.init(attributes, { sequelize, shard: { group: 'product', key: 'madeAt' } })
  // @ts-expect-error a number is not a string key
  Order.init(attributes, { sequelize, shard: { group: 'product', key: 'userId', keyType: 'string' } })
  // @ts-expect-error the group is missing
  Order.init(attributes, { sequelize, shard: { key: 'userId' } })
  // @ts-expect-error a time id does not fit into a number
  Order.init(attributes, { sequelize, shard: { group: 'product', key: 'userId', ids: { userId: 'time' } } })
  // @ts-expect-error the cursor of a reference table is a date
  Order.init(attributes, { sequelize, shard: reference('all', { cursor: 'isPaid' }) })
  Order.init(attributes, { sequelize, shard: { group: 'product', key: 'id', keyType: 'integer' } })
}
