import mysql2 from 'mysql2'
import { DataSource, EntitySchema } from 'typeorm'
import type * as Typeorm from '../../src/orm/typeorm.ts'
import { type Cart, type CartEvent, type CartOrm, connectionLimit, pageSize, type Side } from './carts.ts'

interface Item {
  userId: number
  cartId: number
  line: number
  product: string
}

const userId = { type: 'int', primary: true, name: 'user_id' } as const
const carts = new EntitySchema<Cart & { items: Item[] }>({
  name: 'Cart',
  tableName: 'carts',
  columns: { userId, id: { type: 'int', primary: true }, cents: { type: 'int' } },
  relations: { items: { type: 'one-to-many', target: 'Item', inverseSide: 'cart' } },
})
const items = new EntitySchema<Item & { cart: Cart }>({
  name: 'Item',
  tableName: 'cart_items',
  columns: {
    userId,
    cartId: { type: 'int', primary: true, name: 'cart_id' },
    line: { type: 'int', primary: true },
    product: { type: 'varchar', length: 40 },
  },
  relations: {
    cart: {
      type: 'many-to-one',
      target: 'Cart',
      inverseSide: 'items',
      joinColumn: [
        { name: 'user_id', referencedColumnName: 'userId' },
        { name: 'cart_id', referencedColumnName: 'id' },
      ],
    },
  },
})
const events = new EntitySchema<CartEvent>({
  name: 'CartEvent',
  tableName: 'cart_events',
  columns: { userId, id: { type: 'int', primary: true }, note: { type: 'varchar', length: 40 } },
})

export async function openTypeorm(side: Side): Promise<CartOrm> {
  const place =
    side.kind === 'plain'
      ? { url: side.url, driver: mysql2, poolSize: connectionLimit }
      : { driver: (await side.build.load<typeof Typeorm>('orm/typeorm.js')).driverModule(side.sherd) }
  const source = new DataSource({ type: 'mariadb', entities: [carts, items, events], ...place })
  await source.initialize()
  const { manager } = source
  return {
    find: (user, id) => manager.findOneBy(carts, { userId: user, id }),
    insert: (event) => manager.insert(events, event),
    change: (event, { userId: user, id, cents }) =>
      source.transaction(async (inner) => {
        await inner.insert(events, event)
        await inner.update(carts, { userId: user, id }, { cents })
        return inner.findOneBy(carts, { userId: user, id })
      }),
    page: (user) =>
      manager.find(carts, {
        where: { userId: user },
        relations: { items: true },
        order: { id: 'DESC' },
        take: pageSize,
      }),
    close: () => source.destroy(),
  }
}
