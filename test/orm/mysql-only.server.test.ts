import { drizzle } from 'drizzle-orm/mysql2'
import { Kysely, MysqlDialect } from 'kysely'
import { jsonArrayFrom } from 'kysely/helpers/mysql'
import { createPool, type Pool } from 'mysql2'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { Sherd } from '../../src/facade/sherd.ts'
import { failureOf } from './behaviours/stage.ts'
import { drizzleOnMariadb, mysqlSchema } from './drizzle.ts'
import { propertyOf } from './errors.ts'
import type { OrderDatabase } from './kysely.ts'
import { mariadbServers } from './mariadb-servers.ts'
import { createPlainTables, openOrders, threeUsers } from './order-tables.ts'

let sherd: Sherd
let plain: Pool
let user: number
beforeAll(async () => {
  const place = await mariadbServers(import.meta.filename)
  sherd = await openOrders(place, drizzleOnMariadb.tables)
  await createPlainTables(place.plain ?? '')
  plain = createPool(place.plain ?? '')
  user = threeUsers(sherd).here
})
afterAll(async () => {
  await plain.promise().end()
  await sherd.close()
})

/** A syntax error of the server, before it has done anything; MariaDB and nobody else says so. */
const ofServer = { code: 'ER_PARSE_ERROR', errno: 1064, sqlState: '42000' }

describe('what MariaDB does not have fails with its own error, through sherd as without it', () => {
  test('LATERAL, which Drizzle writes in its mode `default`', async () => {
    for (const client of [plain, sherd.pool]) {
      const db = drizzle({ client, schema: mysqlSchema, mode: 'default' })
      const read = db.query.orders.findMany({
        where: (orders, { eq }) => eq(orders.userId, user),
        with: { items: true },
      })
      expect(propertyOf(await failureOf(read), 'cause')).toMatchObject(ofServer)
    }
  })

  test('CAST(… AS JSON), which jsonArrayFrom() of Kysely writes', async () => {
    for (const pool of [plain, sherd.pool]) {
      const db = new Kysely<OrderDatabase>({ dialect: new MysqlDialect({ pool }) })
      const read = db
        .selectFrom('orders')
        .where('user_id', '=', user)
        .select((builder) =>
          jsonArrayFrom(
            builder
              .selectFrom('order_items')
              .select('line')
              .where('order_items.user_id', '=', user)
              .whereRef('order_items.order_id', '=', 'orders.id'),
          ).as('items'),
        )
      expect(await failureOf(read.execute())).toMatchObject(ofServer)
    }
  })
})
