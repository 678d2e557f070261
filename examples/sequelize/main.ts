import { DataTypes, DatabaseError, type InferAttributes, Model, Sequelize } from 'sequelize'
import { type Sherd, SherdError, createSherd, defineConfig } from 'sherd'
import { dialectModule, tablesOf } from 'sherd/sequelize'
import { withServers } from '../lib/with-servers.ts'

// Models belong to a Sequelize, so it is there before sherd and asks for it with its first query.
let sherd: Sherd | undefined
const sequelize = new Sequelize({
  dialect: 'mysql',
  dialectModule: dialectModule(() => sherd),
  pool: { max: 50 },
  logging: false,
  define: { timestamps: false, underscored: true },
})

class Order extends Model<InferAttributes<Order, { omit: 'items' }>> {
  declare customerId: number
  declare id: number
  declare cents: number
  declare items?: Item[]
}
// Two attributes in the primary key: Sequelize then sends both in save, reload and destroy.
const key = () => ({ type: DataTypes.INTEGER, primaryKey: true })
const shard = { group: 'product', key: 'customerId' } as const
Order.init(
  { id: key(), customerId: key(), cents: DataTypes.INTEGER },
  { sequelize, tableName: 'orders', shard },
)

class Item extends Model<InferAttributes<Item>> {
  declare customerId: number
  declare orderId: number
  declare line: number
  declare product: string
}
Item.init(
  { customerId: key(), orderId: key(), line: key(), product: DataTypes.STRING(40) },
  { sequelize, tableName: 'order_items', shard },
)
Order.hasMany(Item, { as: 'items', foreignKey: 'orderId', sourceKey: 'id', constraints: false })

await withServers(async ({ main, servers }) => {
  const product = { databaseName: 'sequelize_example', logicalShards: 4, servers }
  const tables = tablesOf([Order, Item])
  const databases = { default: { primary: main } }
  sherd = await createSherd(defineConfig({ databases, shardGroups: { product }, tables }))
  await sherd.createDatabases()
  await sequelize.sync()

  for (const customerId of [1, 2]) {
    await Order.create({ customerId, id: 1, cents: customerId * 500 })
    const products = ['book', 'pen'].map((product, line) => ({ customerId, orderId: 1, line, product }))
    await Item.bulkCreate(products)
  }
  await sequelize.transaction(async (transaction) => {
    await Order.create({ customerId: 1, id: 2, cents: 300 }, { transaction })
    await Order.update({ cents: 450 }, { where: { customerId: 1, id: 1 }, transaction })
  })
  for (const customerId of [1, 2]) {
    // Sequelize associates by one column, so the shard key is said for the items, too.
    const include = { model: Item, as: 'items', where: { customerId }, required: false }
    const found = await Order.findAll({ where: { customerId }, include, order: ['id'] })
    const lines = found.map(({ id, cents, items }) => `order ${id}, ${cents} cents, ${items?.length} items`)
    console.log(`Customer ${customerId} on ${sherd.locate('product', customerId).name}: ${lines.join('; ')}`)
  }
  try {
    await Order.findOne({ where: { id: 1 } })
  } catch (error) {
    if (!(error instanceof DatabaseError && error.parent instanceof SherdError)) throw error
    console.log(`${error.parent.code}: ${error.parent.remedy}`)
  }
  await sequelize.close()
  await sherd.close()
})
