import * as mysql from 'drizzle-orm/mysql-core'
import * as sqlite from 'drizzle-orm/sqlite-core'
import { expect, test } from 'vitest'
import { isolated, pinned, reference, sharded } from '../../src/orm/drizzle.ts'
import * as kinds from '../../src/topology/table-kinds.ts'

const uuidBytes = mysql.customType<{ data: string; driverData: Buffer }>({
  dataType: () => 'binary(16)',
  toDriver: (value) => Buffer.from(value, 'hex'),
})

const orders = mysql.mysqlTable('orders', {
  id: mysql.serial('id').primaryKey(),
  userId: mysql.bigint('user_id', { mode: 'number' }).notNull(),
  bigId: mysql.bigint('big_id', { mode: 'bigint' }).notNull(),
  referrerId: mysql.int('referrer_id'),
  email: mysql.varchar('email', { length: 100 }).notNull(),
  token: mysql.varbinary('token', { length: 16 }).notNull(),
  external: uuidBytes('external').notNull(),
  paid: mysql.boolean('paid').notNull(),
  price: mysql.decimal('price', { mode: 'number' }).notNull(),
  ratio: mysql.double('ratio').notNull(),
  madeAt: mysql.datetime('made_at').notNull(),
  madeOn: mysql.date('made_on', { mode: 'string' }).notNull(),
  state: mysql.mysqlEnum('state', ['open', 'paid']).notNull(),
})

const notes = sqlite.sqliteTable('notes', {
  userId: sqlite.integer('user_id').notNull(),
  parentId: sqlite.integer('parent_id'),
  slug: sqlite.text('slug').notNull(),
  body: sqlite.text('body', { mode: 'json' }).notNull(),
  token: sqlite.blob('token', { mode: 'buffer' }).notNull(),
  digits: sqlite.blob('digits', { mode: 'bigint' }).notNull(),
  done: sqlite.integer('done', { mode: 'boolean' }).notNull(),
  madeAt: sqlite.integer('made_at', { mode: 'timestamp' }).notNull(),
})
const moments = mysql.mysqlTable('moments', {
  changedAt: mysql.timestamp('changed_at', { fsp: 6, mode: 'string' }).notNull(),
  deletedAt: mysql.datetime('deleted_at'),
})
const items = mysql.mysqlTable('items', {
  userId: mysql.bigint('user_id', { mode: 'number' }).notNull(),
  orderId: mysql.bigint('order_id', { mode: 'number' }).notNull(),
})
const unnamed = sqlite.sqliteTable('unnamed', { userId: sqlite.integer().notNull() })

/** What is said of a reference table when nothing is said. */
const kept = { deletes: 'compare', copies: 'managed' }

test('Drizzle tables become table kinds under the names of the database', () => {
  expect([
    sharded(orders, { group: 'product', key: 'userId' }),
    sharded(notes, { group: 'product', key: 'userId' }),
    reference(orders, ['a', 'b'], { source: 'shop' }),
    reference(orders, 'a'),
    isolated(notes, 'product'),
    pinned(notes, 'default'),
  ]).toEqual([
    { orders: { kind: 'sharded', group: 'product', key: 'user_id', keyType: 'integer' } },
    { notes: { kind: 'sharded', group: 'product', key: 'user_id', keyType: 'integer' } },
    { orders: { kind: 'reference', groups: ['a', 'b'], source: 'shop', ...kept } },
    { orders: { kind: 'reference', groups: ['a'], source: 'default', ...kept } },
    { notes: { kind: 'isolated', group: 'product' } },
    { notes: { kind: 'pinned', database: 'default' } },
  ])
})

test('each key type is kept as it was given', () => {
  const keyTypes = [
    sharded(orders, { group: 'g', key: 'id' }),
    sharded(orders, { group: 'g', key: 'bigId', keyType: 'integer' }),
    sharded(orders, { group: 'g', key: 'email', keyType: 'string' }),
    sharded(notes, { group: 'g', key: 'token', keyType: 'uuid' }),
    sharded(orders, { group: 'g', key: 'external', keyType: 'uuid' }),
    sharded(notes, { group: 'g', key: 'slug', keyType: 'uuid' }),
    sharded(notes, { group: 'g', key: 'token', keyType: 'binary' }),
  ].map((kinds) => Object.values(kinds)[0])
  expect(keyTypes.map((kind) => kind?.kind === 'sharded' && `${kind.key} ${kind.keyType}`)).toEqual([
    'id integer',
    'big_id integer',
    'email string',
    'token uuid',
    'external uuid',
    'slug uuid',
    'token binary',
  ])
})

test('a column without a name of its own gets the name that casing gives it', () => {
  expect([
    sharded(unnamed, { group: 'g', key: 'userId' }),
    sharded(unnamed, { group: 'g', key: 'userId', casing: 'snake_case' }),
    sharded(unnamed, { group: 'g', key: 'userId', casing: 'camelCase' }),
    sharded(notes, { group: 'g', key: 'userId', casing: 'camelCase' }),
  ]).toMatchObject([
    { unnamed: { key: 'userId' } },
    { unnamed: { key: 'user_id' } },
    { unnamed: { key: 'userId' } },
    { notes: { key: 'user_id' } },
  ])
})

test('foreign keys and the order of columns become facts of the table', () => {
  const tree = sqlite.sqliteTable('tree', { userId: sqlite.integer().notNull(), parentId: sqlite.integer() })
  expect([
    sharded(items, {
      group: 'g',
      key: 'userId',
      columns: ['order_id', 'user_id'],
      foreignKeys: [
        { columns: [items.userId, items.orderId], referencedColumns: [orders.userId, orders.id] },
      ],
    }),
    sharded(tree, {
      group: 'g',
      key: 'userId',
      casing: 'snake_case',
      foreignKeys: [{ columns: [tree.parentId], referencedColumns: [tree.userId] }],
    }),
  ]).toEqual([
    {
      items: kinds.sharded('g', 'user_id', {
        columns: ['order_id', 'user_id'],
        foreignKeys: [
          { columns: ['user_id', 'order_id'], references: 'orders', referencedColumns: ['user_id', 'id'] },
        ],
      }),
    },
    {
      tree: kinds.sharded('g', 'user_id', {
        foreignKeys: [{ columns: ['parent_id'], references: 'tree', referencedColumns: ['user_id'] }],
      }),
    },
  ])
})

test('cursor and mark of deleted rows of a reference table get their names in the database', () => {
  const parts = sqlite.sqliteTable('parts', {
    changedAt: sqlite.integer({ mode: 'timestamp' }).notNull(),
    isGone: sqlite.integer({ mode: 'boolean' }),
  })
  expect([
    reference(notes, 'a', { cursor: 'madeAt', deletes: { column: 'done' } }),
    reference(parts, 'a', { casing: 'snake_case', cursor: 'changedAt', deletes: { column: 'isGone' } }),
    reference(orders, 'all', { deletes: 'compare', copies: 'unmanaged' }),
  ]).toEqual([
    { notes: kinds.reference('a', { cursor: 'made_at', deletes: { column: 'done' } }) },
    { parts: kinds.reference('a', { cursor: 'changed_at', deletes: { column: 'is_gone' } }) },
    { orders: kinds.reference('all', { copies: 'unmanaged' }) },
  ])
})

test('foreign keys of a model are not taken as a promise about the shard key', () => {
  const lines = mysql.mysqlTable('lines', {
    userId: mysql.int('user_id').notNull(),
    orderId: mysql.serial('order_id').references(() => orders.id),
  })
  expect(sharded(lines, { group: 'g', key: 'userId' })).toEqual({ lines: kinds.sharded('g', 'user_id') })
})

test('from JavaScript, a foreign key with columns of other tables is a config error', () => {
  const declare = (columns: readonly unknown[], referencedColumns: readonly unknown[]) => () =>
    // The point of this test is what the types forbid.
    sharded(items, { group: 'g', key: 'userId', foreignKeys: [{ columns, referencedColumns } as never] })
  const configError: unknown = expect.objectContaining({ code: 'SHERD_CONFIG', details: { table: 'items' } })
  expect(declare([orders.id], [orders.id])).toThrow(configError)
  expect(declare([undefined], [orders.id])).toThrow(configError)
  expect(declare([items.orderId], [])).toThrow(configError)
  expect(declare([items.userId, items.orderId], [orders.id, notes.userId])).toThrow(configError)
})

test('from JavaScript, a wrong column and a wrong table are config errors', () => {
  // @ts-expect-error no such column
  expect(() => sharded(orders, { group: 'g', key: 'user_id' })).toThrow(
    expect.objectContaining({ code: 'SHERD_CONFIG', details: { table: 'orders', column: 'user_id' } }),
  )
  // @ts-expect-error not a table
  expect(() => pinned({}, 'default')).toThrow(expect.objectContaining({ code: 'SHERD_CONFIG' }))
})

/** Compiled, never run: each line below must be a type error. */
export function wrongDeclarations(): void {
  // @ts-expect-error the column's name in the database is not its name in the model
  sharded(orders, { group: 'product', key: 'user_id' })
  // @ts-expect-error a nullable column: NULL belongs to no shard
  sharded(orders, { group: 'product', key: 'referrerId' })
  // @ts-expect-error a nullable column of SQLite
  sharded(notes, { group: 'product', key: 'parentId' })
  // @ts-expect-error a text column needs its keyType
  sharded(orders, { group: 'product', key: 'email' })
  // @ts-expect-error a text column of SQLite needs its keyType
  sharded(notes, { group: 'product', key: 'slug' })
  // @ts-expect-error a binary column needs its keyType
  sharded(notes, { group: 'product', key: 'token' })
  // @ts-expect-error Drizzle sends VARBINARY as text
  sharded(orders, { group: 'product', key: 'token', keyType: 'binary' })
  // @ts-expect-error a custom column needs its keyType
  sharded(orders, { group: 'product', key: 'external' })
  // @ts-expect-error a boolean column
  sharded(orders, { group: 'product', key: 'paid' })
  // @ts-expect-error a boolean column of SQLite
  sharded(notes, { group: 'product', key: 'done' })
  // @ts-expect-error a date column
  sharded(orders, { group: 'product', key: 'madeAt' })
  // @ts-expect-error a date column of SQLite
  sharded(notes, { group: 'product', key: 'madeAt' })
  // @ts-expect-error a date that Drizzle reads as text compares as a date in the database
  sharded(orders, { group: 'product', key: 'madeOn', keyType: 'string' })
  // @ts-expect-error an enum compares by number or text
  sharded(orders, { group: 'product', key: 'state', keyType: 'string' })
  // @ts-expect-error a DECIMAL read as a number
  sharded(orders, { group: 'product', key: 'price' })
  // @ts-expect-error a DOUBLE
  sharded(orders, { group: 'product', key: 'ratio' })
  // @ts-expect-error a bigint that SQLite keeps as a BLOB of digits
  sharded(notes, { group: 'product', key: 'digits' })
  // @ts-expect-error a JSON column
  sharded(notes, { group: 'product', key: 'body', keyType: 'string' })
  // @ts-expect-error an integer column is not a string key
  sharded(orders, { group: 'product', key: 'userId', keyType: 'string' })
  sharded(items, {
    group: 'product',
    key: 'userId',
    // @ts-expect-error a foreign key from a column that does not exist
    foreignKeys: [{ columns: [items.order], referencedColumns: [orders.id] }],
  })
  sharded(items, {
    group: 'product',
    key: 'userId',
    // @ts-expect-error a foreign key to a column that does not exist
    foreignKeys: [{ columns: [items.orderId], referencedColumns: [orders.order_id] }],
  })
  sharded(items, {
    group: 'product',
    key: 'userId',
    // @ts-expect-error a foreign key from a column of another table
    foreignKeys: [{ columns: [orders.id], referencedColumns: [orders.id] }],
  })
  sharded(items, {
    group: 'product',
    key: 'userId',
    // @ts-expect-error a foreign key by names
    foreignKeys: [{ columns: ['orderId'], referencedColumns: ['id'] }],
  })
  // @ts-expect-error an option that does not exist
  sharded(orders, { group: 'product', key: 'userId', shards: 8 })
  // @ts-expect-error the group is missing
  sharded(orders, { key: 'userId' })
  // @ts-expect-error an option that does not exist
  reference(orders, 'product', { from: 'default' })
  // @ts-expect-error the cursor's name in the database is not its name in the model
  reference(orders, 'product', { cursor: 'made_at' })
  // @ts-expect-error a number does not tell when a row was changed
  reference(orders, 'product', { cursor: 'userId' })
  // @ts-expect-error a date without time does not tell which change was later
  reference(orders, 'product', { cursor: 'madeOn' })
  // @ts-expect-error a cursor that may be NULL
  reference(moments, 'product', { cursor: 'deletedAt' })
  // @ts-expect-error deleted rows are not marked by a text
  reference(orders, 'product', { deletes: { column: 'email' } })
  // @ts-expect-error no such column
  reference(orders, 'product', { deletes: { column: 'deletedAt' } })
  // @ts-expect-error no such way to find deleted rows
  reference(orders, 'product', { deletes: 'deletedAt' })
  // @ts-expect-error no such policy
  reference(orders, 'product', { copies: 'none' })
  reference(moments, 'product', { cursor: 'changedAt', deletes: { column: 'deletedAt' } })
  // @ts-expect-error not a table
  isolated('orders', 'product')
}
