import { randomUUID } from 'node:crypto'

import { createPool, type Pool } from 'mysql2/promise'
import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest'

import { databaseWorkers } from '../../src/ids/database-workers.ts'
import { djangoTableId } from '../../src/ids/django-ids.ts'
import { redisWorkers } from '../../src/ids/redis-workers.ts'
import { Sequence } from '../../src/ids/sequence.ts'
import type { AskDatabase } from '../../src/locks/ask-database.ts'
import { testWorkerLeases } from '../conformance/worker-leases.ts'
import { type OpenedClient, openRedis, redisLibraries } from '../locks/redis-clients.ts'
import { createDatabases, dropDatabases, uniqueName } from '../servers/databases.ts'

const database = uniqueName(import.meta.filename, 'workers')
const pools: Pool[] = []
const clients: OpenedClient[] = []

beforeAll(async () => {
  for (const site of inject('sharedSites').slice(0, 1)) await createDatabases(site, [database])
})
afterAll(async () => {
  for (const { close } of clients) await close()
  for (const pool of pools) await pool.end()
  for (const site of inject('sharedSites').slice(0, 1)) await dropDatabases(site, [database])
})

function ask(): AskDatabase {
  const [site] = inject('sharedSites')
  const pool = createPool({ uri: `${site?.primary.url}${database}`, supportBigNumbers: true })
  pools.push(pool)
  return async (sql, values) => (await pool.query(sql, [...values]))[0]
}

const newTable = (): string => `t${randomUUID().replaceAll('-', '')}`

describe('worker numbers in MariaDB', () => {
  testWorkerLeases(async () => {
    const table = newTable()
    return [databaseWorkers(ask(), { table }), databaseWorkers(ask(), { table })]
  })
})

for (const library of redisLibraries)
  describe(`worker numbers in Redis through ${library}`, () => {
    testWorkerLeases(async () => {
      const key = randomUUID()
      const opened = [
        await openRedis(library, inject('sharedRedisUrl')),
        await openRedis(library, inject('sharedRedisUrl')),
      ] as const
      clients.push(...opened)
      return [redisWorkers(opened[0].client, { key }), redisWorkers(opened[1].client, { key })]
    })
  })

describe('a sequence', () => {
  test('gives each number once to several processes, without gaps while all go on', async () => {
    const table = newTable()
    const makers = [7, 1, 100].map((blockSize) => new Sequence(ask(), 'orders', { table, blockSize }))
    const numbers = await Promise.all(
      makers.flatMap((maker) => Array.from({ length: 100 }, () => maker.next())),
    )
    expect(new Set(numbers).size).toBe(300)
    expect(numbers.every((number) => number >= 1n && number <= 320n)).toBe(true)
  })

  test('begins where it is told, and keeps numbers beyond 2^53 exact', async () => {
    const start = 2n ** 60n + 1n
    const sequence = new Sequence(ask(), 'large', { table: newTable(), start, blockSize: 2 })
    expect([await sequence.next(), await sequence.next(), await sequence.next()]).toEqual([
      start,
      start + 1n,
      start + 2n,
    ])
  })

  test('two names count apart', async () => {
    const table = newTable()
    const [a, b] = [new Sequence(ask(), 'a', { table }), new Sequence(ask(), 'b', { table })]
    expect([await a.next(), await a.next(), await b.next()]).toEqual([1n, 2n, 1n])
  })

  test('a function that gives no insertId is told so', async () => {
    const sequence = new Sequence(async () => ({ affectedRows: 1 }), 'a')
    await expect(sequence.next()).rejects.toMatchObject({ code: 'SHERD_LOCK_STORE' })
  })

  test.each([0, 1.5, -1, 1_000_001])('a block of %s is refused', (blockSize) => {
    expect(() => new Sequence(ask(), 'a', { blockSize })).toThrow(
      expect.objectContaining({ code: 'SHERD_ID_RANGE' }),
    )
  })
})

test('ids from a table of AUTO_INCREMENT count 1, 2, …', async () => {
  const [question, table] = [ask(), newTable()]
  await question(`CREATE TABLE ${table} (id BIGINT UNSIGNED AUTO_INCREMENT PRIMARY KEY)`, [])
  expect([await djangoTableId(question, table), await djangoTableId(question, table)]).toEqual([1n, 2n])
})
