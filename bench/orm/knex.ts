import knex, { type Knex } from 'knex'
import type * as SherdKnex from '../../src/orm/knex.ts'
import { type CartOrm, connectionLimit, pageSize, type Side } from './carts.ts'

/** A Knex on a side, for Objection, too. */
export async function openKnexOn(side: Side): Promise<Knex> {
  if (side.kind === 'plain')
    return knex({ client: 'mysql2', connection: side.url, pool: { min: 0, max: connectionLimit } })
  const { openKnex } = await side.build.load<typeof SherdKnex>('orm/knex.js')
  return openKnex(side.sherd, (connection) => knex({ ...connection }))
}

export async function openKnex(side: Side): Promise<CartOrm> {
  const db = await openKnexOn(side)
  return {
    find: (userId, id) => db('carts').where({ user_id: userId, id }).first(),
    insert: ({ userId, id, note }) => db('cart_events').insert({ user_id: userId, id, note }),
    change: (event, { userId, id, cents }) =>
      db.transaction(async (trx) => {
        await trx('cart_events').insert({ user_id: event.userId, id: event.id, note: event.note })
        await trx('carts').where({ user_id: userId, id }).update({ cents })
        return trx('carts').where({ user_id: userId, id }).first()
      }),
    page: (userId) =>
      db('carts')
        .innerJoin('cart_items', {
          'cart_items.user_id': 'carts.user_id',
          'cart_items.cart_id': 'carts.id',
        })
        .where('carts.user_id', userId)
        .select('carts.id', 'carts.cents', 'cart_items.line', 'cart_items.product')
        .orderBy([{ column: 'carts.id', order: 'desc' }, { column: 'cart_items.line' }])
        .limit(2 * pageSize),
    close: () => db.destroy(),
  }
}
