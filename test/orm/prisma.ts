import { createPool } from 'mysql2'
import type { Sherd } from '../../src/facade/sherd.ts'
import { prismaAdapter } from '../../src/orm/prisma.ts'
import type { TableKinds } from '../../src/topology/table-kinds.ts'
import type { Backend, Item, Order, Orm, OrmInside, OrmUnderTest, OrderWithItems } from './behaviour.ts'
import { generatePrisma, importGenerated } from './prisma-client.ts'
import { orderSchema } from './prisma-schema.ts'

/** What the suite calls of a model of the generated client, which the compiler does not see. */
interface Model<Row> {
  readonly create: (query: object) => Promise<Row>
  readonly createMany: (query: object) => Promise<{ readonly count: number }>
  readonly findUnique: (
    query: object,
  ) => Promise<Row | null> & { readonly items: (query: object) => Promise<Item[]> }
  readonly findUniqueOrThrow: (query: object) => Promise<Row>
  readonly findMany: (query: object) => Promise<Row[]>
  readonly update: (query: object) => Promise<Row>
  readonly updateMany: (query: object) => Promise<{ readonly count: number }>
  readonly upsert: (query: object) => Promise<Row>
  readonly delete: (query: object) => Promise<Row>
  readonly deleteMany: (query: object) => Promise<{ readonly count: number }>
  readonly count: (query: object) => Promise<number>
  readonly aggregate: (
    query: object,
  ) => Promise<Readonly<Record<'_count' | '_sum' | '_max', { cents: number }>>>
  readonly groupBy: (query: object) => Promise<{ currency: number; _count: number }[]>
}

export interface Client {
  readonly order: Model<OrderWithItems>
  readonly item: Model<Item & { readonly currencyRow: { readonly name: string } }>
  readonly sample: Model<unknown>
  readonly note: Model<{ readonly id: number; readonly text: string }>
  readonly parcel: Model<{ readonly text: string; readonly stops: readonly { readonly id: bigint }[] }>
  readonly stop: Model<unknown>
  readonly $queryRawUnsafe: (sql: string, ...values: readonly unknown[]) => Promise<readonly unknown[]>
  readonly $transaction: <T>(body: (client: Client) => Promise<T>) => Promise<T>
  readonly $disconnect: () => Promise<void>
}

interface Generated {
  readonly PrismaClient: new (options: { readonly adapter: unknown; readonly log?: unknown }) => Client
  readonly Prisma: {
    readonly PrismaClientKnownRequestError: new (...args: readonly never[]) => Error & {
      readonly code: string
      readonly meta?: {
        readonly driverAdapterError?: {
          readonly cause: { readonly originalCode?: string }
          readonly error?: unknown
        }
      }
    }
  }
}

const directory = await generatePrisma('suite', orderSchema)
// The modules are those of the two generators of the schema; the types above are checked by running the suite.
export const generated = (await importGenerated(directory, 'client/client.ts')) as Generated
export const { tables } = (await importGenerated(directory, 'tables.ts')) as { readonly tables: TableKinds }
export const KnownError = generated.Prisma.PrismaClientKnownRequestError

const keyOf = (userId: number, id: number) => ({ userId_id: { userId, id } })
const byId = { orderBy: { id: 'asc' } }
const items = { include: { items: { orderBy: { line: 'asc' } } } }

function operate(client: Client): OrmInside {
  const { order, item, sample } = client
  return {
    insert: (data: Order) => order.create({ data }),
    insertItem: (data: Item) => item.create({ data }),
    find: async (userId, id) => (await order.findUnique({ where: keyOf(userId, id) })) ?? undefined,
    list: (userId) => order.findMany({ where: { userId }, ...byId }),
    listAll: () => order.findMany(byId),
    update: async (userId, id, cents) =>
      (await order.updateMany({ where: { userId, id }, data: { cents } })).count,
    remove: async (userId, id) => (await order.deleteMany({ where: { userId, id } })).count,
    change: async (userId, id, cents) => {
      const found = await order.findUniqueOrThrow({ where: keyOf(userId, id) })
      return await order.update({ where: keyOf(found.userId, found.id), data: { cents } })
    },
    removeLoaded: (userId, id) => order.delete({ where: keyOf(userId, id) }),
    upsert: (data) => {
      const { userId, id, product, cents } = data
      return order.upsert({ where: keyOf(userId, id), create: data, update: { product, cents } })
    },
    insertMany: (data) => order.createMany({ data }),
    updateMany: async (userId, ids, cents) =>
      (await order.updateMany({ where: { userId, id: { in: ids } }, data: { cents } })).count,
    removeMany: async (userId, ids) => (await order.deleteMany({ where: { userId, id: { in: ids } } })).count,
    insertWithItems: ({ items: lines, ...data }) => {
      const create = lines.map(({ line, currency }) => ({ line, currency }))
      return order.create({ data: { ...data, items: { create } } })
    },
    listWithItems: (userId) => order.findMany({ where: { userId }, ...items, ...byId }),
    itemsOf: async (userId, id) => {
      const found = await order.findUniqueOrThrow({ where: keyOf(userId, id) })
      return await order
        .findUnique({ where: keyOf(found.userId, found.id) })
        .items({ orderBy: { line: 'asc' } })
    },
    page: async (userId, take, skip) => ({
      total: await order.count({ where: { userId } }),
      orders: await order.findMany({ where: { userId }, ...items, orderBy: { id: 'desc' }, take, skip }),
    }),
    currencyNames: async (userId) => {
      const orderBy = [{ orderId: 'asc' }, { line: 'asc' }]
      const found = await item.findMany({ where: { userId }, include: { currencyRow: true }, orderBy })
      return found.map(({ currencyRow }) => currencyRow.name)
    },
    totals: async (userId) => {
      const query = {
        where: { userId },
        _count: { cents: true },
        _sum: { cents: true },
        _max: { cents: true },
      }
      const { _count, _sum, _max } = await order.aggregate(query)
      return { count: _count.cents, cents: _sum.cents, most: _max.cents }
    },
    countByCurrency: async (userId) => {
      const query = { by: ['currency'], where: { userId }, _count: true, orderBy: { currency: 'asc' } }
      const groups = await item.groupBy(query)
      return groups.map(({ currency, _count }) => ({ currency, count: _count }))
    },
    ...byIdAlone(client),
    transaction: (body) => client.$transaction((inner) => body(operate(inner))),
    nest: (body) => client.$transaction((inner) => body(operate(inner))),
    raw: (sql, values) => client.$queryRawUnsafe(sql, ...values),
    insertSample: (data) => sample.create({ data: { ...data, day: new Date(data.day) } }),
    findSample: (userId, id) => sample.findUnique({ where: keyOf(userId, id) }),
  }
}

function byIdAlone({ parcel, stop }: Client): OrmInside {
  return {
    insertParcels: (data) => parcel.createMany({ data }),
    insertStops: (data) => stop.createMany({ data }),
    changeParcel: async (id, text) => (await parcel.update({ where: { id }, data: { text } })).text,
    removeParcel: (id) => parcel.delete({ where: { id } }),
    stopsOf: async (id) => {
      const include = { stops: { orderBy: { id: 'asc' } } }
      return (await parcel.findUniqueOrThrow({ where: { id }, include })).stops.map((row) => row.id)
    },
    laterStopsOf: async (userId, id) => {
      const include = { stops: { orderBy: { id: 'asc' } } }
      const [found] = await parcel.findMany({ where: { userId, id }, include })
      return (found?.stops ?? []).map((row) => row.id)
    },
  }
}

/** mysql2's own pool behind the same adapter. */
function plainModule(pool: unknown): Sherd['mysql2'] {
  const module = { withRemedy: () => module, createPool: () => pool }
  return module as unknown as Sherd['mysql2']
}

async function openPrisma(backend: Backend): Promise<Orm> {
  const plain = backend.kind === 'plain' ? createPool(backend.url) : undefined
  const adapter =
    backend.kind === 'sherd' ? prismaAdapter(backend.sherd) : prismaAdapter({ mysql2: plainModule(plain) })
  const client = new generated.PrismaClient({
    adapter,
  })
  return {
    ...operate(client),
    close: async () => {
      await client.$disconnect()
      plain?.end()
    },
  }
}

const kindsOfError: Readonly<Record<string, 'duplicate key' | 'foreign key' | 'deadlock'>> = {
  P2002: 'duplicate key',
  P2003: 'foreign key',
  P2034: 'deadlock',
}

export const prisma: OrmUnderTest = {
  name: 'Prisma',
  tables,
  open: openPrisma,
  lacks: {
    findOrCreate: 'upsert of Prisma does not tell whether it created the row',
    stream: 'Prisma has no streams',
    cancel: 'Prisma takes no signal that ends a statement',
    insertNote: 'create reads the row again by its id alone, so it needs a scope (prisma-own.server.test.ts)',
    changeNote: 'the same',
    parcelsOf: 'Prisma joins no relations on MariaDB: it asks for stops by the ids of their parcels',
    insertNotes: 'createMany of Prisma gives a count on MySQL, no ids',
  },
  ownRemedy: /@@id/,
  classify: (error) => (error instanceof KnownError ? (kindsOfError[error.code] ?? 'other') : 'other'),
  refusalCode: (error) =>
    error instanceof KnownError ? error.meta?.driverAdapterError?.cause.originalCode : undefined,
}
