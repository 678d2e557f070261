import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { createSherd } from '../../src/facade/create-sherd.ts'
import type { Sherd } from '../../src/facade/sherd.ts'
import type { SherdConfig } from '../../src/topology/config.ts'
import { defineConfig } from '../../src/topology/define-config.ts'
import { sharded } from '../../src/topology/table-kinds.ts'
import type { Topology } from '../../src/topology/topology.ts'

let folder: string
let sherd: Sherd

/** One logical shard in each of the folders, so that changing their order moves both. */
function config(folders: readonly string[], more: Partial<SherdConfig> = {}): Topology {
  return defineConfig({
    databases: { default: { primary: `sqlite:${join(folder, 'main.db')}` } },
    shardGroups: {
      shop: {
        databaseName: 'shop',
        logicalShards: 2,
        servers: folders.map((name) => ({ primary: `sqlite:${join(folder, name)}/` })),
      },
    },
    tables: { orders: sharded('shop', 'user_id') },
    ...more,
  })
}

const insert = 'INSERT INTO orders (user_id, id) VALUES (?, ?)'
const read = 'SELECT id FROM orders WHERE user_id = ? ORDER BY id'

/** A key of the first logical shard. */
function firstKey(): number {
  for (let key = 1; ; key++) if (sherd.locate('shop', key).index === 0) return key
}

async function createTables(): Promise<void> {
  const connection = sherd.connection()
  for (const { name } of sherd.topology.shardGroups.get('shop')?.shards ?? [])
    await sherd.onShard(name, () =>
      connection.execute('CREATE TABLE IF NOT EXISTS orders (user_id INTEGER, id INTEGER)'),
    )
  connection.release()
}

async function readIds(key: number): Promise<unknown[]> {
  const connection = sherd.connection()
  const { rows } = await connection.execute(read, [key], { rowsAsArray: true })
  connection.release()
  return rows.flat()
}

const failureOf = (promise: Promise<unknown>) =>
  promise.then(
    () => undefined,
    (error: unknown) => error as Error & { code?: unknown },
  )

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'sherd-reload-'))
  sherd = await createSherd(config(['a', 'b']))
  await createTables()
})
afterEach(async () => {
  await sherd.close()
  rmSync(folder, { recursive: true, force: true })
})

describe('a reload', () => {
  test('lets statements that begin later run on the servers of the new config', async () => {
    const key = firstKey()
    const connection = sherd.connection()
    await connection.execute(insert, [key, 1])
    const moved = config(['b', 'a'])
    await sherd.reload(moved)
    expect(sherd.topology).toBe(moved)
    await createTables()
    expect(await readIds(key)).toEqual([])
    await sherd.reload(config(['a', 'b']))
    expect(await readIds(key)).toEqual([1])
    expect(sherd.stats().topology).toMatchObject({ reloads: 2, draining: 0, asked: 0 })
    connection.release()
  })

  test('leaves a transaction on the server where it began, whether it has reached one or not', async () => {
    const key = firstKey()
    const open = sherd.connection()
    const pending = sherd.connection()
    await open.execute('BEGIN')
    await open.execute(insert, [key, 1])
    await pending.execute('BEGIN')
    await sherd.reload(config(['b', 'a']))
    await createTables()
    await open.execute(insert, [key, 2])
    await open.execute('COMMIT')
    await pending.execute(insert, [key, 3])
    await pending.execute('COMMIT')
    expect(await readIds(key)).toEqual([])
    expect(sherd.stats().topology.draining).toBe(0)
    await sherd.reload(config(['a', 'b']))
    expect(await readIds(key)).toEqual([1, 2, 3])
    open.release()
    pending.release()
  })

  test('rolls back a transaction whose connection is released after it, and then closes what is left', async () => {
    const key = firstKey()
    const open = sherd.connection()
    await open.execute('BEGIN')
    await open.execute(insert, [key, 1])
    await sherd.reload(config(['c', 'd']))
    await createTables()
    expect(sherd.stats().topology.draining).toBe(1)
    open.release()
    await expect.poll(() => sherd.stats().topology.draining).toBe(0)
    await sherd.reload(config(['a', 'b']))
    expect(await readIds(key)).toEqual([])
  })

  test('cuts what is still open after the time-out, and a transaction without a server moves on', async () => {
    const key = firstKey()
    const open = sherd.connection()
    const pending = sherd.connection()
    await open.execute('BEGIN')
    await open.execute(insert, [key, 1])
    await pending.execute('BEGIN')
    await sherd.reload(config(['c', 'd']), { drainTimeoutMs: 1 })
    await createTables()
    await expect
      .poll(() => failureOf(open.execute(insert, [key, 2])))
      .toMatchObject({ code: 'SHERD_TRANSACTION_LOST', details: { server: 'shop/0' } })
    await open.execute('ROLLBACK')
    await pending.execute(insert, [key, 3])
    await pending.execute('COMMIT')
    expect(await readIds(key)).toEqual([3])
    expect(sherd.stats().topology.draining).toBe(0)
    open.release()
    pending.release()
  })

  test('leaves the name of a shard in a scope, and looks it up anew at each statement', async () => {
    const key = firstKey()
    const { name } = sherd.locate('shop', key)
    const connection = sherd.connection()
    await connection.execute(insert, [key, 1])
    const count = async () => (await connection.execute('SELECT COUNT(*) AS n FROM orders')).rows
    const seen = await sherd.withShardKey('shop', key, async () => {
      const before = await count()
      await sherd.reload(config(['b', 'a']))
      await createTables()
      const after = await count()
      const { runs } = await sherd.explain('SELECT id FROM orders')
      return [before, after, runs.map((run) => [run.shard, run.server])]
    })
    expect(seen).toEqual([[{ n: 1 }], [{ n: 0 }], [[name, 'shop/0']]])
    connection.release()
  })

  test('with autocommit off moves on between two transactions', async () => {
    const key = firstKey()
    const connection = sherd.connection()
    await connection.execute('SET autocommit = 0')
    await connection.execute(insert, [key, 1])
    await connection.execute('COMMIT')
    await sherd.reload(config(['b', 'a']))
    await createTables()
    await connection.execute(insert, [key, 2])
    await connection.execute('COMMIT')
    expect(await readIds(key)).toEqual([2])
    connection.release()
  })

  test('in the middle of many statements fails none, and each sees one config only', async () => {
    const key = firstKey()
    await sherd.reload(config(['b', 'a']))
    await createTables()
    await sherd.reload(config(['a', 'b']))
    const working = Array.from({ length: 200 }, async (_, id) => {
      const connection = sherd.connection()
      if (id % 20 === 0) await sherd.reload(config(id % 40 === 0 ? ['b', 'a'] : ['a', 'b']))
      await connection.execute(insert, [key, id])
      connection.release()
    })
    await Promise.all(working)
    await expect.poll(() => sherd.stats().topology.draining).toBe(0)
    await sherd.reload(config(['a', 'b']))
    const here = await readIds(key)
    await sherd.reload(config(['b', 'a']))
    const there = await readIds(key)
    expect([...here, ...there].toSorted((x, y) => Number(x) - Number(y))).toEqual(
      Array.from({ length: 200 }, (_, id) => id),
    )
    expect(new Set(sherd.stats().pools.map(({ endpoint }) => endpoint)).size).toBe(sherd.stats().pools.length)
  })

  test('keeps a database in memory that is the same', async () => {
    const memory = () =>
      defineConfig({
        databases: { default: { primary: 'sqlite::memory:' } },
        tables: {},
      })
    const inMemory = await createSherd(memory())
    const connection = inMemory.connection()
    await connection.execute('CREATE TABLE notes (id INTEGER)')
    await inMemory.reload(memory())
    expect((await connection.execute('SELECT id FROM notes')).rows).toEqual([])
    const other = defineConfig({ databases: { default: { primary: `sqlite:${join(folder, 'x.db')}` } } })
    expect(await failureOf(inMemory.reload(other))).toMatchObject({ code: 'SHERD_RELOAD_REFUSED' })
    connection.release()
    await inMemory.close()
  })

  test('is refused when rows would not be found where they are, and changes nothing', async () => {
    const before = sherd.topology
    const group = (logicalShards: number, strategy: 'hash' | 'modulo') => ({
      shop: {
        databaseName: 'shop',
        logicalShards,
        routing: { strategy },
        servers: ['a', 'b'].map((name) => ({ primary: `sqlite:${join(folder, name)}/` })),
      },
    })
    const refused: readonly Topology[] = [
      config(['a', 'b'], { shardGroups: group(4, 'hash') }),
      config(['a', 'b'], { shardGroups: group(2, 'modulo') }),
      config(['a', 'b'], { shardGroups: {}, tables: {} }),
      config(['a', 'b'], { tables: {} }),
      config(['a', 'b'], { tables: { orders: sharded('shop', 'id') } }),
      defineConfig({ databases: { default: { primary: 'mysql://nobody@127.0.0.1:1/main' } } }),
    ]
    for (const topology of refused) {
      expect(await failureOf(sherd.reload(topology))).toMatchObject({ code: 'SHERD_RELOAD_REFUSED' })
    }
    expect(sherd.topology).toBe(before)
    expect(sherd.stats().topology.reloads).toBe(0)
    await sherd.reload(
      config(['a', 'b'], {
        tables: { orders: sharded('shop', 'user_id'), items: sharded('shop', 'user_id') },
      }),
    )
    expect(sherd.stats().topology.reloads).toBe(1)
  })

  test('is refused after close', async () => {
    await sherd.close()
    expect(await failureOf(sherd.reload(config(['b', 'a'])))).toMatchObject({ code: 'SHERD_RELOAD_REFUSED' })
  })
})

test('a change of sqlMode or time zone is refused, because values are written into texts before', async () => {
  const at = (options: object) =>
    defineConfig({ databases: { default: { primary: 'mysql://nobody@127.0.0.1:1/main', options } } })
  const onServers = await createSherd(at({}))
  for (const options of [{ sqlMode: 'NO_BACKSLASH_ESCAPES' }, { timezone: 'Z' }]) {
    expect(await failureOf(onServers.reload(at(options)))).toMatchObject({ code: 'SHERD_RELOAD_REFUSED' })
  }
  await onServers.close()
})

test('a source is asked for the first config, and its failure then fails the start', async () => {
  const sourced = await createSherd(async () => config(['a', 'b']))
  expect(sourced.topology.version).toBe(sherd.topology.version)
  await sourced.close()
  const failure = new Error('no source')
  expect(await failureOf(createSherd(() => Promise.reject(failure)))).toBe(failure)
})
