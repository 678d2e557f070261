import { fork } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import {
  type HalfOpenProxy,
  type ServerSet,
  startHalfOpenProxy,
  startServers,
  type TestReplica,
  type TestServer,
} from '../../src/testing/index.ts'
import {
  createTables,
  openReplicatedShop,
  type ReplicatedShop,
  type ReplicatedShopPlace,
} from './open-replicated-shop.ts'

let set: ServerSet
let primary: TestServer
let replicas: readonly [TestReplica, TestReplica]
beforeAll(async () => {
  set = await startServers({ primaries: 1, replicasPerPrimary: 2 })
  const [site] = set.servers
  const [first, second] = site?.replicas ?? []
  if (site === undefined || first === undefined || second === undefined) throw new Error('no servers')
  primary = site.primary
  replicas = [first, second]
  await primary.query('CREATE DATABASE main')
  const shop = await openReplicatedShop(place())
  await createTables(shop)
  await shop.sherd.close()
  await catchUp()
  // Each server answers with its own name.
  for (const server of [primary, ...replicas])
    await server.query('SET sql_log_bin = 0', `UPDATE main.notes SET text = '${server.name}' WHERE id = 0`)
})
afterAll(() => set.stop())

function place(more: Partial<ReplicatedShopPlace> = {}): ReplicatedShopPlace {
  return { primary: primary.url(), replicas: replicas.map((replica) => replica.url()), ...more }
}

async function catchUp(): Promise<void> {
  const position = await primary.readPosition()
  await Promise.all(replicas.map((replica) => replica.waitForPosition(position, 20_000)))
}

async function useShop(
  more: Partial<ReplicatedShopPlace>,
  body: (shop: ReplicatedShop) => Promise<void>,
): Promise<void> {
  const shop = await openReplicatedShop(place(more))
  try {
    await body(shop)
  } finally {
    await shop.sherd.close()
  }
}

/** The first replica applies what it is behind only now and then, the second 1 s late; both catch up afterwards. */
async function whileReplicasLag(body: () => Promise<void>): Promise<void> {
  const [stopped, delayed] = replicas
  await delayed.query('STOP SLAVE', 'CHANGE MASTER TO MASTER_DELAY = 1', 'START SLAVE')
  let isOver = false
  const toggling = (async () => {
    while (!isOver) {
      await stopped.query('STOP SLAVE SQL_THREAD', 'DO SLEEP(0.15)')
      await stopped.query('START SLAVE SQL_THREAD', 'DO SLEEP(0.05)')
    }
  })()
  try {
    await body()
  } finally {
    isOver = true
    await toggling
    await delayed.query('STOP SLAVE', 'CHANGE MASTER TO MASTER_DELAY = 0', 'START SLAVE')
    await catchUp()
  }
}

const insert = 'INSERT INTO orders (user_id, id) VALUES (?, ?)'
const read = 'SELECT id FROM orders WHERE user_id = ? AND id = ?'
let lastId = 0

async function isMissing(shop: ReplicatedShop, userId: number, id: number): Promise<boolean> {
  const [rows] = await shop.pool.query(read, [userId, id])
  return (rows as readonly unknown[]).length !== 1
}

/** Writes with 8 callers at once, `pairs` in all, and lets `look` count what a read behind each write misses. */
async function writeAndRead(
  shop: ReplicatedShop,
  pairs: number,
  look: (userId: number, id: number) => Promise<void>,
): Promise<void> {
  const caller = async (number: number): Promise<void> => {
    for (let round = 0; round < pairs / 8; round++) {
      const id = ++lastId
      const userId = number * 1_000 + (round % 50)
      if (round % 3 === 0) {
        const connection = await shop.pool.getConnection()
        await connection.beginTransaction()
        await connection.query(insert, [userId, id])
        await connection.commit()
        connection.release()
      } else await shop.pool.execute(insert, [userId, id])
      await look(userId, id)
    }
  }
  await Promise.all(Array.from({ length: 8 }, (_, number) => caller(number)))
}

describe('with replicas that are behind', () => {
  test.each([0, 5])(
    '2,000 causal reads that wait %i ms see the write before them, in the same and in another async scope',
    async (replicaWaitMs) => {
      await useShop({ reads: { replicaWaitMs } }, async (shop) => {
        const stale = { causal: 0, otherScope: 0, replica: 0 }
        await whileReplicasLag(() =>
          writeAndRead(shop, 2_000, async (userId, id) => {
            if (await isMissing(shop, userId, id)) stale.causal++
            const there = () => isMissing(shop, userId, id)
            if (id % 2 === 0 && (await shop.sherd.withShardKey('shop', userId, there))) stale.otherScope++
            if (await shop.sherd.reads('replica', there)) stale.replica++
          }),
        )
        console.log(`stale reads behind 2,000 writes, with a wait of ${replicaWaitMs} ms:`, stale)
        expect(stale).toMatchObject({ causal: 0, otherScope: 0 })
        expect(stale.replica).toBeGreaterThan(0)
      })
    },
    120_000,
  )

  test('2,000 reads of another process see the write before them when they are given its token', async () => {
    const child = fork(
      fileURLToPath(new URL('read-elsewhere.ts', import.meta.url)),
      [JSON.stringify(place())],
      {
        execArgv: ['--import', 'tsx'],
      },
    )
    const answers = new Map<number, (answer: Answer) => void>()
    await new Promise<void>((ready) => {
      child.on('message', (answer: 'ready' | Answer) => {
        if (answer === 'ready') ready()
        else answers.get(answer.id)?.(answer)
      })
    })
    try {
      await useShop({}, async (shop) => {
        const stale = { withToken: 0, withoutToken: 0 }
        await whileReplicasLag(() =>
          writeAndRead(shop, 2_000, async (userId, id) => {
            const answered = new Promise<Answer>((resolve) => answers.set(id, resolve))
            child.send({ token: shop.sherd.position(), userId, id })
            const { withToken, withoutToken } = await answered
            if (withToken) stale.withToken++
            if (withoutToken) stale.withoutToken++
          }),
        )
        console.log('stale reads of another process behind 2,000 writes:', stale)
        expect(stale.withToken).toBe(0)
        expect(stale.withoutToken).toBeGreaterThan(0)
      })
    } finally {
      child.disconnect()
    }
  }, 120_000)
})

interface Answer {
  readonly id: number
  readonly withToken: boolean
  readonly withoutToken: boolean
}

/** Resolves when the server has served 20 more reads. */
type WaitUntilServing = (server: TestServer) => Promise<void>

/** Reads without pause with 8 callers until `body` is over; tells who served them. */
async function readDuring(shop: ReplicatedShop, body: (isServing: WaitUntilServing) => Promise<void>) {
  const counts = { reads: 0, errors: 0, slowestMs: 0, byServer: {} as Record<string, number> }
  let isOver = false
  const caller = async (): Promise<void> => {
    while (!isOver) {
      const begun = performance.now()
      try {
        const [rows] = await shop.pool.query('SELECT text FROM notes WHERE id = 0')
        const [row] = rows as readonly { text: string }[]
        const server = row?.text ?? ''
        counts.byServer[server] = (counts.byServer[server] ?? 0) + 1
      } catch {
        counts.errors++
      }
      counts.reads++
      counts.slowestMs = Math.max(counts.slowestMs, Math.round(performance.now() - begun))
    }
  }
  const callers = Array.from({ length: 8 }, caller)
  const countOf = ({ name }: TestServer): number => counts.byServer[name] ?? 0
  try {
    await body((server) => {
      const before = countOf(server)
      return expect.poll(() => countOf(server) - before, { timeout: 30_000 }).toBeGreaterThan(20)
    })
  } finally {
    isOver = true
  }
  await Promise.all(callers)
  return counts
}

const stateOf = (shop: ReplicatedShop, endpoint: string) =>
  shop.sherd.stats().replicas.find((replica) => replica.endpoint === endpoint)

const ejected = (shop: ReplicatedShop, endpoint: string) =>
  expect.poll(() => stateOf(shop, endpoint)?.isEjected, { timeout: 30_000, interval: 20 })

describe('no read fails and the replica serves again', () => {
  const endpoint = 'default/replica/0'

  test('when it is killed under load and started again', async () => {
    await useShop({}, async (shop) => {
      const [replica] = replicas
      const counts = await readDuring(shop, async (isServing) => {
        await isServing(replica)
        await replica.kill()
        await ejected(shop, endpoint).toBe(true)
        await replica.restart()
        await isServing(replica)
      })
      console.log('a replica killed and restarted:', counts)
      expect(counts.errors).toBe(0)
    })
  })

  test('when it is shut down in an orderly way under load', async () => {
    await useShop({}, async (shop) => {
      const [replica] = replicas
      const counts = await readDuring(shop, async (isServing) => {
        await isServing(replica)
        await replica.stop()
        await ejected(shop, endpoint).toBe(true)
        await replica.restart()
        await isServing(replica)
      })
      console.log('a replica shut down and started:', counts)
      expect(counts.errors).toBe(0)
    })
  })

  test('when it hangs under load and goes on', async () => {
    await useShop({ reads: { replicaTimeoutMs: 300 } }, async (shop) => {
      const [replica] = replicas
      const counts = await readDuring(shop, async (isServing) => {
        await isServing(replica)
        replica.pause()
        try {
          await ejected(shop, endpoint).toBe(true)
        } finally {
          replica.resume()
        }
        await isServing(replica)
      })
      console.log('a replica stopped by SIGSTOP and continued:', counts)
      expect(counts.errors).toBe(0)
    })
  })

  test('when its wire is cut, and when it drops packets', async () => {
    const proxy = await startHalfOpenProxy(replicas[0].port)
    const url = new URL(replicas[0].url())
    url.port = String(proxy.port)
    const readPlace = { replicas: [url.href], reads: { replicaTimeoutMs: 300 } }
    try {
      await useShop(readPlace, async (shop) => {
        for (const [name, fault] of faultsOf(proxy)) {
          const counts = await readDuring(shop, async (isServing) => {
            await isServing(replicas[0])
            fault()
            await ejected(shop, endpoint).toBe(true)
            proxy.pass()
            await isServing(replicas[0])
          })
          console.log(`a replica behind a wire that is ${name}:`, counts)
          expect(counts.errors).toBe(0)
        }
      })
    } finally {
      await proxy.stop()
    }
  })

  test('when all replicas are killed: the primary reads, or the read is refused where it is spared', async () => {
    await useShop({}, async (shop) => {
      await useShop({ reads: { whenReplicasFail: 'refuse' } }, async (sparing) => {
        const counts = await readDuring(shop, async (isServing) => {
          await isServing(replicas[0])
          await sparing.pool.query('SELECT id FROM notes')
          await Promise.all(replicas.map((replica) => replica.kill()))
          const failure = await sparing.pool.query('SELECT id FROM notes').catch((error: unknown) => error)
          expect(failure).toMatchObject({ code: 'SHERD_REPLICAS_UNAVAILABLE', isRetryable: true })
          await sparing.sherd.fresh(() => sparing.pool.query('SELECT id FROM notes'))
          await ejected(shop, endpoint).toBe(true)
          await isServing(primary)
          await Promise.all(replicas.map((replica) => replica.restart()))
          for (const replica of replicas) await isServing(replica)
        })
        console.log('all replicas killed and restarted:', counts)
        expect(counts.errors).toBe(0)
        expect(counts.byServer['primary-1']).toBeGreaterThan(0)
      })
    })
  })
})

function faultsOf(proxy: HalfOpenProxy): readonly (readonly [string, () => void])[] {
  return [
    ['cut', proxy.cut],
    ['frozen', proxy.freeze],
  ]
}
