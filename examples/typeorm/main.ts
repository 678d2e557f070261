import 'reflect-metadata'
import {
  Column,
  DataSource,
  Entity,
  JoinColumn,
  ManyToOne,
  OneToMany,
  PrimaryColumn,
  QueryFailedError,
  type Relation,
  getMetadataArgsStorage,
} from 'typeorm'
import { createSherd, defineConfig } from 'sherd'
import { Sharded, driverModule, tablesOf } from 'sherd/typeorm'
import { withServers } from '../lib/with-servers.ts'

// The primary key is the shard key and the id: TypeORM then sends both in save, remove and relations.
@Sharded<Order>({ group: 'product', key: 'customerId' })
@Entity('orders')
class Order {
  @PrimaryColumn('int', { name: 'customer_id' }) customerId!: number
  @PrimaryColumn('int') id!: number
  @Column('int') cents!: number
  @OneToMany(() => Item, (item) => item.order, { cascade: true }) items!: Relation<Item[]>
}

@Sharded<Item>({ group: 'product', key: 'customerId' })
@Entity('order_items')
class Item {
  @PrimaryColumn('int', { name: 'customer_id' }) customerId!: number
  @PrimaryColumn('int', { name: 'order_id' }) orderId!: number
  @PrimaryColumn('int') line!: number
  @Column('varchar', { length: 40 }) product!: string
  @ManyToOne(() => Order, (order) => order.items)
  @JoinColumn([
    { name: 'customer_id', referencedColumnName: 'customerId' },
    { name: 'order_id', referencedColumnName: 'id' },
  ])
  order!: Relation<Order>
}

await withServers(async ({ main, servers }) => {
  const product = { databaseName: 'typeorm_example', logicalShards: 4, servers }
  const tables = tablesOf(getMetadataArgsStorage(), [Order, Item])
  const databases = { default: { primary: main } }
  const sherd = await createSherd(defineConfig({ databases, shardGroups: { product }, tables }))
  await sherd.createDatabases()
  const driver = driverModule(sherd)
  const source = new DataSource({ type: 'mariadb', driver, entities: [Order, Item], synchronize: true })
  await source.initialize()
  const orders = source.getRepository(Order)

  for (const customerId of [1, 2]) {
    const items = ['book', 'pen'].map((product, line) => ({ customerId, orderId: 1, line, product }))
    await orders.save({ customerId, id: 1, cents: customerId * 500, items })
  }
  await source.transaction(async (manager) => {
    await manager.insert(Order, { customerId: 1, id: 2, cents: 300 })
    await manager.update(Order, { customerId: 1, id: 1 }, { cents: 450 })
  })
  for (const customerId of [1, 2]) {
    const found = await orders.find({
      where: { customerId },
      relations: { items: true },
      order: { id: 'ASC' },
    })
    const lines = found.map(({ id, cents, items }) => `order ${id}, ${cents} cents, ${items.length} items`)
    console.log(`Customer ${customerId} on ${sherd.locate('product', customerId).name}: ${lines.join('; ')}`)
  }
  try {
    await orders.findOneBy({ id: 1 })
  } catch (error) {
    if (!(error instanceof QueryFailedError)) throw error
    console.log(`${error.driverError.code}: ${error.driverError.remedy}`)
  }
  await source.destroy()
  await sherd.close()
})
