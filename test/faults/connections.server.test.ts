import { afterAll, beforeAll, expect, inject, test } from 'vitest'

import { createSherd } from '../../src/facade/create-sherd.ts'
import type { MysqlPool } from '../../src/facade/mysql-pool.ts'
import type { Sherd } from '../../src/facade/sherd.ts'
import { readText, runAsRoot } from '../../src/testing/servers/administration.ts'
import { defineConfig } from '../../src/topology/define-config.ts'
import { sharded } from '../../src/topology/table-kinds.ts'
import { dropDatabases, uniqueName } from '../servers/databases.ts'

const limit = 10
const logicalShards = 1_024
const databaseName = uniqueName(import.meta.filename, 'many shards')
const names = Array.from({ length: logicalShards }, (_, index) => `${databaseName}_${index}`)
const filled = 16

let sherd: Sherd
let pool: ReturnType<MysqlPool['promise']>
/** Keys of the shards that have tables: all 1,024 exist, 16 are enough to write to. */
let keys: readonly number[]

beforeAll(async () => {
  const sites = inject('sharedSites')
  sherd = await createSherd(
    defineConfig({
      shardGroups: {
        shop: {
          databaseName,
          logicalShards,
          options: { connectionLimit: limit, acquireTimeoutMs: 60_000 },
          servers: sites.map(({ primary }) => ({ primary: primary.url })),
        },
      },
      tables: { orders: sharded('shop', 'user_id') },
    }),
  )
  await sherd.createDatabases()
  const shards = sherd.topology.shardGroups.get('shop')?.shards ?? []
  const chosen = shards.filter(({ index }) => index % (logicalShards / filled) === 0)
  const connection = sherd.connection()
  for (const { name } of chosen)
    await sherd.onShard(name, () =>
      connection.execute(
        'CREATE TABLE orders (user_id BIGINT, id INT, arrival INT AUTO_INCREMENT UNIQUE, PRIMARY KEY (user_id, id))',
      ),
    )
  connection.release()
  keys = chosen.map(({ name }) => {
    for (let key = 0; ; key++) if (sherd.locate('shop', key).name === name) return key
  })
  // The pool that createSherd made; the type of `sherd.pool` is mysql2's.
  pool = (sherd.pool as unknown as MysqlPool).promise()
}, 120_000)

afterAll(async () => {
  await sherd.close()
  await Promise.all(inject('sharedSites').map((site) => dropDatabases(site, names)))
}, 120_000)

/** Connections the servers themselves count, by server. */
async function countConnections(): Promise<readonly number[]> {
  const sql = `SELECT CAST(COUNT(*) AS CHAR) AS n FROM information_schema.PROCESSLIST WHERE USER = '${inject('sharedUser')}' AND COMMAND NOT LIKE 'Binlog%'`
  return Promise.all(
    inject('sharedSites').map(async ({ primary }) =>
      Number(readText((await runAsRoot(primary.socket, [sql]))[0], 'n')),
    ),
  )
}

async function expectAtRest(): Promise<void> {
  const isAtRest = async (): Promise<boolean> => {
    const counts = await countConnections()
    const pools = sherd.stats().pools
    return (
      pools.every(({ inUse, waiting, connecting }) => inUse + waiting + connecting === 0) &&
      pools.reduce((sum, { idle }) => sum + idle, 0) === counts.reduce((sum, n) => sum + n, 0)
    )
  }
  await expect.poll(isAtRest, { timeout: 20_000, interval: 100 }).toBe(true)
}

test('1,024 logical shards on 2 servers use at most 10 connections of each', async () => {
  let most = 0
  let isDone = false
  const watch = (async () => {
    while (!isDone) most = Math.max(most, ...(await countConnections()))
  })()
  const touched = new Set<string>()
  const callers = Array.from({ length: 200 }, async (_, caller) => {
    for (let round = 0; round < 25; round++) {
      const key = caller * 25 + round
      touched.add(sherd.locate('shop', key).name)
      // Most of the shards have no tables: the server's answer is an error, and a connection was used for it.
      await pool.query('SELECT id FROM orders WHERE user_id = ?', [key]).catch(() => undefined)
    }
  })
  await Promise.all(callers)
  isDone = true
  await watch
  console.log(`1,024 logical shards: at most ${most} connections of a server, limit ${limit}`)
  expect(touched.size).toBeGreaterThan(900)
  expect(most).toBeLessThanOrEqual(limit)
  expect(most).toBeGreaterThan(1)
})

test('1,000 callers at once on a pool of 10 are served in their turn', async () => {
  const [key] = keys
  await pool.query('DELETE FROM orders WHERE user_id = ?', [key])
  let mostInUse = 0
  const shard = sherd.locate('shop', key)
  const site = inject('sharedSites')[shard.index < logicalShards / 2 ? 0 : 1]
  await runAsRoot(site?.primary.socket ?? '', [
    `CREATE TRIGGER ${shard.name}.slow BEFORE INSERT ON ${shard.name}.orders FOR EACH ROW DO SLEEP(0.002)`,
  ])
  const sent = Array.from({ length: 1_000 }, async (_, id) => {
    await pool.query('INSERT INTO orders (user_id, id) VALUES (?, ?)', [key, id])
    mostInUse = Math.max(mostInUse, ...sherd.stats().pools.map(({ inUse }) => inUse))
  })
  await Promise.all(sent)
  const [rows] = await pool.query('SELECT id FROM orders WHERE user_id = ? ORDER BY arrival', [key])
  const order = (rows as readonly { id: number }[]).map(({ id }) => id)
  const places = order.map((id, position) => Math.abs(id - position))
  const furthest = Math.max(...places)
  console.log(`1,000 callers: at most ${mostInUse} at once, none served more than ${furthest} places off`)
  expect(order).toHaveLength(1_000)
  expect(mostInUse).toBeLessThanOrEqual(limit)
  // Connections race each other, so a place or two may swap; who came first must not come last. One that a busy machine stops for
  // a moment holds up the one caller it serves, whatever the pool does.
  expect(places.filter((far) => far >= limit * 5).length).toBeLessThanOrEqual(limit)
  await expectAtRest()
})

test('10,000 mixed statements with errors leave no connection behind', async () => {
  await expectAtRest()
  const before = await countConnections()
  const outcomes = new Map<string, number>()
  const count = (what: string): void => void outcomes.set(what, (outcomes.get(what) ?? 0) + 1)
  const read = 'SELECT id FROM orders WHERE user_id = ?'
  const insert = 'INSERT INTO orders (user_id, id) VALUES (?, ?)'
  const withConnection = async (
    body: (connection: Awaited<ReturnType<typeof pool.getConnection>>) => Promise<unknown>,
  ): Promise<void> => {
    const connection = await pool.getConnection()
    try {
      await body(connection)
    } finally {
      connection.release()
    }
  }
  const operations: readonly ((key: number, id: number) => Promise<unknown>)[] = [
    (key) => pool.query(read, [key]),
    (key) => pool.execute(read, [key]),
    (key, id) => pool.query(insert, [key, id]),
    (key) => pool.query(`${read} AND nothing = 1`, [key]),
    () => pool.query('SELECT id FROM orders'),
    (key) => pool.query('SELEC id FROM orders WHERE user_id = ?', [key]),
    // The server refuses the second row, and half of a transaction stays open until the release.
    (key, id) =>
      withConnection(async (connection) => {
        await connection.beginTransaction()
        await connection.query(insert, [key, id])
        await connection.query(insert, [key, id])
      }),
    (key) =>
      withConnection(async (connection) => {
        await connection.beginTransaction()
        await connection.query(read, [key])
        await connection.rollback()
      }),
    (key) => sherd.withShardKey('shop', key, () => pool.query('SELECT COUNT(*) FROM orders')),
    async (key) => {
      const connection = await pool.getConnection()
      await connection.beginTransaction()
      await connection.query(read, [key])
      connection.destroy()
    },
  ]
  const callers = Array.from({ length: 50 }, async (_, caller) => {
    for (let round = 0; round < 200; round++) {
      const number = caller * 200 + round
      const operation = operations[number % operations.length]
      const key = keys[(caller + round) % filled] ?? 0
      await operation?.(key, 10_000 + number).then(
        () => count('done'),
        (error: { code?: unknown }) => count(String(error.code)),
      )
    }
  })
  await Promise.all(callers)
  await expectAtRest()
  const after = await countConnections()
  const told = [...outcomes].map(([what, n]) => `${what} ${n}`).join(', ')
  console.log(`10,000 statements: ${told}; connections before ${before.join('+')}, after ${after.join('+')}`)
  expect(outcomes.get('done')).toBe(6_000)
  expect(outcomes.get('SHERD_NO_SHARD_KEY')).toBe(1_000)
  expect(outcomes.get('ER_DUP_ENTRY')).toBe(1_000)
  for (const n of after) expect(n).toBeLessThanOrEqual(limit)
})
