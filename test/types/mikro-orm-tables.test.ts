import { defineEntity, EntityCaseNamingStrategy, EntitySchema, p } from '@mikro-orm/core'
import { expect, test } from 'vitest'
import { isolated, pinned, reference, sharded } from '../../src/orm/mikro-orm.ts'
import * as kinds from '../../src/topology/table-kinds.ts'

const OrderSchema = defineEntity({
  name: 'CustomerOrder',
  properties: {
    tenantId: p.integer().primary(),
    id: p.bigint().primary(),
    safeId: p.bigint('number'),
    textId: p.bigint('string'),
    email: p.string().fieldName('mail'),
    token: p.blob(),
    external: p.uuid().name('external_key'),
    referrerId: p.integer().nullable(),
    paid: p.boolean(),
    madeAt: p.datetime(),
    deletedAt: p.datetime().nullable(),
    ratio: p.double(),
    price: p.decimal('number'),
    state: p.enum(['new', 'paid']),
    level: p.enum([1, 2]),
    shadow: p.integer().persist(false),
  },
})
const LineSchema = defineEntity({
  name: 'Line',
  tableName: 'order_lines',
  properties: {
    order: () => p.manyToOne(OrderSchema).primary().joinColumns('tenant_id', 'order_id'),
    line: p.integer().primary(),
    gift: () => p.manyToOne(OrderSchema).nullable().joinColumns('gift_tenant', 'gift_id'),
    silent: () => p.manyToOne(OrderSchema).ref(),
  },
})
const PlainSchema = new EntitySchema<{ id: number; userId: number; name: string }>({
  name: 'Plain',
  tableName: 'plain_rows',
  properties: {
    id: { type: 'number', primary: true },
    userId: { type: 'number', fieldName: 'user' },
    name: { type: 'string' },
  },
})
const toOrders = { group: 'g', key: 'tenantId' } as const
const keyOf = (table: kinds.TableKinds) => {
  const [kind] = Object.values(table)
  return kind?.kind === 'sharded' && `${kind.key} ${kind.keyType}`
}

test('entities become table kinds under the names of the database', () => {
  expect([
    sharded(OrderSchema, toOrders),
    sharded(LineSchema, { group: 'g', key: 'order.tenantId', foreignKeys: ['order', 'gift'] }),
    sharded(PlainSchema, { group: 'g', key: 'userId', columns: ['id', 'user', 'name'], scatter: 'allow' }),
    reference(PlainSchema, ['a', 'b'], { source: 'shop' }),
    reference(OrderSchema, 'a', { cursor: 'madeAt', deletes: { column: 'deletedAt' }, copies: 'unmanaged' }),
    isolated(PlainSchema, 'g'),
    pinned(PlainSchema, 'default'),
  ]).toEqual([
    { customer_order: kinds.sharded('g', 'tenant_id') },
    {
      order_lines: kinds.sharded('g', 'tenant_id', {
        foreignKeys: [
          {
            columns: ['tenant_id', 'order_id'],
            references: 'customer_order',
            referencedColumns: ['tenant_id', 'id'],
          },
          {
            columns: ['gift_tenant', 'gift_id'],
            references: 'customer_order',
            referencedColumns: ['tenant_id', 'id'],
          },
        ],
      }),
    },
    { plain_rows: kinds.sharded('g', 'user', { columns: ['id', 'user', 'name'], scatter: 'allow' }) },
    { plain_rows: kinds.reference(['a', 'b'], { source: 'shop' }) },
    {
      customer_order: kinds.reference<string, string>('a', {
        cursor: 'made_at',
        deletes: { column: 'deleted_at' },
        copies: 'unmanaged',
      }),
    },
    { plain_rows: kinds.isolated('g') },
    { plain_rows: kinds.pinned('default') },
  ])
})

test('each key type is kept as it was given, and ids by their columns', () => {
  expect([
    keyOf(sharded(OrderSchema, { group: 'g', key: 'id' })),
    keyOf(sharded(OrderSchema, { group: 'g', key: 'safeId', keyType: 'integer' })),
    keyOf(sharded(OrderSchema, { group: 'g', key: 'textId', keyType: 'integer' })),
    keyOf(sharded(OrderSchema, { group: 'g', key: 'email', keyType: 'string' })),
    keyOf(sharded(OrderSchema, { group: 'g', key: 'external', keyType: 'uuid' })),
    keyOf(sharded(OrderSchema, { group: 'g', key: 'token', keyType: 'binary' })),
  ]).toEqual([
    'id integer',
    'safe_id integer',
    'text_id integer',
    'mail string',
    'external_key uuid',
    'token binary',
  ])
  expect(sharded(LineSchema, { group: 'g', key: 'order.tenantId', ids: { 'order.id': 'time' } })).toEqual({
    order_lines: kinds.sharded('g', 'tenant_id', { ids: { order_id: 'time' } }),
  })
})

test('another naming strategy names tables and columns as the ORM does', () => {
  const naming = new EntityCaseNamingStrategy()
  expect(sharded(OrderSchema, { ...toOrders, naming })).toEqual({
    CustomerOrder: kinds.sharded('g', 'tenantId'),
  })
})

test('a property that types take for a number or text, but that can be no key, is a config error', () => {
  const declare = (key: string) => () =>
    // The point of this test is what types do not know, or JavaScript does not ask.
    sharded(OrderSchema, { group: 'g', key, keyType: 'string' } as never)
  for (const [key, fault] of [
    ['tenant_id', 'does not exist'],
    ['referrerId', 'may be NULL'],
    ['paid', 'is of type boolean'],
    ['madeAt', 'is of type datetime'],
    ['ratio', 'is of type double'],
    ['price', 'is of type decimal'],
    ['state', 'is an enum'],
    ['level', 'is an enum'],
    ['shadow', 'is not stored'],
  ] as const) {
    expect(declare(key)).toThrow(
      expect.objectContaining({ code: 'SHERD_CONFIG', details: { table: 'customer_order', column: key } }),
    )
    expect(declare(key)).toThrow(fault)
  }
})

test('a key behind a relation needs a relation that is never NULL and names its columns', () => {
  const declare = (key: string) => () => sharded(LineSchema, { group: 'g', key } as never)
  expect(declare('gift.tenantId')).toThrow('may be NULL')
  expect(declare('silent.tenantId')).toThrow('has no column that the relation names: give it joinColumns()')
  expect(declare('order.email')).toThrow('has no column that the relation names')
  expect(declare('order')).toThrow('is a relation, not a column of its own')
  expect(declare('line.tenantId')).toThrow('does not exist')
  const relation = () => sharded(LineSchema, { group: 'g', key: 'order.tenantId', foreignKeys: ['silent'] })
  expect(relation).toThrow('has no column that the relation names')
})

test('from JavaScript, what is no entity schema is a config error', () => {
  // @ts-expect-error a class is not its schema
  expect(() => pinned(class Order {}, 'default')).toThrow(expect.objectContaining({ code: 'SHERD_CONFIG' }))
})

/** Compiled, never run: each line below must be a type error. */
export function wrongDeclarations(): void {
  // @ts-expect-error the column's name in the database is not its name in the entity
  sharded(OrderSchema, { group: 'g', key: 'tenant_id' })
  // @ts-expect-error a nullable property: NULL belongs to no shard
  sharded(OrderSchema, { group: 'g', key: 'referrerId' })
  // @ts-expect-error a text property needs its keyType
  sharded(OrderSchema, { group: 'g', key: 'email' })
  // @ts-expect-error a binary property needs its keyType
  sharded(OrderSchema, { group: 'g', key: 'token' })
  // @ts-expect-error a boolean property
  sharded(OrderSchema, { group: 'g', key: 'paid' })
  // @ts-expect-error a date property, whatever the keyType
  sharded(OrderSchema, { group: 'g', key: 'madeAt', keyType: 'string' })
  // @ts-expect-error an integer property is not a string key
  sharded(OrderSchema, { group: 'g', key: 'tenantId', keyType: 'string' })
  // @ts-expect-error a relation is not a column of its own
  sharded(LineSchema, { group: 'g', key: 'order' })
  // @ts-expect-error a relation that may be NULL
  sharded(LineSchema, { group: 'g', key: 'gift.tenantId' })
  // @ts-expect-error no such property behind the relation
  sharded(LineSchema, { group: 'g', key: 'order.tenant' })
  // @ts-expect-error a text behind a relation needs its keyType
  sharded(LineSchema, { group: 'g', key: 'order.email' })
  // @ts-expect-error a foreign key that is no relation
  sharded(LineSchema, { group: 'g', key: 'order.tenantId', foreignKeys: ['line'] })
  // @ts-expect-error a time id does not fit into a number
  sharded(OrderSchema, { ...toOrders, ids: { safeId: 'time' } })
  // @ts-expect-error no such property with ids
  sharded(OrderSchema, { ...toOrders, ids: { orderId: 'time' } })
  // @ts-expect-error an option that does not exist
  sharded(OrderSchema, { group: 'g', key: 'tenantId', shards: 8 })
  // @ts-expect-error the group is missing
  sharded(OrderSchema, { key: 'tenantId' })
  // @ts-expect-error a cursor that may be NULL
  reference(OrderSchema, 'g', { cursor: 'deletedAt' })
  // @ts-expect-error an option that does not exist
  reference(OrderSchema, 'g', { from: 'default' })
  // @ts-expect-error not an entity schema
  isolated('orders', 'g')
}
