import { randomUUID } from 'node:crypto'
import { Redis } from 'ioredis'
import { afterAll, beforeAll, beforeEach, describe, expect, inject, test } from 'vitest'
import { createSherd } from '../../src/facade/create-sherd.ts'
import type { MysqlPool } from '../../src/facade/mysql-pool.ts'
import type { Sherd } from '../../src/facade/sherd.ts'
import { bullmqJobs } from '../../src/jobs/bullmq.ts'
import { databaseLocks } from '../../src/locks/database-locks.ts'
import type { Locks } from '../../src/locks/lock.ts'
import { memoryLocks } from '../../src/locks/memory-locks.ts'
import { noLocks } from '../../src/locks/no-locks.ts'
import { redisLocks } from '../../src/locks/redis-locks.ts'
import { events, type ReferenceEvent } from '../../src/observe/events.ts'
import { lockNameOf } from '../../src/reference/hold-lock.ts'
import { type ReferenceTables, referenceTables } from '../../src/reference/reference-tables.ts'
import { syncCopy } from '../../src/reference/sync-copy.ts'
import { defineConfig } from '../../src/topology/define-config.ts'
import { listReferenceCopies } from '../../src/topology/reference-copies.ts'
import { reference, sharded } from '../../src/topology/table-kinds.ts'
import { createDatabases, dropDatabases, uniqueName, waitForReplicas } from '../servers/databases.ts'

const sites = inject('sharedSites')
const databaseName = uniqueName(import.meta.filename, 'watched')
const names = Array.from({ length: 4 }, (_, index) => `${databaseName}_${index}`)
const main = `${databaseName}_main`
const timeout = 20_000

let sherd: Sherd
let redis: Redis
// The pool that createSherd made; the type of `sherd.pool` is mysql2's.
const pool = () => (sherd.pool as unknown as MysqlPool).promise()

beforeAll(async () => {
  const [first] = sites
  if (first === undefined) throw new Error('There are no shared servers.')
  redis = new Redis(inject('sharedRedisUrl'), { maxRetriesPerRequest: null })
  await createDatabases(first, [main])
  for (const site of sites) await dropDatabases(site, names)
  sherd = await createSherd(
    defineConfig({
      databases: { default: { primary: `${first.primary.url}${main}` } },
      shardGroups: {
        shop: {
          databaseName,
          logicalShards: 4,
          servers: sites.map(({ primary, replicas }) => ({
            primary: primary.url,
            replicas: replicas.map(({ url }) => url),
          })),
        },
      },
      tables: {
        orders: sharded('shop', 'user_id'),
        countries: reference('shop', { cursor: 'changed_at' }),
        colours: reference('shop'),
      },
    }),
  )
  await sherd.createDatabases()
  const copied = [
    'CREATE TABLE countries (code CHAR(2) PRIMARY KEY, name VARCHAR(40), changed_at DATETIME(6) NOT NULL DEFAULT CURRENT_TIMESTAMP(6) ON UPDATE CURRENT_TIMESTAMP(6)) DEFAULT CHARSET = utf8mb4',
    'CREATE TABLE colours (id INT PRIMARY KEY, name VARCHAR(40)) DEFAULT CHARSET = utf8mb4',
  ]
  const orders = 'CREATE TABLE orders (user_id BIGINT, id INT, country CHAR(2), PRIMARY KEY (user_id, id))'
  for (const sql of [...copied, orders]) await pool().query(sql)
  await Promise.all(sites.map(waitForReplicas))
})
afterAll(async () => {
  redis.disconnect()
  await sherd.close()
  for (const site of sites) await dropDatabases(site, [main, ...names])
})
beforeEach(async () => {
  await pool().query('DELETE FROM countries')
  await pool().query('DELETE FROM colours')
})

const askDatabase = (sql: string, values: readonly unknown[]): Promise<unknown> =>
  sherd.fresh(async () => {
    const [answer] = await pool().query(sql, [...values])
    return answer
  })

/** What the copies have, once for each logical shard. */
async function read(sql: string): Promise<readonly string[]> {
  return Promise.all(
    names.map((name) =>
      sherd.onShard(name, async () => {
        const [rows] = await sherd.fresh(() => pool().query({ sql, rowsAsArray: true }))
        return (rows as readonly (readonly unknown[])[]).flat().join(' ')
      }),
    ),
  )
}

const colours = 'SELECT id FROM colours ORDER BY id'
const countries = 'SELECT code FROM countries ORDER BY code'

test('what sync has brought is read on replicas by this process at once', async () => {
  const tables = referenceTables(sherd)
  const join = 'SELECT c.name FROM orders o JOIN countries c ON c.code = o.country WHERE o.user_id = 7'
  await pool().query("INSERT INTO orders (user_id, id, country) VALUES (7, 1, 'KR')")
  for (const name of ['Korea', 'South Korea', 'Republic of Korea']) {
    await pool().query("REPLACE INTO countries (code, name) VALUES ('KR', ?)", [name])
    await tables.sync()
    expect((await pool().query(join))[0]).toEqual([{ name }])
  }
})

describe('a supervisor', () => {
  const makers: Readonly<Record<string, () => Locks>> = {
    memory: () => memoryLocks(),
    none: () => noLocks(),
    MariaDB: () => databaseLocks(askDatabase),
    Redis: () => redisLocks(redis),
  }
  test.each(Object.keys(makers))('keeps copies fresh with the locks of %s', async (name) => {
    const locks = makers[name]?.() ?? noLocks()
    const supervisor = await referenceTables(sherd, { locks }).watch({ everyMs: 50, compareEveryMs: 100 })
    try {
      await pool().query("INSERT INTO colours VALUES (1, 'red'), (2, 'blue')")
      await pool().query("INSERT INTO countries (code, name) VALUES ('KR', 'Korea')")
      await expect.poll(() => read(colours).catch(() => []), { timeout }).toEqual(names.map(() => '1 2'))
      await expect.poll(() => read(countries).catch(() => []), { timeout }).toEqual(names.map(() => 'KR'))
      // No cursor shows this: the next comparison does.
      await pool().query('DELETE FROM countries')
      await expect.poll(() => read(countries), { timeout }).toEqual(names.map(() => ''))
    } finally {
      await supervisor.stop()
      await locks.close()
    }
  })

  test('shares the copies with others by BullMQ, and none fails', async () => {
    const heard: ReferenceEvent[] = []
    const stop = events.reference.subscribe((event) => heard.push(event))
    const queueName = randomUUID()
    const start = (): ReturnType<ReferenceTables['watch']> =>
      referenceTables(sherd, { locks: redisLocks(redis) }).watch({
        everyMs: 50,
        startJobs: (jobs) => bullmqJobs(jobs, { connection: redis, queueName, concurrency: 4 }),
      })
    const supervisors = await Promise.all([start(), start()])
    try {
      await pool().query("INSERT INTO colours VALUES (3, 'green')")
      await expect.poll(() => read(colours).catch(() => []), { timeout }).toEqual(names.map(() => '3'))
    } finally {
      await Promise.all(supervisors.map((supervisor) => supervisor.stop()))
      stop()
    }
    expect(heard.filter(({ error }) => error !== undefined)).toEqual([])
  })
})

test('a holder whose lease ran out while it was paused writes nothing after the next one', async () => {
  const tables = referenceTables(sherd, { locks: redisLocks(redis) })
  await tables.sync()
  const [copy] = tables.copies({ tables: ['colours'] })
  if (copy === undefined) throw new Error('There is no copy.')
  const paused = await redisLocks(redis).acquire(lockNameOf(copy), { leaseMs: 1_000 })
  await expect.poll(() => paused?.isHeld(), { timeout }).toBe(false)
  await pool().query("INSERT INTO colours VALUES (4, 'black')")
  await tables.sync()
  await pool().query("INSERT INTO colours VALUES (5, 'white')")
  const context = { door: sherd.serverDoor(), copies: listReferenceCopies(sherd.topology) }
  await expect(syncCopy(context, copy, { fence: paused?.fence ?? 0 })).rejects.toMatchObject({
    code: 'SHERD_REFERENCE_FENCED',
  })
  expect((await read(colours))[0]).toBe('4')
})
