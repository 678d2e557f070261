import { fileURLToPath } from 'node:url'
import { SherdError, createSherd, defineConfig, migrations } from 'sherd'
import { prismaAdapter } from 'sherd/prisma'
import { withServers } from '../lib/with-servers.ts'
import { Prisma, PrismaClient } from './generated/client.ts'
import { tables } from './generated/sherd-tables.ts'

await withServers(async ({ main, servers }) => {
  const product = { databaseName: 'prisma_example', logicalShards: 4, servers }
  const databases = { default: { primary: main } }
  const sherd = await createSherd(defineConfig({ databases, shardGroups: { product }, tables }))
  await sherd.createDatabases()
  // What `sherd migrate --dir prisma/migrations` does: the files of `prisma migrate dev` on every logical shard.
  await migrations(sherd, { folder: fileURLToPath(new URL('migrations', import.meta.url)) }).run()
  const prisma = new PrismaClient({ adapter: prismaAdapter(sherd) })

  for (const customerId of [1, 2]) {
    const items = { create: ['book', 'pen'].map((product, line) => ({ line, product })) }
    await prisma.order.create({ data: { customerId, id: 1, cents: customerId * 500, items } })
  }
  await prisma.$transaction(async (tx) => {
    await tx.order.create({ data: { customerId: 1, id: 2, cents: 300 } })
    const where = { customerId_id: { customerId: 1, id: 1 } }
    await tx.order.update({ where, data: { cents: 450 } })
  })
  for (const customerId of [1, 2]) {
    const found = await prisma.order.findMany({
      where: { customerId },
      include: { items: true },
      orderBy: { id: 'asc' },
    })
    const lines = found.map(({ id, cents, items }) => `order ${id}, ${cents} cents, ${items.length} items`)
    console.log(`Customer ${customerId} on ${sherd.locate('product', customerId).name}: ${lines.join('; ')}`)
  }
  try {
    await prisma.order.findFirst({ where: { id: 1 } })
  } catch (error) {
    if (!(error instanceof Prisma.PrismaClientKnownRequestError)) throw error
    const refusal = error.meta?.['driverAdapterError']
    if (!(refusal instanceof Error && 'error' in refusal && refusal.error instanceof SherdError)) throw error
    console.log(`${refusal.error.code}: ${refusal.error.remedy}`)
  }
  await prisma.$disconnect()
  await sherd.close()
})
