import { defineEntity, MikroORM, MySqlDriver, p } from '@mikro-orm/mysql'
import { MysqlDialect } from 'kysely'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { mikroOrmPool, sharded } from '../../src/orm/mikro-orm.ts'
import * as kinds from '../../src/topology/table-kinds.ts'
import type { Sherd } from '../../src/facade/sherd.ts'
import { mariadbServers } from './mariadb-servers.ts'
import { openOrders, threeUsers } from './order-tables.ts'

const Order = defineEntity({
  name: 'Order',
  tableName: 'orders',
  properties: {
    userId: p.integer().primary(),
    id: p.integer().primary(),
    product: p.string(),
    cents: p.integer(),
  },
})

let sherd: Sherd
let orm: MikroORM
beforeAll(async () => {
  sherd = await openOrders(await mariadbServers(import.meta.filename), [sharded(Order, { group: 'product', key: 'userId' }), { order_items: kinds.sharded('product','user_id'), currencies: kinds.reference('product') }])
  orm = await MikroORM.init({
    driver: MySqlDriver,
    driverOptions: new MysqlDialect({ pool: mikroOrmPool(sherd) }),
    dbName: 'x',
    ensureDatabase: false,
    entities: [Order],
    debug: !!process.env['DBG'],
  })
})
afterAll(async () => {
  await orm?.close()
  await sherd?.close()
})

test('flush', async () => {
  const { here, near } = threeUsers(sherd)
  const em = orm.em.fork()
  em.create(Order, { userId: here, id: 1, product: 'a', cents: 1 })
  em.create(Order, { userId: here, id: 2, product: 'b', cents: 2 })
  em.create(Order, { userId: near, id: 2, product: 'b', cents: 2 })
  await em.flush()
  em.clear()
  const found = await em.find(Order, { userId: here }, { orderBy: { id: 'asc' } })
  for (const one of found) one.cents += 10
  await em.flush()
  const [a, b] = await em.fork().find(Order, { userId: here }, { orderBy: { id: 'asc' } })
  expect([a?.cents, b?.cents]).toEqual([11, 12])
  em.remove(found)
  await em.flush()
  const error = await em.fork().find(Order, { id: 3 }).catch((e) => e)
  console.log(error, error.code)
})
