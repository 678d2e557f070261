import { DriverException, defineEntity, MikroORM, MySqlDriver, p } from '@mikro-orm/mysql'
import { MysqlDialect } from 'kysely'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import type { Sherd } from '../../src/facade/sherd.ts'
import { mikroOrmPool, sharded } from '../../src/orm/mikro-orm.ts'
import * as kinds from '../../src/topology/table-kinds.ts'
import { failureOf } from './behaviours/stage.ts'
import { mariadbServers } from './mariadb-servers.ts'
import { emptyTables, openOrders, shardsOf, threeUsers } from './order-tables.ts'

/** Ids of 64 bits, which MikroORM writes as quoted texts. */
const OrderSchema = defineEntity({
  name: 'Order',
  tableName: 'orders',
  properties: {
    userId: p.bigint().primary(),
    id: p.bigint().primary(),
    product: p.string(),
    cents: p.integer(),
    items: () => p.oneToMany(ItemSchema).mappedBy('order'),
  },
})
const ItemSchema = defineEntity({
  name: 'OrderItem',
  tableName: 'order_items',
  primaryKeys: ['order', 'line'],
  properties: {
    order: () => p.manyToOne(OrderSchema).primary().joinColumns('user_id', 'order_id'),
    line: p.integer().primary(),
    currency: p.integer(),
  },
})

let sherd: Sherd
let orm: MikroORM
let statements: string[] = []
let connections = 0
let here = 0n
let near = 0n
let far = 0n

beforeAll(async () => {
  const shards = { group: 'product', key: 'userId' } as const
  sherd = await openOrders(await mariadbServers(import.meta.filename), [
    sharded(OrderSchema, shards),
    sharded(ItemSchema, { group: 'product', key: 'order.userId' }),
    {
      currencies: kinds.reference('product', { copies: 'unmanaged' }),
      samples: kinds.sharded('product', 'user_id'),
      notes: kinds.sharded('product', 'user_id'),
      parcels: kinds.sharded('product', 'user_id'),
      stops: kinds.sharded('product', 'user_id'),
    },
  ])
  orm = await MikroORM.init({
    driver: MySqlDriver,
    driverOptions: new MysqlDialect({
      pool: mikroOrmPool(sherd),
      onCreateConnection: async () => {
        connections += 1
      },
    }),
    dbName: 'main',
    ensureDatabase: false,
    entities: [OrderSchema, ItemSchema],
    debug: ['query', 'query-params'],
    logger: (line) => statements.push(line),
    colors: false,
  })
  const users = threeUsers(sherd)
  ;[here, near, far] = [BigInt(users.here), BigInt(users.near), BigInt(users.far)]
})
beforeEach(async () => {
  await emptyTables(sherd)
  statements = []
})
afterAll(async () => {
  await orm.close()
  await sherd.close()
})

const order = (userId: bigint, id: bigint) => ({ userId, id, product: `product ${id}`, cents: 100 })
const openOther = () =>
  MikroORM.init({
    driver: MySqlDriver,
    driverOptions: new MysqlDialect({ pool: mikroOrmPool(sherd) }),
    dbName: 'main',
    ensureDatabase: false,
    entities: [OrderSchema, ItemSchema],
  })
const cents = async (userId: bigint) =>
  (await orm.em.fork().find(OrderSchema, { userId }, { orderBy: { id: 'asc' } })).map((row) => row.cents)
const codeOf = (error: unknown) => (error instanceof DriverException ? error.code : error)

describe('a flush', () => {
  test('updates rows of two logical shards of a server in one statement with CASE WHEN', async () => {
    const em = orm.em.fork()
    const rows = [here, here, near].map((user, index) => em.create(OrderSchema, order(user, BigInt(index))))
    await em.flush()
    for (const [index, row] of rows.entries()) row.cents = index + 1
    await em.flush()
    const [update] = statements.filter((text) => text.includes('update `orders`'))
    expect(update).toMatch(/case when .* end where \(`user_id`, `id`\) in \(\('\d+', '\d+'\), /)
    expect([await cents(here), await cents(near)]).toEqual([[1, 2], [3]])
  })

  test('removes rows of two logical shards of a server in one statement', async () => {
    const em = orm.em.fork()
    const rows = [here, near, near].map((user, index) => em.create(OrderSchema, order(user, BigInt(index))))
    await em.flush()
    for (const row of rows.slice(1)) em.remove(row)
    await em.flush()
    expect([await cents(here), await cents(near)]).toEqual([[100], []])
  })

  test('with rows of two servers is refused, and nothing of it stays', async () => {
    const em = orm.em.fork()
    for (const user of [here, far]) em.create(OrderSchema, order(user, 1n))
    expect(codeOf(await failureOf(em.flush()))).toBe('SHERD_SEVERAL_SERVERS')
    expect([await cents(here), await cents(far)]).toEqual([[], []])
  })

  test('orders inserts, updates and removals of a graph in one transaction', async () => {
    const em = orm.em.fork()
    const items = [1, 2].map((line) => ({ line, currency: 978 }))
    const row = em.create(OrderSchema, { ...order(far, 1n), items })
    await em.flush()
    const [first, second] = row.items.getItems()
    if (first === undefined || second === undefined) throw new Error('There are two items.')
    first.currency = 840
    em.remove(second)
    row.cents = 5
    await em.flush()
    const found = await orm.em
      .fork()
      .findOneOrFail(OrderSchema, { userId: far, id: 1n }, { populate: ['items'] })
    expect(found.items.getItems().map(({ line, currency }) => ({ line, currency }))).toEqual([
      { line: 1, currency: 840 },
    ])
    expect(found.cents).toBe(5)
  })
})

test('upsertMany finds its rows by an OR of full keys', async () => {
  const em = orm.em.fork()
  await em.upsertMany(OrderSchema, [order(here, 1n), order(here, 2n)])
  await em.fork().upsertMany(OrderSchema, [
    { ...order(here, 1n), cents: 7 },
    { ...order(here, 3n), cents: 9 },
  ])
  expect(await cents(here)).toEqual([7, 100, 9])
})

test('select-in and joined loading carry the key of the relation', async () => {
  const em = orm.em.fork()
  for (const user of [here, near])
    em.create(OrderSchema, { ...order(user, 1n), items: [{ line: 1, currency: 978 }] })
  await em.flush()
  for (const strategy of ['select-in', 'joined'] as const) {
    const [found] = await orm.em.fork().find(OrderSchema, { userId: here }, { populate: ['items'], strategy })
    expect(found?.items.getItems().map(({ line }) => line)).toEqual([1])
  }
  const [item] = await orm.em.fork().find(ItemSchema, { order: { userId: here } }, { populate: ['order'] })
  expect(item?.order.product).toBe('product 1')
})

test('conditions on a relation stay on the shard', async () => {
  const em = orm.em.fork()
  for (const id of [1n, 2n])
    em.create(OrderSchema, { ...order(here, id), items: [{ line: Number(id), currency: 978 }] })
  await em.flush()
  const found = await orm.em.fork().find(OrderSchema, { userId: here, items: { line: 2 } })
  expect(found.map(({ id }) => id)).toEqual([2n])
})

test('a page with joined rows asks in derived tables, and counts', async () => {
  const em = orm.em.fork()
  for (const id of [1n, 2n, 3n])
    em.create(OrderSchema, { ...order(far, id), items: [1, 2].map((line) => ({ line, currency: 978 })) })
  await em.flush()
  const options = {
    populate: ['items'],
    strategy: 'joined',
    limit: 2,
    offset: 1,
    orderBy: { id: 'asc' },
  } as const
  const [rows, total] = await orm.em.fork().findAndCount(OrderSchema, { userId: far }, options)
  expect([rows.map((row) => [row.id, row.items.length]), total]).toEqual([
    [
      [2n, 2],
      [3n, 2],
    ],
    3,
  ])
})

test('clear() of the schema empties the tables of one logical shard, whose foreign keys it turns off before', async () => {
  const em = orm.em.fork()
  for (const user of [here, near])
    em.create(OrderSchema, { ...order(user, 1n), items: [{ line: 1, currency: 978 }] })
  await em.flush()
  await sherd.onShard(sherd.locate('product', here).name, () => orm.schema.clear())
  expect([await cents(here), await cents(near)]).toEqual([[], [100]])
})

test('a hook for new connections runs once for each, however often it is taken from the pool', async () => {
  for (let turn = 0; turn < 5; turn += 1) await cents(here)
  const before = connections
  for (let turn = 0; turn < 5; turn += 1) await cents(here)
  expect(connections).toBe(before)
})

test('the first bulk insert of a process may be on any server, which is asked for the step of its ids', async () => {
  const other = await openOther()
  const em = other.em.fork()
  for (const id of [1n, 2n]) em.create(OrderSchema, order(far, id))
  await em.flush()
  await other.close()
  expect(await cents(far)).toEqual([100, 100])
})

test('orm.close() leaves sherd open, and the ORM opens again', async () => {
  const other = await openOther()
  await other.connect()
  expect(await other.isConnected()).toBe(true)
  await other.close()
  expect(await cents(here)).toEqual([])
  expect(shardsOf(sherd)).toHaveLength(4)
})
