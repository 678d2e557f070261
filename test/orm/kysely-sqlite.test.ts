import { Kysely, SqliteDialect } from 'kysely'
import { describe, expect, test } from 'vitest'
import { kyselySqliteDialect } from '../../src/orm/kysely.ts'
import type { Order } from './behaviour.ts'
import { describeOrm } from './describe-orm.ts'
import { kyselyOperations, kyselyTables, kyselyUnderTest, toRow, type OrderDatabase } from './kysely.ts'
import { openOrders, sqliteServers, threeUsers } from './order-tables.ts'

async function open() {
  const sherd = await openOrders(sqliteServers, kyselyTables)
  return { sherd, db: new Kysely<OrderDatabase>({ dialect: kyselySqliteDialect(sherd, SqliteDialect) }) }
}

const kyselyOnSqlite = kyselyUnderTest('Kysely on SQLite', (backend) => {
  if (backend.kind === 'plain') throw new Error('There is no plain SQLite.')
  const db = new Kysely<OrderDatabase>({ dialect: kyselySqliteDialect(backend.sherd, SqliteDialect) })
  const upsert = (order: Order) =>
    db
      .insertInto('orders')
      .values(toRow(order))
      .onConflict((conflict) =>
        conflict.columns(['user_id', 'id']).doUpdateSet({ product: order.product, cents: order.cents }),
      )
      .execute()
  return Promise.resolve({ ...kyselyOperations(db), upsert, close: () => db.destroy() })
})

describeOrm(kyselyOnSqlite, () => Promise.resolve(sqliteServers))

describe('Kysely on SQLite, alone', () => {
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
