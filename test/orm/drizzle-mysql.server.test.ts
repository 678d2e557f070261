import { eq } from 'drizzle-orm'
import { drizzle } from 'drizzle-orm/mysql2'
import { describe, expect, test } from 'vitest'
import { describeDrizzleOrders, mysqlSchema, mysqlTables } from './drizzle-orders.ts'
import { mariadbServers } from './mariadb-servers.ts'
import { openOrders, threeUsers } from './order-tables.ts'

async function open() {
  const sherd = await openOrders(await mariadbServers(import.meta.filename), mysqlTables)
  // MariaDB has no LATERAL, which the mode `default` needs for relational queries.
  const db = drizzle({ client: sherd.pool, schema: mysqlSchema, mode: 'planetscale' })
  return { sherd, db, schema: mysqlSchema }
}

describe('Drizzle on MariaDB', () => {
  describeDrizzleOrders(open)
})

describe('Drizzle on MariaDB, alone', () => {
  test('an iterator gives the rows one by one', async () => {
    const { sherd, db } = await open()
    const { here } = threeUsers(sherd)
    const { orders } = mysqlSchema
    const rows = [1, 2, 3].map((id) => ({ userId: here, id, product: 'a', cents: id }))
    await db.insert(orders).values(rows)
    const read = db.select().from(orders).where(eq(orders.userId, here)).orderBy(orders.id)
    const found: unknown[] = []
    for await (const row of read.iterator()) found.push(row)
    expect(found).toEqual(rows)
    await sherd.close()
  })
})
