import { DriverException, MikroORM, MySqlDriver, defineEntity, p } from '@mikro-orm/mysql'
import { MysqlDialect } from 'kysely'
import { createSherd, defineConfig } from 'sherd'
import { mikroOrmPool, sharded } from 'sherd/mikro-orm'
import { withServers } from '../lib/with-servers.ts'

// The shard key is a part of both primary keys, and so of the relation: MikroORM then sends it always.
const Order = defineEntity({
  name: 'Order',
  tableName: 'orders',
  properties: {
    customerId: p.integer().primary(),
    id: p.integer().primary(),
    cents: p.integer(),
    items: () => p.oneToMany(Item).mappedBy('order'),
  },
})
const Item = defineEntity({
  name: 'Item',
  tableName: 'order_items',
  properties: {
    order: () => p.manyToOne(Order).primary().joinColumns('customer_id', 'order_id'),
    line: p.integer().primary(),
    product: p.string().length(40),
  },
})
const tables = [
  sharded(Order, { group: 'product', key: 'customerId' }),
  sharded(Item, { group: 'product', key: 'order.customerId' }),
]

await withServers(async ({ main, servers }) => {
  const product = { databaseName: 'mikro_orm_example', logicalShards: 4, servers }
  const databases = { default: { primary: main } }
  const sherd = await createSherd(defineConfig({ databases, shardGroups: { product }, tables }))
  await sherd.createDatabases()
  const orm = await MikroORM.init({
    driver: MySqlDriver,
    driverOptions: new MysqlDialect({ pool: mikroOrmPool(sherd) }),
    dbName: new URL(main).pathname.slice(1),
    ensureDatabase: false,
    entities: [Order, Item],
  })
  await orm.schema.create()

  for (const customerId of [1, 2]) {
    const em = orm.em.fork()
    const items = ['book', 'pen'].map((product, line) => ({ line, product }))
    em.create(Order, { customerId, id: 1, cents: customerId * 500, items })
    await em.flush()
  }
  await orm.em.fork().transactional(async (em) => {
    em.create(Order, { customerId: 1, id: 2, cents: 300 })
    const first = await em.findOneOrFail(Order, { customerId: 1, id: 1 })
    first.cents = 450
  })
  for (const customerId of [1, 2]) {
    const options = { populate: ['items'], orderBy: { id: 'asc' } } as const
    const found = await orm.em.fork().find(Order, { customerId }, options)
    const lines = found.map(({ id, cents, items }) => `order ${id}, ${cents} cents, ${items.length} items`)
    console.log(`Customer ${customerId} on ${sherd.locate('product', customerId).name}: ${lines.join('; ')}`)
  }
  try {
    await orm.em.fork().findOne(Order, { id: 1 })
  } catch (error) {
    if (!(error instanceof DriverException && 'remedy' in error)) throw error
    console.log(`${error.code}: ${String(error.remedy)}`)
  }
  await orm.close()
  await sherd.close()
})
