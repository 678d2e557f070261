import { EntitySchema } from 'typeorm'
import { expect, test } from 'vitest'
import {
  Isolated,
  type MetadataStorage,
  Pinned,
  Reference,
  Sharded,
  tablesOf,
} from '../../src/orm/typeorm.ts'
import { isolated, pinned, reference, sharded } from '../../src/topology/table-kinds.ts'

class Base {
  userId!: number
}
class Order extends Base {
  id!: string
  token!: Buffer
  referrerId!: number | null
  note?: number
  isPaid!: boolean
  madeAt!: Date
  items!: Item[]
  lazy!: Promise<Item[]>
}
class Item {
  userId!: number
  orderId!: string
}
class Currency {
  code!: string
  changedAt!: Date
}
class Unknown {
  id!: number
}

/** What `@Entity` and `@Column` would have stored. */
const storage: MetadataStorage = {
  tables: [{ target: Order, name: 'orders' }, { target: Item }, { target: Currency }, { target: Unknown }],
  columns: [
    { target: Base, propertyName: 'userId', options: { name: 'user_id' } },
    { target: Order, propertyName: 'id', options: {} },
    { target: Order, propertyName: 'referrerId', options: { nullable: true } },
    { target: Item, propertyName: 'userId', options: { name: 'user_id' } },
    { target: Item, propertyName: 'orderId', options: { name: 'order_id' } },
    { target: Currency, propertyName: 'changedAt', options: { name: 'changed_at' } },
  ],
}

test('decorated entities become table kinds under the names of the database; others stay unknown', () => {
  Sharded<Order>({ group: 'product', key: 'userId', ids: { id: 'time' }, scatter: 'allow' })(Order)
  Sharded<Item>({
    group: 'product',
    key: 'userId',
    foreignKeys: [{ columns: ['orderId'], references: () => Order, referencedColumns: ['id'] }],
  })(Item)
  Reference<Currency>('all', { cursor: 'changedAt' })(Currency)
  expect(tablesOf(storage, [Order, Item, Currency, Unknown])).toEqual({
    orders: sharded('product', 'user_id', { ids: { id: 'time' }, scatter: 'allow' }),
    item: sharded('product', 'user_id', {
      foreignKeys: [{ columns: ['order_id'], references: 'orders', referencedColumns: ['id'] }],
    }),
    currency: reference('all', { cursor: 'changed_at' }),
  })
})

test('an EntitySchema gives the names, its class the kind; a naming strategy names the rest', () => {
  class Audit {
    id!: number
  }
  Isolated('product')(Audit)
  class Setting {
    name!: string
  }
  Pinned('default')(Setting)
  const naming = {
    tableName: (className: string, given: string | undefined) => given ?? `t_${className}`,
    columnName: (propertyName: string) => propertyName,
  }
  const schemas = [
    new EntitySchema<Audit>({
      name: 'Audit',
      target: Audit,
      columns: { id: { type: 'int', primary: true } },
    }),
    new EntitySchema<Setting>({
      name: 'Setting',
      target: Setting,
      tableName: 'settings',
      columns: { name: { type: 'varchar', primary: true } },
    }),
  ]
  expect(tablesOf(storage, schemas, naming)).toEqual({
    t_Audit: isolated('product'),
    settings: pinned('default'),
  })
})

test('a key that may be NULL, a property without a column, and a class that is not given are refused', () => {
  class Guest {
    userId!: number
  }
  Sharded<Guest>({ group: 'product', key: 'userId' })(Guest)
  const nullable = { target: Guest, propertyName: 'userId', options: { nullable: true } }
  const config = expect.objectContaining({ code: 'SHERD_CONFIG' })
  expect(() => tablesOf({ tables: [], columns: [nullable] }, [Guest])).toThrow(config)
  expect(() => tablesOf({ tables: [], columns: [] }, [Guest])).toThrow(config)
  expect(() => tablesOf(storage, [Item])).toThrow(config)
})

/** Compiled, never run: each line below must be a type error. */
export function wrongDeclarations(): void {
  // @ts-expect-error no such property
  Sharded<Order>({ group: 'product', key: 'user_id' })
  // @ts-expect-error a property that may be null: NULL belongs to no shard
  Sharded<Order>({ group: 'product', key: 'referrerId' })
  // @ts-expect-error an optional property
  Sharded<Order>({ group: 'product', key: 'note' })
  // @ts-expect-error a text needs its keyType, be it a BIGINT read as text
  Sharded<Order>({ group: 'product', key: 'id' })
  // @ts-expect-error a boolean
  Sharded<Order>({ group: 'product', key: 'isPaid' })
  // @ts-expect-error a date
  Sharded<Order>({ group: 'product', key: 'madeAt' })
  // @ts-expect-error a relation
  Sharded<Order>({ group: 'product', key: 'items' })
  // @ts-expect-error a lazy relation
  Sharded<Order>({ group: 'product', key: 'lazy' })
  // @ts-expect-error bytes need their keyType
  Sharded<Order>({ group: 'product', key: 'token' })
  // @ts-expect-error a number is not a string key
  Sharded<Order>({ group: 'product', key: 'userId', keyType: 'string' })
  // @ts-expect-error a time id does not fit into a number
  Sharded<Order>({ group: 'product', key: 'userId', ids: { userId: 'time' } })
  const toOrder = { references: () => Order, referencedColumns: ['id'] }
  // @ts-expect-error a foreign key from a property that does not exist
  Sharded<Item>({ group: 'product', key: 'userId', foreignKeys: [{ ...toOrder, columns: ['order'] }] })
  // @ts-expect-error the declaration of one class on another
  Sharded<Order>({ group: 'product', key: 'userId' })(Currency)
  // @ts-expect-error the cursor of a reference table is a date
  Reference<Currency>('all', { cursor: 'name' })
  Sharded<Order>({ group: 'product', key: 'id', keyType: 'integer' })
}
