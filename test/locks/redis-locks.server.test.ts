import { randomUUID } from 'node:crypto'

import { afterAll, describe, expect, inject, test } from 'vitest'

import { redisLocks } from '../../src/locks/redis-locks.ts'
import { testLocks } from '../conformance/locks.ts'
import { type OpenedClient, openRedis, redisLibraries } from './redis-clients.ts'

const opened: OpenedClient[] = []
afterAll(async () => {
  for (const one of opened) await one.close()
})

async function open(library: (typeof redisLibraries)[number]): Promise<OpenedClient> {
  const one = await openRedis(library, inject('sharedRedisUrl'))
  opened.push(one)
  return one
}

for (const library of redisLibraries) {
  describe(`locks in Redis through ${library}`, () => {
    testLocks({
      open: async () => [
        redisLocks((await open(library)).client),
        redisLocks((await open(library)).client, { prefix: 'sherd:lock:' }),
      ],
      excludes: true,
    })
  })
}

test('both libraries meet in the same locks, another prefix does not', async () => {
  const [ioredis, nodeRedis] = await Promise.all(redisLibraries.map(open))
  if (ioredis === undefined || nodeRedis === undefined) throw new Error('two clients are needed')
  const name = randomUUID()
  const held = await redisLocks(ioredis.client).acquire(name, { leaseMs: 60_000 })
  const locks = redisLocks(nodeRedis.client)
  expect([held === undefined, await locks.acquire(name, { leaseMs: 60_000 })]).toEqual([false, undefined])
  const apart = redisLocks(nodeRedis.client, { prefix: 'other:' })
  expect(await (await apart.acquire(name, { leaseMs: 60_000 }))?.release()).toBe(true)
  expect(await held?.release()).toBe(true)
})

test('a command that ioredis sends a second time after a cut takes its own lock, not nothing', async () => {
  const { client } = await open('ioredis')
  const name = randomUUID()
  // What a client does whose answer was lost: the same script with the same owner.
  const twice = {
    defineCommand: () => undefined,
    eval: async (script: string, keys: number, ...rest: string[]) => {
      const values = [keys, ...rest] as const
      if (!('defineCommand' in client)) throw new Error('not ioredis')
      await client.eval(script, ...values)
      return client.eval(script, ...values)
    },
  }
  const held = await redisLocks(twice).acquire(name, { leaseMs: 60_000 })
  expect(await held?.isHeld()).toBe(true)
})

test('an object that is neither client is refused', () => {
  // A type error is the point: programs in JavaScript come by without types.
  const wrong = { eval: () => undefined } as unknown as Parameters<typeof redisLocks>[0]
  expect(() => redisLocks(wrong)).toThrow('no client of ioredis or node-redis')
})
