import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { createSherd } from '../../src/facade/create-sherd.ts'
import type { SherdConnection } from '../../src/facade/sherd-connection.ts'
import type { Sherd } from '../../src/facade/sherd.ts'
import { memoryLocks } from '../../src/locks/memory-locks.ts'
import { events, type ReferenceEvent } from '../../src/observe/events.ts'
import { lockNameOf } from '../../src/reference/hold-lock.ts'
import { referenceTables } from '../../src/reference/reference-tables.ts'
import { defineConfig } from '../../src/topology/define-config.ts'
import { reference, sharded } from '../../src/topology/table-kinds.ts'

let sherd: Sherd
let connection: SherdConnection

beforeEach(async () => {
  sherd = await createSherd(
    defineConfig({
      databases: { default: { primary: 'sqlite::memory:' } },
      shardGroups: {
        shop: {
          databaseName: 'shop',
          logicalShards: 4,
          servers: [{ primary: 'sqlite::memory:' }, { primary: 'sqlite::memory:' }],
        },
      },
      tables: {
        orders: sharded('shop', 'user_id'),
        countries: reference('shop'),
        colours: reference('shop'),
        sizes: reference('shop', { copies: 'unmanaged' }),
      },
    }),
  )
  connection = sherd.connection()
  await connection.execute('CREATE TABLE countries (code TEXT PRIMARY KEY, name TEXT)')
  await connection.execute('CREATE TABLE colours (id INTEGER PRIMARY KEY, name TEXT)')
  await connection.execute('CREATE TABLE orders (user_id INTEGER, id INTEGER, country TEXT)')
  await connection.execute("INSERT INTO countries VALUES ('KR', 'Korea'), ('JP', 'Japan')")
})
afterEach(async () => {
  connection.release()
  await sherd.close()
})

const shardNames = () => sherd.topology.shardGroups.get('shop')?.shards.map(({ name }) => name) ?? []

async function countriesOn(shard: string): Promise<readonly unknown[]> {
  const { rows } = await sherd.onShard(shard, () =>
    connection.execute('SELECT code, name FROM countries ORDER BY code', [], { rowsAsArray: true }),
  )
  return rows as readonly unknown[]
}

const everywhere = async () => Promise.all(shardNames().map(countriesOn))

const failureOf = (promise: Promise<unknown>): Promise<unknown> =>
  promise.then(
    () => undefined,
    (error: unknown) => error,
  )

describe('reference tables', () => {
  test('are found in the config, but for those that sherd does not keep', () => {
    const tables = referenceTables(sherd)
    expect(tables.copies().map(({ table, shard }) => `${table.table} ${shard.name}`)).toEqual(
      ['countries', 'colours'].flatMap((table) => shardNames().map((shard) => `${table} ${shard}`)),
    )
    expect(tables.copies({ tables: ['COLOURS'], shards: ['shop_2'] })).toMatchObject([
      { table: { table: 'colours' }, shard: { name: 'shop_2' } },
    ])
  })

  test('are joined as soon as sync has filled their copies, and see a change with the next one', async () => {
    const tables = referenceTables(sherd)
    const join = 'SELECT c.name FROM orders o JOIN countries c ON c.code = o.country WHERE o.user_id = 7'
    expect(await failureOf(connection.execute(join))).toMatchObject({ code: 'SHERD_REFERENCE_NOT_READY' })
    const first = await tables.sync()
    expect(first).toHaveLength(8)
    expect(first.every(({ isComplete }) => isComplete)).toBe(true)
    await connection.execute("INSERT INTO orders (user_id, id, country) VALUES (7, 1, 'KR')")
    expect((await connection.execute(join)).rows).toEqual([{ name: 'Korea' }])
    await connection.execute("UPDATE countries SET name = 'South Korea' WHERE code = 'KR'")
    await connection.execute("DELETE FROM countries WHERE code = 'JP'")
    expect((await connection.execute(join)).rows).toEqual([{ name: 'Korea' }])
    await tables.sync({ tables: ['countries'] })
    expect((await connection.execute(join)).rows).toEqual([{ name: 'South Korea' }])
    expect(new Set((await everywhere()).map((rows) => JSON.stringify(rows)))).toEqual(
      new Set(['[["KR","South Korea"]]']),
    )
  })

  test('are verified without being changed, or repaired', async () => {
    const tables = referenceTables(sherd)
    await tables.sync()
    await connection.execute("INSERT INTO countries VALUES ('DE', 'Germany')")
    const [found] = await tables.verify({ tables: ['countries'], shards: ['shop_1'] })
    expect(found).toMatchObject({ table: 'countries', shard: 'shop_1', differences: 1, inserted: 0 })
    expect(await countriesOn('shop_1')).toHaveLength(2)
    const [mended] = await tables.verify({ tables: ['countries'], shards: ['shop_1'], repair: true })
    expect(mended).toMatchObject({ differences: 1, inserted: 1 })
    expect(await countriesOn('shop_1')).toHaveLength(3)
    expect(await countriesOn('shop_0')).toHaveLength(2)
  })

  test('tell how fresh their copies are', async () => {
    const tables = referenceTables(sherd)
    expect(await tables.status({ shards: ['shop_0'] })).toMatchObject([
      { table: 'countries', isComplete: false, phase: 'none' },
      { table: 'colours', isComplete: false, phase: 'none' },
    ])
    await tables.sync({ tables: ['countries'] })
    expect(await tables.status({ tables: ['countries'], shards: ['shop_0'] })).toMatchObject([
      { isComplete: true, phase: 'following', rows: 2, checksum: 'equal' },
    ])
  })

  test('are refused by a name that none of them has', () => {
    const tables = referenceTables(sherd)
    const code = expect.objectContaining({ code: 'SHERD_REFERENCE_UNKNOWN' }) as unknown
    expect(() => tables.copies({ tables: ['countrys'] })).toThrow(code)
    expect(() => tables.copies({ tables: ['countrys'] })).toThrow('Did you mean "countries"')
    expect(() => tables.copies({ tables: ['sizes'] })).toThrow(code)
    expect(() => tables.copies({ shards: ['shop_9'] })).toThrow(code)
  })

  test('are ready when the first sync of all asked for is through', async () => {
    const tables = referenceTables(sherd)
    const early = await failureOf(tables.ready({ timeoutMs: 0 }))
    expect(early).toMatchObject({ code: 'SHERD_REFERENCE_NOT_READY', isRetryable: true })
    const ready = tables.ready({ tables: ['countries'], timeoutMs: 30_000 })
    await tables.sync({ tables: ['countries'] })
    await ready
    expect(await failureOf(tables.ready({ timeoutMs: 0 }))).toMatchObject({
      code: 'SHERD_REFERENCE_NOT_READY',
      details: { table: 'colours' },
    })
  })
})

describe('a copy whose lock somebody else holds', () => {
  test('is waited for, and told when that takes too long', async () => {
    const locks = memoryLocks()
    const tables = referenceTables(sherd, { locks })
    const [copy] = tables.copies({ tables: ['countries'], shards: ['shop_0'] })
    if (copy === undefined) throw new Error('there is no such copy')
    const held = await locks.acquire(lockNameOf(copy), { leaseMs: 60_000 })
    const only = { tables: ['countries'], shards: ['shop_0'] }
    expect(await failureOf(tables.sync({ ...only, timeoutMs: 0 }))).toMatchObject({
      code: 'SHERD_REFERENCE_BUSY',
      details: { table: 'countries', shard: 'shop_0' },
    })
    const synced = tables.sync({ ...only, timeoutMs: 30_000 })
    await held?.release()
    expect(await synced).toHaveLength(1)
  })

  test('is synced again under a greater number when the locks have forgotten theirs', async () => {
    const late = memoryLocks({ wallClockMs: () => Date.now() + 3_600_000 })
    await referenceTables(sherd, { locks: late }).sync()
    await connection.execute("INSERT INTO countries VALUES ('DE', 'Germany')")
    await referenceTables(sherd, { locks: memoryLocks() }).sync()
    expect((await everywhere()).map((rows) => rows.length)).toEqual([3, 3, 3, 3])
  })
})

test('copies that fail do not keep the others from being synced, and are all told', async () => {
  for (const shard of ['shop_1', 'shop_3'])
    await sherd.onShard(shard, () => connection.execute('DROP TABLE colours'))
  const heard: ReferenceEvent[] = []
  const stop = events.reference.subscribe((event) => heard.push(event))
  const error = await failureOf(referenceTables(sherd).sync())
  stop()
  expect(error).toMatchObject({
    code: 'SHERD_REFERENCE_FAILED',
    kind: 'partial',
    details: {
      shards: [
        { shard: 'shop_1', outcome: 'failed' },
        { shard: 'shop_3', outcome: 'failed' },
      ],
    },
  })
  expect(heard.filter((event) => event.error === undefined)).toHaveLength(6)
  expect(
    heard
      .filter((event) => event.error !== undefined)
      .map(({ shard }) => shard)
      .toSorted(),
  ).toEqual(['shop_1', 'shop_3'])
  const only = await failureOf(referenceTables(sherd).sync({ tables: ['colours'], shards: ['shop_1'] }))
  expect(only).not.toMatchObject({ code: 'SHERD_REFERENCE_FAILED' })
})

describe('a supervisor', () => {
  test('fills copies and follows the source until it is stopped', async () => {
    const tables = referenceTables(sherd)
    const supervisor = await tables.watch({ everyMs: 20 })
    try {
      await tables.ready({ timeoutMs: 30_000 })
      await connection.execute("INSERT INTO countries VALUES ('DE', 'Germany')")
      const hasArrived = async () => (await everywhere()).every((rows) => rows.length === 3)
      await expect.poll(hasArrived, { timeout: 30_000 }).toBe(true)
    } finally {
      await supervisor.stop()
    }
    await connection.execute("INSERT INTO countries VALUES ('FR', 'France')")
    expect((await everywhere()).map((rows) => rows.length)).toEqual([3, 3, 3, 3])
  })

  test('leaves alone a copy that another one works at, and two do no harm to each other', async () => {
    const heard: ReferenceEvent[] = []
    const stop = events.reference.subscribe((event) => heard.push(event))
    const locks = memoryLocks()
    const both = [referenceTables(sherd, { locks }), referenceTables(sherd, { locks })]
    const supervisors = await Promise.all(both.map((tables) => tables.watch({ everyMs: 10 })))
    try {
      for (let id = 1; id <= 20; id++)
        await connection.execute('INSERT INTO colours (id, name) VALUES (?, ?)', [id, 'red'])
      const count = async (shard: string) =>
        sherd.onShard(shard, async () => {
          const { rows } = await connection.execute('SELECT id FROM colours')
          return (rows as readonly unknown[]).length
        })
      const isFilled = async () => (await Promise.all(shardNames().map(count))).every((rows) => rows === 20)
      await referenceTables(sherd, { locks }).ready({ timeoutMs: 30_000 })
      await expect.poll(isFilled, { timeout: 30_000 }).toBe(true)
    } finally {
      await Promise.all(supervisors.map((supervisor) => supervisor.stop()))
      stop()
    }
    expect(heard.filter(({ error }) => error !== undefined)).toEqual([])
  })

  test('runs on other jobs that are given to it', async () => {
    const names: string[] = []
    const supervisor = await referenceTables(sherd).watch({
      tables: ['countries'],
      startJobs: (jobs) => {
        names.push(...jobs.map(({ name }) => name))
        return { stop: async () => void names.push('stopped'), runNow: async () => undefined }
      },
    })
    await supervisor.stop()
    expect(names).toEqual([...shardNames().map((shard) => `sherd/reference/countries/${shard}`), 'stopped'])
  })
})
