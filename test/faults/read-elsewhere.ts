import { openReplicatedShop, type ReplicatedShopPlace } from './open-replicated-shop.ts'

/*
 * Another process with the same config: reads the rows it is told of, with and without the token that came along, and
 * answers what it did not see.
 */

interface Question {
  readonly token: string
  readonly userId: number
  readonly id: number
}

const read = 'SELECT id FROM orders WHERE user_id = ? AND id = ?'
// The parent passes the place as its only argument.
const shop = await openReplicatedShop(JSON.parse(process.argv[2] ?? '{}') as ReplicatedShopPlace)

async function isStale({ userId, id }: Question): Promise<boolean> {
  const [rows] = await shop.pool.query(read, [userId, id])
  return (rows as readonly unknown[]).length !== 1
}

process.on('message', (question: Question) => {
  void (async () => {
    const withToken = await shop.sherd.after(question.token, () => isStale(question))
    const withoutToken = await shop.sherd.reads('replica', () => isStale(question))
    process.send?.({ id: question.id, withToken, withoutToken })
  })()
})
process.on('disconnect', () => process.exit(0))
process.send?.('ready')
