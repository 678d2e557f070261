import { Kysely, SqliteDialect } from 'kysely'
import { describe, expect, test } from 'vitest'
import { kyselySqliteDialect } from '../../src/orm/kysely.ts'
import { type OrderDatabase, describeKyselyOrders, kyselyTables } from './kysely-orders.ts'
import { openOrders, sqliteServers, threeUsers } from './order-tables.ts'

async function open() {
  const sherd = await openOrders(sqliteServers, kyselyTables)
  return { sherd, db: new Kysely<OrderDatabase>({ dialect: kyselySqliteDialect(sherd, SqliteDialect) }) }
}

describe('Kysely on SQLite', () => {
  describeKyselyOrders(open)

  test('a statement of another server runs beside an open transaction', async () => {
    const { sherd, db } = await open()
    const { here, far } = threeUsers(sherd)
    const seen = await db.transaction().execute(async (trx) => {
      await trx.insertInto('orders').values({ user_id: here, id: 1, product: 'a', cents: 1 }).execute()
      return await db.selectFrom('orders').selectAll().where('user_id', '=', far).execute()
    })
    expect(seen).toEqual([])
    await sherd.close()
  })

  test('RETURNING gives rows', async () => {
    const { sherd, db } = await open()
    const { here } = threeUsers(sherd)
    const row = await db
      .insertInto('orders')
      .values({ user_id: here, id: 1, product: 'a', cents: 1 })
      .returning(['id', 'product'])
      .executeTakeFirst()
    expect(row).toEqual({ id: 1, product: 'a' })
    await sherd.close()
  })

  test('destroy leaves sherd open for others', async () => {
    const { sherd, db } = await open()
    const { here } = threeUsers(sherd)
    await db.selectFrom('orders').selectAll().where('user_id', '=', here).execute()
    await db.destroy()
    const other = new Kysely<OrderDatabase>({ dialect: kyselySqliteDialect(sherd, SqliteDialect) })
    expect(await other.selectFrom('orders').selectAll().where('user_id', '=', here).execute()).toEqual([])
    await sherd.close()
  })
})
