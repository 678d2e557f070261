import { createPool, type Pool } from 'mysql2'
import { generatePrisma, importGenerated } from '../../test/orm/prisma-client.ts'
import type * as SherdPrisma from '../../src/orm/prisma.ts'
import { type Cart, type CartEvent, type CartOrm, connectionLimit, pageSize, type Side } from './carts.ts'

const schema = `
generator client {
  provider = "prisma-client"
  output   = "./client"
}
datasource db {
  provider = "mysql"
}
model Cart {
  userId Int    @map("user_id")
  id     Int
  cents  Int
  items  Item[]
  @@id([userId, id])
  @@map("carts")
}
model Item {
  userId  Int    @map("user_id")
  cartId  Int    @map("cart_id")
  line    Int
  product String
  cart    Cart   @relation(fields: [userId, cartId], references: [userId, id])
  @@id([userId, cartId, line])
  @@map("cart_items")
}
model CartEvent {
  userId Int    @map("user_id")
  id     Int
  note   String
  @@id([userId, id])
  @@map("cart_events")
}
`

/** The part of the generated client that is called. */
interface Client {
  readonly cart: {
    readonly findFirst: (query: object) => Promise<Cart | null>
    readonly findMany: (query: object) => Promise<readonly Cart[]>
    readonly updateMany: (query: object) => Promise<unknown>
  }
  readonly cartEvent: { readonly createMany: (query: object) => Promise<CartEvent> }
  readonly $transaction: <T>(body: (client: Client) => Promise<T>) => Promise<T>
  readonly $disconnect: () => Promise<void>
}
type PrismaClient = new (options: { readonly adapter: unknown }) => Client

/** The client is generated once; its module is made from the schema above, so its type is known. */
let generated: Promise<PrismaClient> | undefined
const loadClient = () =>
  (generated ??= generatePrisma('bench', schema).then(
    async (directory) =>
      ((await importGenerated(directory, 'client/client.ts')) as { readonly PrismaClient: PrismaClient })
        .PrismaClient,
  ))

/** `createMany` writes with one statement; `create` would read the row again, in a transaction. */
export async function openPrisma(side: Side): Promise<CartOrm> {
  const { prismaAdapter } = await side.build.load<typeof SherdPrisma>('orm/prisma.js')
  const plain = side.kind === 'plain' ? createPool({ uri: side.url, connectionLimit }) : undefined
  const adapter = prismaAdapter(side.kind === 'sherd' ? side.sherd : { mysql2: moduleOf(plain) })
  const prisma = new (await loadClient())({ adapter })
  return {
    // Not findUnique: Prisma makes one statement of those that are asked at the same moment.
    find: (userId, id) => prisma.cart.findFirst({ where: { userId, id } }),
    insert: (event) => prisma.cartEvent.createMany({ data: [event] }),
    change: (event, { userId, id, cents }) =>
      prisma.$transaction(async (inner) => {
        await inner.cartEvent.createMany({ data: [event] })
        await inner.cart.updateMany({ where: { userId, id }, data: { cents } })
        return inner.cart.findFirst({ where: { userId, id } })
      }),
    page: (userId) =>
      prisma.cart.findMany({
        where: { userId },
        include: { items: true },
        orderBy: { id: 'desc' },
        take: pageSize,
      }),
    close: async () => {
      await prisma.$disconnect()
      await plain?.promise().end()
    },
  }
}

/** sherd's adapter on mysql2's own pool: only what sherd does with a statement is then measured, not another driver. */
function moduleOf(pool: Pool | undefined): Parameters<typeof SherdPrisma.prismaAdapter>[0]['mysql2'] {
  const module = { withRemedy: () => module, createPool: () => pool }
  // The adapter asks the module for these two alone.
  return module as unknown as Parameters<typeof SherdPrisma.prismaAdapter>[0]['mysql2']
}
