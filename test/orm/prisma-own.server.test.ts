import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import type { Sherd } from '../../src/facade/sherd.ts'
import { prismaAdapter } from '../../src/orm/prisma.ts'
import { failureOf, order, withItems } from './behaviours/stage.ts'
import { mariadbServers } from './mariadb-servers.ts'
import { emptyTables, openOrders, threeUsers } from './order-tables.ts'
import { type Client, generated, KnownError, tables } from './prisma.ts'

/** A model whose methods are named by the test. */
type Model = Readonly<Record<string, (query: object) => Promise<unknown>>>

/** The generated client, with what only this file uses of it. */
type OwnClient = Omit<Client, '$transaction'> & {
  readonly $executeRawUnsafe: (sql: string, ...values: readonly unknown[]) => Promise<number>
  readonly $transaction: {
    <T>(body: (client: OwnClient) => Promise<T>, options?: object): Promise<T>
    (queries: readonly Promise<unknown>[]): Promise<unknown[]>
  }
}

let sherd: Sherd
let client: OwnClient
let here = 0
let near = 0
let far = 0

beforeAll(async () => {
  sherd = await openOrders(await mariadbServers(import.meta.filename), tables)
  client = new generated.PrismaClient({ adapter: prismaAdapter(sherd) }) as unknown as OwnClient
  ;({ here, near, far } = threeUsers(sherd))
})
beforeEach(() => emptyTables(sherd))
afterAll(async () => {
  await client.$disconnect()
  await sherd.close()
})

const model = (name: 'order' | 'item' | 'note') => client[name] as unknown as Model
const call = (name: 'order' | 'item' | 'note', method: string, query: object) => model(name)[method]?.(query)
const read = async (sql: string, user: number) => {
  const connection = sherd.connection()
  try {
    return (await sherd.fresh(() => connection.execute(sql, [user]))).rows
  } finally {
    connection.release()
  }
}

describe('a model with a single AUTO_INCREMENT id', () => {
  test('is created, changed and removed in the scope of its key', async () => {
    const text = await sherd.withShardKey('product', here, async () => {
      const { id } = await client.note.create({ data: { userId: here, text: 'first' } })
      await client.note.update({ where: { id }, data: { text: 'second' } })
      return (await client.note.findUniqueOrThrow({ where: { id } })).text
    })
    expect(text).toBe('second')
    expect(await read('SELECT text FROM notes WHERE user_id = ?', here)).toEqual([{ text: 'second' }])
  })

  test('is refused outside of a scope, and the row that was inserted is taken back', async () => {
    const error = await failureOf(client.note.create({ data: { userId: here, text: 'first' } }))
    expect(error).toMatchObject({
      meta: { driverAdapterError: { cause: { originalCode: 'SHERD_NO_SHARD_KEY' } } },
    })
    expect(await read('SELECT text FROM notes WHERE user_id = ?', here)).toEqual([])
  })

  test('is inserted in bulk on one logical shard, and refused over several', async () => {
    const notes = (users: readonly number[]) => users.map((userId) => ({ userId, text: 'note' }))
    expect(await client.note.createMany({ data: notes([here, here]) })).toEqual({ count: 2 })
    const error = await failureOf(client.note.createMany({ data: notes([here, near]) }))
    expect(error).toMatchObject({
      meta: { driverAdapterError: { cause: { originalCode: 'SHERD_SPLIT_AUTO_INCREMENT' } } },
    })
    expect(await read('SELECT text FROM notes WHERE user_id = ?', near)).toEqual([])
  })
})

describe('the recipe of composite keys', () => {
  test('carries the key through filters, counts and order over relations', async () => {
    for (const user of [here, near]) {
      for (const id of [1, 2]) await call('order', 'create', { data: order(user, id) })
      for (const { userId, orderId, line, currency } of withItems(user, 2).items)
        await client.item.create({ data: { userId, orderId, line, currency } })
    }
    const found = await client.order.findMany({
      where: { userId: here, items: { some: { currency: 978 } } },
      select: { id: true, _count: { select: { items: true } } },
      orderBy: { items: { _count: 'desc' } },
    })
    expect(found).toEqual([{ id: 2, _count: { items: 2 } }])
    const none = { where: { userId: here, items: { none: {} } }, select: { id: true } }
    expect(await client.order.findMany(none)).toEqual([{ id: 1 }])
    const distinct = { where: { userId: here }, distinct: ['currency'], orderBy: { currency: 'asc' } }
    expect(await client.item.findMany({ ...distinct, select: { currency: true } })).toEqual([
      { currency: 840 },
      { currency: 978 },
    ])
    const cursor = {
      cursor: { userId_id: { userId: here, id: 1 } },
      skip: 1,
      take: 1,
      orderBy: { id: 'asc' },
    }
    const select = { id: true }
    expect(await client.order.findMany({ where: { userId: here }, ...cursor, select })).toEqual([{ id: 2 }])
  })

  test('carries the key through nested writes', async () => {
    await client.order.create({ data: order(far, 1) })
    const where = { userId_id: { userId: far, id: 1 } }
    const lineKey = (line: number) => ({ userId_orderId_line: { userId: far, orderId: 1, line } })
    await client.order.update({
      where,
      data: {
        cents: 7,
        items: {
          create: [
            { line: 1, currency: 978 },
            { line: 2, currency: 840 },
          ],
        },
      },
    })
    await client.order.update({
      where,
      data: {
        items: {
          update: { where: lineKey(1), data: { currency: 840 } },
          delete: lineKey(2),
          upsert: { where: lineKey(3), create: { line: 3, currency: 978 }, update: { currency: 978 } },
        },
      },
    })
    expect(await read('SELECT line, currency FROM order_items WHERE user_id = ? ORDER BY line', far)).toEqual(
      [
        { line: 1, currency: 840 },
        { line: 3, currency: 978 },
      ],
    )
    expect(await read('SELECT cents FROM orders WHERE user_id = ?', far)).toEqual([{ cents: 7 }])
  })

  test('lets createMany leave out rows that are there', async () => {
    await client.order.create({ data: order(here, 1) })
    const data = [order(here, 1), order(here, 2), order(near, 1)]
    expect(await client.order.createMany({ data, skipDuplicates: true })).toEqual({ count: 2 })
  })
})

describe('transactions', () => {
  test('of a list of queries are all there or not at all', async () => {
    await client.$transaction([
      client.order.create({ data: order(here, 1) }),
      client.order.create({ data: order(near, 1) }),
    ])
    const failed = client.$transaction([
      client.order.create({ data: order(here, 2) }),
      client.order.create({ data: order(here, 1) }),
    ])
    await expect(failed).rejects.toMatchObject({ code: 'P2002' })
    expect(await read('SELECT id FROM orders WHERE user_id = ?', here)).toEqual([{ id: 1 }])
  })

  test.each([
    ['ReadCommitted', 5],
    ['RepeatableRead', 100],
  ])('have the isolation level %s', async (isolationLevel, seen) => {
    await client.order.create({ data: order(here, 1) })
    const where = { userId_id: { userId: here, id: 1 } }
    const cents = await client.$transaction(
      async (inner) => {
        await inner.order.findUniqueOrThrow({ where })
        await client.order.update({ where, data: { cents: 5 } })
        return (await inner.order.findUniqueOrThrow({ where })).cents
      },
      { isolationLevel },
    )
    expect(cents).toBe(seen)
  })

  test('that no statement follows end without a server', async () => {
    await client.$transaction(async () => {})
    expect(await client.order.count({ where: { userId: here } })).toBe(0)
  })
})

describe('errors', () => {
  const failures: readonly (readonly [string, string, () => Promise<unknown>])[] = [
    [
      'too long a text',
      'P2000',
      () => client.order.create({ data: { ...order(here, 1), product: 'x'.repeat(41) } }),
    ],
    [
      'a duplicate key',
      'P2002',
      () =>
        client.order
          .create({ data: order(here, 1) })
          .then(() => client.order.create({ data: order(here, 1) })),
    ],
    [
      'a missing parent',
      'P2003',
      () => client.item.create({ data: { userId: here, orderId: 9, line: 1, currency: 1 } }),
    ],
    ['a missing row', 'P2025', () => client.order.delete({ where: { userId_id: { userId: here, id: 9 } } })],
    [
      'raw SQL with a wrong column',
      'P2010',
      () => client.$queryRawUnsafe('SELECT nothing FROM orders WHERE user_id = ?', here),
    ],
    ['raw SQL on a missing table', 'P2010', () => client.$queryRawUnsafe('SELECT * FROM nowhere')],
  ]
  test.each(failures)('of %s are Prisma’s %s', async (_, code, run) => {
    const error = await failureOf(run())
    expect(error).toBeInstanceOf(KnownError)
    expect(error).toMatchObject({ code })
  })

  test('of sherd keep code, message and remedy, and are there as they are', async () => {
    for (const run of [
      () => client.order.findMany({}),
      () => client.$queryRawUnsafe('SELECT * FROM orders'),
    ]) {
      const error = await failureOf(run())
      if (!(error instanceof KnownError)) throw error
      expect(error.message).toContain('SHERD_NO_SHARD_KEY')
      expect(error.message).toContain('Add user_id = ? for orders to WHERE')
      expect(error.meta?.driverAdapterError?.cause.originalCode).toBe('SHERD_NO_SHARD_KEY')
      expect(error.meta?.driverAdapterError?.error).toMatchObject({
        code: 'SHERD_NO_SHARD_KEY',
        remedy: expect.stringContaining('sherd.withShardKey'),
      })
    }
  })

  test('of an upsert that assigns the shard key say to leave it out', async () => {
    const where = { userId_id: { userId: here, id: 1 } }
    await client.order.create({ data: order(here, 1) })
    const error = await failureOf(
      client.order.upsert({ where, create: order(here, 1), update: order(here, 1) }),
    )
    expect(error).toMatchObject({ message: expect.stringContaining('SHERD_KEY_CHANGE') })
  })
})

test('scripts run one statement after another, and stop at the first that fails', async () => {
  const adapter = await prismaAdapter(sherd).connect()
  await adapter.executeScript(
    "CREATE TABLE words (word VARCHAR(20)); -- a; comment\nINSERT INTO words VALUES ('a;b'); /* ; */ INSERT INTO words VALUES ('c');;",
  )
  await expect(
    adapter.executeScript(
      "INSERT INTO words VALUES ('d'); INSERT INTO nowhere VALUES (1); INSERT INTO words VALUES ('e')",
    ),
  ).rejects.toMatchObject({
    name: 'DriverAdapterError',
    cause: { kind: 'TableDoesNotExist', table: 'nowhere' },
  })
  const { rows } = await adapter.queryRaw({ sql: 'SELECT word FROM words', args: [], argTypes: [] })
  expect(rows).toEqual([['a;b'], ['c'], ['d']])
})

test('$disconnect leaves sherd open for others', async () => {
  const other = new generated.PrismaClient({ adapter: prismaAdapter(sherd) })
  await other.order.create({ data: order(far, 1) })
  await other.$disconnect()
  expect(await client.order.count({ where: { userId: far } })).toBe(1)
})
