import { Kysely, MysqlDialect } from 'kysely'
import { describe } from 'vitest'
import { type OrderDatabase, describeKyselyOrders, kyselyTables } from './kysely-orders.ts'
import { mariadbServers } from './mariadb-servers.ts'
import { openOrders } from './order-tables.ts'

describe('Kysely on MariaDB', () => {
  describeKyselyOrders(async () => {
    const sherd = await openOrders(await mariadbServers(import.meta.filename), kyselyTables)
    return { sherd, db: new Kysely<OrderDatabase>({ dialect: new MysqlDialect({ pool: sherd.pool }) }) }
  })
})
