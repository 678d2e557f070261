import type { ColumnType, Generated, Selectable } from 'kysely'
import { expect, test } from 'vitest'
import { defineShards, type KyselyForeignKey } from '../../src/orm/kysely.ts'
import { isolated, pinned, reference, sharded } from '../../src/topology/table-kinds.ts'

interface Database {
  orders: {
    id: Generated<number>
    user_id: number
    big_id: ColumnType<bigint, bigint | number, never>
    /** A BIGINT that the application reads as text. */
    text_id: string
    referrer_id: number | null
    paid: boolean
    made_at: Date
    token: Buffer
    either: number | string
    note?: number
  }
  items: { id: Generated<number>; user_id: number; order_id: number }
  currencies: { code: string; changed_at: Date; deleted_at: Date | null; rate: number; tags: string[] }
  audits: { id: number }
  settings: { name: string }
}
const define = defineShards<Database>()

test('Kysely tables become table kinds under the names of the database', () => {
  const kinds = define({
    orders: { group: 'product', key: 'user_id' },
    currencies: reference('product'),
    audits: isolated('product'),
    settings: pinned('default'),
  })
  expect(kinds).toEqual({
    orders: { kind: 'sharded', group: 'product', key: 'user_id', keyType: 'integer' },
    currencies: {
      kind: 'reference',
      groups: ['product'],
      source: 'default',
      deletes: 'compare',
      copies: 'managed',
    },
    audits: { kind: 'isolated', group: 'product' },
    settings: { kind: 'pinned', database: 'default' },
  })
})

test('names of a CamelCasePlugin are turned into those of the database', () => {
  const toSnakeCase = (name: string) => name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`)
  const kinds = defineShards<{ orderItems: { userId: number } }>(toSnakeCase)({
    orderItems: { group: 'product', key: 'userId' },
  })
  expect(kinds).toEqual({ order_items: sharded('product', 'user_id') })
})

test('foreign keys and the order of columns become facts of the table', () => {
  const kinds = defineShards<{
    orders: { id: number; userId: number; parentId: number | null }
    orderItems: { userId: number; orderId: number }
  }>((name) => name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`))({
    orders: {
      group: 'product',
      key: 'userId',
      columns: ['id', 'user_id', 'parent_id'],
      foreignKeys: [{ columns: ['parentId'], references: 'orders', referencedColumns: ['id'] }],
    },
    orderItems: {
      group: 'product',
      key: 'userId',
      foreignKeys: [
        { columns: ['userId', 'orderId'], references: 'orders', referencedColumns: ['userId', 'id'] },
      ],
    },
  })
  expect(kinds).toEqual({
    orders: sharded('product', 'user_id', {
      columns: ['id', 'user_id', 'parent_id'],
      foreignKeys: [{ columns: ['parent_id'], references: 'orders', referencedColumns: ['id'] }],
    }),
    order_items: sharded('product', 'user_id', {
      foreignKeys: [
        { columns: ['user_id', 'order_id'], references: 'orders', referencedColumns: ['user_id', 'id'] },
      ],
    }),
  })
})

test('cursor and mark of deleted rows of a reference table get their names in the database', () => {
  const toSnakeCase = (name: string) => name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`)
  const kinds = defineShards<{ priceLists: { changedAt: Date; isGone: number } }>(toSnakeCase)({
    priceLists: reference('product', { cursor: 'changedAt', deletes: { column: 'isGone' } }),
  })
  expect(kinds).toEqual({
    price_lists: reference('product', { cursor: 'changed_at', deletes: { column: 'is_gone' } }),
  })
})

test('each key type is kept as it was given', () => {
  const keyTypes = [
    define({ orders: { group: 'g', key: 'id' } }),
    define({ orders: { group: 'g', key: 'big_id', keyType: 'integer' } }),
    define({ orders: { group: 'g', key: 'text_id', keyType: 'integer' } }),
    define({ orders: { group: 'g', key: 'text_id', keyType: 'uuid' } }),
    define({ orders: { group: 'g', key: 'token', keyType: 'binary' } }),
  ].map((kinds) => kinds['orders'])
  expect(keyTypes.map((kind) => kind?.kind === 'sharded' && kind.keyType)).toEqual([
    'integer',
    'integer',
    'integer',
    'uuid',
    'binary',
  ])
})

type ItemsForeignKey = KyselyForeignKey<Database, Selectable<Database['items']>>

function fromItems(foreignKey: ItemsForeignKey): void {
  define({ items: { group: 'product', key: 'user_id', foreignKeys: [foreignKey] } })
}

/** Compiled, never run: each line below must be a type error. */
export function wrongDeclarations(): void {
  // @ts-expect-error no such column
  define({ orders: { group: 'product', key: 'user' } })
  // @ts-expect-error no such table
  define({ order: { group: 'product', key: 'user_id' } })
  // @ts-expect-error a nullable column: NULL belongs to no shard
  define({ orders: { group: 'product', key: 'referrer_id' } })
  // @ts-expect-error an optional column
  define({ orders: { group: 'product', key: 'note' } })
  // @ts-expect-error a text column needs its keyType
  define({ orders: { group: 'product', key: 'text_id' } })
  // @ts-expect-error a boolean column
  define({ orders: { group: 'product', key: 'paid' } })
  // @ts-expect-error a date column
  define({ orders: { group: 'product', key: 'made_at' } })
  // @ts-expect-error a date column, whatever the keyType
  define({ orders: { group: 'product', key: 'made_at', keyType: 'string' } })
  // @ts-expect-error a number or a string: not one canonical form
  define({ orders: { group: 'product', key: 'either' } })
  // @ts-expect-error a number column is not a string key
  define({ orders: { group: 'product', key: 'user_id', keyType: 'string' } })
  // @ts-expect-error a binary column needs its keyType
  define({ orders: { group: 'product', key: 'token' } })
  // @ts-expect-error no such key type
  define({ orders: { group: 'product', key: 'text_id', keyType: 'text' } })
  // @ts-expect-error an option that does not exist
  define({ orders: { group: 'product', key: 'user_id', shards: 8 } })
  const toOrders = { columns: ['order_id'], references: 'orders', referencedColumns: ['id'] } as const
  fromItems(toOrders)
  // @ts-expect-error a foreign key from a column that does not exist
  fromItems({ ...toOrders, columns: ['order'] })
  // @ts-expect-error a foreign key to a column of the own table, not of the one pointed to
  fromItems({ ...toOrders, referencedColumns: ['order_id'] })
  // @ts-expect-error a foreign key to a column of a third table
  fromItems({ ...toOrders, referencedColumns: ['code'] })
  // @ts-expect-error a foreign key to a table that does not exist
  fromItems({ ...toOrders, references: 'order' })
  // @ts-expect-error the group is missing
  define({ orders: { key: 'user_id' } })
  define({ currencies: reference('product', { cursor: 'changed_at', deletes: { column: 'deleted_at' } }) })
  // @ts-expect-error no such cursor
  define({ currencies: reference('product', { cursor: 'changed' }) })
  // @ts-expect-error a cursor that may be NULL
  define({ currencies: reference('product', { cursor: 'deleted_at' }) })
  // @ts-expect-error a number does not tell when a row was changed
  define({ currencies: reference('product', { cursor: 'rate' }) })
  // @ts-expect-error no such column
  define({ currencies: reference('product', { deletes: { column: 'deleted' } }) })
  // @ts-expect-error deleted rows are not marked by a list
  define({ currencies: reference('product', { deletes: { column: 'tags' } }) })
  // @ts-expect-error sharded() of the root does not know the columns
  define({ orders: sharded('product', 'user_id') })
}
