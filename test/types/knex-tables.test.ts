import type { Knex } from 'knex'
import { Model, snakeCaseMappers } from 'objection'
import { expect, test } from 'vitest'
import { defineShards, type ObjectionShards, objectionTables } from '../../src/orm/knex.ts'
import { isolated, reference, sharded } from '../../src/topology/table-kinds.ts'

interface OrderRow {
  id: string
  user_id: number
  referrer_id: number | null
  paid: boolean
  made_at: Date
}
declare module 'knex/types/tables.js' {
  interface Tables {
    orders: OrderRow
    order_items: Knex.CompositeTableType<{ user_id: number; order_id: string }, { user_id: number }>
    currencies: { code: string; changed_at: Date }
  }
}

test('tables of Knex become table kinds; those left out stay unknown', () => {
  const kinds = defineShards()({
    orders: { group: 'product', key: 'user_id', ids: { id: 'time' } },
    order_items: {
      group: 'product',
      key: 'user_id',
      foreignKeys: [{ columns: ['order_id'], references: 'orders', referencedColumns: ['id'] }],
    },
    currencies: reference('all', { cursor: 'changed_at' }),
  })
  expect(kinds).toEqual({
    orders: sharded('product', 'user_id', { ids: { id: 'time' } }),
    order_items: sharded('product', 'user_id', {
      foreignKeys: [{ columns: ['order_id'], references: 'orders', referencedColumns: ['id'] }],
    }),
    currencies: reference('all', { cursor: 'changed_at' }),
  })
})

test('names of another type are turned into those of the database', () => {
  const toSnakeCase = (name: string) => name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`)
  const kinds = defineShards<{ orderItems: { userId: number } }>(toSnakeCase)({
    orderItems: { group: 'product', key: 'userId' },
  })
  expect(kinds).toEqual({ order_items: sharded('product', 'user_id') })
})

class Order extends Model {
  static override tableName = 'orders'
  static override columnNameMappers = snakeCaseMappers()
  static shard: ObjectionShards<Order> = { group: 'product', key: 'userId', scatter: 'allow' }
  id!: string
  userId!: number
  referrerId!: number | null
  isPaid!: boolean
}
class Item extends Model {
  static override tableName = 'order_items'
  static override columnNameMappers = snakeCaseMappers()
  static shard: ObjectionShards<Item> = {
    group: 'product',
    key: 'userId',
    foreignKeys: [{ columns: ['orderId'], references: () => Order, referencedColumns: ['id'] }],
  }
  userId!: number
  orderId!: string
}
class Audit extends Model {
  static override tableName = 'audits'
  static shard: ObjectionShards<Audit> = isolated('product')
}
class Unknown extends Model {
  static override tableName = 'unknown'
}

test('models of Objection become table kinds under the names of the database', () => {
  expect(objectionTables([Order, Item, Audit, Unknown])).toEqual({
    orders: sharded('product', 'user_id', { scatter: 'allow' }),
    order_items: sharded('product', 'user_id', {
      foreignKeys: [{ columns: ['order_id'], references: 'orders', referencedColumns: ['id'] }],
    }),
    audits: isolated('product'),
  })
})

/** Compiled, never run: each line below must be a type error. */
export function wrongDeclarations(): void {
  const define = defineShards()
  // @ts-expect-error no such table
  define({ order: { group: 'product', key: 'user_id' } })
  // @ts-expect-error no such column
  define({ orders: { group: 'product', key: 'userId' } })
  // @ts-expect-error a nullable column: NULL belongs to no shard
  define({ orders: { group: 'product', key: 'referrer_id' } })
  // @ts-expect-error a text needs its keyType, be it a BIGINT read as text
  define({ orders: { group: 'product', key: 'id' } })
  // @ts-expect-error a boolean
  define({ orders: { group: 'product', key: 'paid' } })
  // @ts-expect-error a date
  define({ orders: { group: 'product', key: 'made_at' } })
  // @ts-expect-error a number is not a string key
  define({ order_items: { group: 'product', key: 'user_id', keyType: 'string' } })
  // @ts-expect-error the cursor of a reference table is a date
  define({ orders: reference('all', { cursor: 'user_id' }) })
  const shards: ObjectionShards<Order>[] = []
  // @ts-expect-error no such property
  shards.push({ group: 'product', key: 'user_id' })
  // @ts-expect-error a property that may be null
  shards.push({ group: 'product', key: 'referrerId' })
  // @ts-expect-error a boolean
  shards.push({ group: 'product', key: 'isPaid' })
  // @ts-expect-error a text needs its keyType
  shards.push({ group: 'product', key: 'id' })
  shards.push({ group: 'product', key: 'id', keyType: 'integer' })
}
