import { MikroORM, MySqlDriver, defineEntity, p } from '@mikro-orm/mysql'
import { MysqlDialect } from 'kysely'
import type * as SherdMikroOrm from '../../src/orm/mikro-orm.ts'
import { type CartOrm, connectionLimit, pageSize, type Side } from './carts.ts'

const Cart = defineEntity({
  name: 'Cart',
  tableName: 'carts',
  properties: {
    userId: p.integer().primary(),
    id: p.integer().primary(),
    cents: p.integer(),
    items: () => p.oneToMany(Item).mappedBy('cart'),
  },
})
const Item = defineEntity({
  name: 'Item',
  tableName: 'cart_items',
  properties: {
    cart: () => p.manyToOne(Cart).primary().joinColumns('user_id', 'cart_id'),
    line: p.integer().primary(),
    product: p.string().length(40),
  },
})
const CartEvent = defineEntity({
  name: 'CartEvent',
  tableName: 'cart_events',
  properties: { userId: p.integer().primary(), id: p.integer().primary(), note: p.string().length(40) },
})

export async function openMikroOrm(side: Side): Promise<CartOrm> {
  const place =
    side.kind === 'plain'
      ? { clientUrl: side.url, pool: { max: connectionLimit } }
      : { driverOptions: await dialectOf(side), dbName: 'main', ensureDatabase: false }
  const orm = await MikroORM.init({ driver: MySqlDriver, entities: [Cart, Item, CartEvent], ...place })
  return {
    find: (userId, id) => orm.em.fork().findOne(Cart, { userId, id }),
    insert: (event) => orm.em.fork().insert(CartEvent, event),
    change: (event, { userId, id, cents }) =>
      orm.em.fork().transactional(async (em) => {
        await em.insert(CartEvent, event)
        await em.nativeUpdate(Cart, { userId, id }, { cents })
        return em.findOne(Cart, { userId, id })
      }),
    page: (userId) =>
      orm.em.fork().find(Cart, { userId }, { populate: ['items'], orderBy: { id: 'desc' }, limit: pageSize }),
    close: () => orm.close(),
  }
}

async function dialectOf(side: Side & { kind: 'sherd' }): Promise<MysqlDialect> {
  const { mikroOrmPool } = await side.build.load<typeof SherdMikroOrm>('orm/mikro-orm.js')
  return new MysqlDialect({ pool: mikroOrmPool(side.sherd) })
}
