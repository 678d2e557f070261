import knex, { type Knex } from 'knex'
import { Model, snakeCaseMappers } from 'objection'
import { SherdError, createSherd, defineConfig } from 'sherd'
import { type ObjectionShards, objectionTables, openKnex } from 'sherd/knex'
import { withServers } from '../lib/with-servers.ts'

class Item extends Model {
  static override tableName = 'order_items'
  static override idColumn = ['customer_id', 'order_id', 'line']
  static override columnNameMappers = snakeCaseMappers()
  static shard: ObjectionShards<Item> = { group: 'product', key: 'customerId' }
  customerId!: number
  orderId!: number
  line!: number
  product!: string
}

// The key is a part of the id and of the relation: Objection then sends both in $query and graphs.
class Order extends Model {
  static override tableName = 'orders'
  static override idColumn = ['customer_id', 'id']
  static override columnNameMappers = snakeCaseMappers()
  static shard: ObjectionShards<Order> = { group: 'product', key: 'customerId' }
  static override relationMappings = {
    items: {
      relation: Model.HasManyRelation,
      modelClass: Item,
      join: {
        from: ['orders.customer_id', 'orders.id'],
        to: ['order_items.customer_id', 'order_items.order_id'],
      },
    },
  }
  customerId!: number
  id!: number
  cents!: number
  items!: Partial<Item>[]
}

async function createTables(db: Knex): Promise<void> {
  await db.schema.raw(
    'CREATE TABLE orders (customer_id INT, id INT, cents INT, PRIMARY KEY (customer_id, id))',
  )
  await db.schema.raw(`CREATE TABLE order_items (customer_id INT, order_id INT, line INT, product VARCHAR(40),
    PRIMARY KEY (customer_id, order_id, line))`)
}

await withServers(async ({ main, servers }) => {
  const product = { databaseName: 'objection_example', logicalShards: 4, servers }
  const tables = objectionTables([Order, Item])
  const databases = { default: { primary: main } }
  const sherd = await createSherd(defineConfig({ databases, shardGroups: { product }, tables }))
  await sherd.createDatabases()
  const db = openKnex(sherd, (connection) => knex({ ...connection }))
  Model.knex(db)
  await createTables(db)

  for (const customerId of [1, 2]) {
    const items = ['book', 'pen'].map((product, line) => ({ line, product }))
    await Order.query().insertGraph({ customerId, id: 1, cents: customerId * 500, items })
  }
  await Order.transaction(async (trx) => {
    await Order.query(trx).insert({ customerId: 1, id: 2, cents: 300 })
    await Order.query(trx).findById([1, 1]).patch({ cents: 450 })
  })
  for (const customerId of [1, 2]) {
    const found = await Order.query().where('customer_id', customerId).withGraphFetched('items').orderBy('id')
    const lines = found.map(({ id, cents, items }) => `order ${id}, ${cents} cents, ${items.length} items`)
    console.log(`Customer ${customerId} on ${sherd.locate('product', customerId).name}: ${lines.join('; ')}`)
  }
  try {
    await Order.query().findOne({ id: 1 })
  } catch (error) {
    if (!(error instanceof SherdError)) throw error
    console.log(`${error.code}: ${error.remedy}`)
  }
  await db.destroy()
  await sherd.close()
})
