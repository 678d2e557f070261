import { Model, snakeCaseMappers } from 'objection'
import { type CartOrm, pageSize, type Side } from './carts.ts'
import { openKnexOn } from './knex.ts'

class Item extends Model {
  static override tableName = 'cart_items'
  static override idColumn = ['user_id', 'cart_id', 'line']
  static override columnNameMappers = snakeCaseMappers()
}

class CartModel extends Model {
  static override tableName = 'carts'
  static override idColumn = ['user_id', 'id']
  static override columnNameMappers = snakeCaseMappers()
  static override relationMappings = {
    items: {
      relation: Model.HasManyRelation,
      modelClass: Item,
      join: { from: ['carts.user_id', 'carts.id'], to: ['cart_items.user_id', 'cart_items.cart_id'] },
    },
  }
}

class EventModel extends Model {
  static override tableName = 'cart_events'
  static override idColumn = ['user_id', 'id']
  static override columnNameMappers = snakeCaseMappers()
}

export async function openObjection(side: Side): Promise<CartOrm> {
  const db = await openKnexOn(side)
  return {
    find: async (userId, id) => CartModel.query(db).findById([userId, id]),
    insert: async (event) => EventModel.query(db).insert({ ...event }),
    change: (event, { userId, id, cents }) =>
      CartModel.transaction(db, async (trx) => {
        await EventModel.query(trx).insert({ ...event })
        await CartModel.query(trx).findById([userId, id]).patch({ cents })
        return CartModel.query(trx).findById([userId, id])
      }),
    // Not withGraphJoined, which cannot cut to a number of carts.
    page: async (userId) =>
      CartModel.query(db)
        .where('user_id', userId)
        .withGraphFetched('items')
        .orderBy('id', 'DESC')
        .limit(pageSize),
    close: () => db.destroy(),
  }
}
