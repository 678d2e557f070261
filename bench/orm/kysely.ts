import { Kysely, MysqlDialect } from 'kysely'
import { type CartOrm, pageSize, type Side } from './carts.ts'
import { openPool } from './open-pool.ts'

interface Database {
  carts: { user_id: number; id: number; cents: number }
  cart_items: { user_id: number; cart_id: number; line: number; product: string }
  cart_events: { user_id: number; id: number; note: string }
}

export async function openKysely(side: Side): Promise<CartOrm> {
  const { pool, close } = openPool(side)
  const db = new Kysely<Database>({ dialect: new MysqlDialect({ pool }) })
  const find = (from: Kysely<Database>, userId: number, id: number) =>
    from.selectFrom('carts').selectAll().where('user_id', '=', userId).where('id', '=', id).executeTakeFirst()
  return {
    find: (userId, id) => find(db, userId, id),
    insert: ({ userId, id, note }) =>
      db.insertInto('cart_events').values({ user_id: userId, id, note }).execute(),
    change: (event, { userId, id, cents }) =>
      db.transaction().execute(async (trx) => {
        const values = { user_id: event.userId, id: event.id, note: event.note }
        await trx.insertInto('cart_events').values(values).execute()
        const one = trx.updateTable('carts').where('user_id', '=', userId).where('id', '=', id)
        await one.set({ cents }).execute()
        return find(trx, userId, id)
      }),
    page: (userId) =>
      db
        .selectFrom('carts')
        .innerJoin('cart_items as item', (join) =>
          join.onRef('item.user_id', '=', 'carts.user_id').onRef('item.cart_id', '=', 'carts.id'),
        )
        .where('carts.user_id', '=', userId)
        .select(['carts.id', 'carts.cents', 'item.line', 'item.product'])
        .orderBy('carts.id', 'desc')
        .orderBy('item.line')
        .limit(2 * pageSize)
        .execute(),
    close,
  }
}
