import { fork } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, expect, inject, test } from 'vitest'
import { createSherd } from '../../src/facade/create-sherd.ts'
import type { MysqlPool } from '../../src/facade/mysql-pool.ts'
import type { Sherd } from '../../src/facade/sherd.ts'
import { type HalfOpenProxy, startHalfOpenProxy } from '../../src/testing/servers/half-open-proxy.ts'
import type { ConnectionOptionsConfig } from '../../src/topology/config.ts'
import { defineConfig } from '../../src/topology/define-config.ts'
import { failureOf, openShop, type Shop } from './open-shop.ts'

const read = 'SELECT product FROM orders WHERE user_id = ?'
const update = 'UPDATE orders SET product = ? WHERE user_id = ?'
const insert = "INSERT INTO orders (user_id, id, product) VALUES (?, 1, 'a')"

let shop: Shop
let wire: HalfOpenProxy
beforeAll(async () => {
  shop = await openShop(import.meta.filename)
  await shop.pool.promise().query(insert, [shop.here])
  await shop.pool.promise().query(insert, [shop.far])
  wire = await startHalfOpenProxy(inject('sharedSites')[0]?.primary.port ?? 0)
})
afterAll(async () => {
  await wire.stop()
  await shop.close()
})

/** Another sherd on the same databases, behind the wire where `isWired`. */
async function openAgain(
  options: ConnectionOptionsConfig = {},
  isWired = false,
): Promise<{ sherd: Sherd; pool: ReturnType<MysqlPool['promise']> }> {
  const servers = inject('sharedSites').map(({ primary }, index) => ({
    primary:
      isWired && index === 0 ? primary.url.replace(`:${primary.port}/`, `:${wire.port}/`) : primary.url,
  }))
  const group = { databaseName: shop.databaseName, logicalShards: 4, options, servers }
  const sherd = await createSherd(
    defineConfig({
      shardGroups: { shop: group },
      tables: { ...Object.fromEntries(shop.sherd.topology.tables) },
    }),
  )
  return { sherd, pool: (sherd.pool as unknown as MysqlPool).promise() }
}

test('closing lets running and waiting statements end and open transactions commit, and takes nothing else', async () => {
  const { sherd, pool } = await openAgain({ connectionLimit: 2 })
  const transaction = await pool.getConnection()
  await transaction.beginTransaction()
  await transaction.query(update, ['first', shop.here])
  const pending = await pool.getConnection()
  await pending.beginTransaction()
  const running = Array.from({ length: 20 }, () =>
    pool.query(`SELECT SLEEP(0.02) FROM orders WHERE user_id = ?`, [shop.here]),
  )
  let isClosed = false
  const closing = sherd.close()
  void closing.then(() => {
    isClosed = true
  })
  expect(sherd.close()).toBe(closing)
  expect(await failureOf(pool.query(read, [shop.far]))).toHaveProperty('code', 'SHERD_POOL_CLOSED')
  expect(await failureOf(pending.query(read, [shop.far]))).toHaveProperty('code', 'SHERD_POOL_CLOSED')
  expect(await failureOf(sherd.connection().execute(read, [shop.far]))).toHaveProperty(
    'code',
    'SHERD_POOL_CLOSED',
  )
  await Promise.all(running)
  await transaction.query(update, ['second', shop.here])
  expect(isClosed).toBe(false)
  await transaction.commit()
  transaction.release()
  await closing
  expect((await shop.pool.promise().query(read, [shop.here]))[0]).toEqual([{ product: 'second' }])
  expect(await failureOf(pool.query(read, [shop.here]))).toHaveProperty('code', 'SHERD_POOL_CLOSED')
})

test('what is not over when the time of close is up is cut, and the server rolls it back', async () => {
  const { sherd, pool } = await openAgain()
  const transaction = await pool.getConnection()
  await transaction.beginTransaction()
  await transaction.query(update, ['never', shop.far])
  const running = failureOf(pool.query('SELECT SLEEP(60) FROM orders WHERE user_id = ?', [shop.here]))
  await sherd.close({ timeoutMs: 200 })
  expect(await running).toHaveProperty('code', 'PROTOCOL_CONNECTION_LOST')
  expect(await failureOf(transaction.commit())).toBeInstanceOf(Error)
  await expect
    .poll(async () => (await shop.pool.promise().query(`${read} FOR UPDATE`, [shop.far]))[0])
    .toEqual([{ product: 'a' }])
})

test('closing works while connections are being made, and gives up those that get no answer', async () => {
  const { sherd, pool } = await openAgain({ connectTimeoutMs: 60_000, acquireTimeoutMs: 60_000 }, true)
  wire.freeze()
  const waiting = failureOf(pool.query(read, [shop.here]))
  await expect.poll(() => wire.connectionCount()).toBe(1)
  await sherd.close({ timeoutMs: 100 })
  expect(await waiting).toHaveProperty('code', 'SHERD_POOL_CLOSED')
  wire.pass()
  await expect.poll(() => wire.connectionCount(), { timeout: 10_000 }).toBe(0)
})

test('warm-up opens connections before the first statement, and reports what it could not reach', async () => {
  const { sherd } = await openAgain(
    { connectionLimit: 3, connectTimeoutMs: 60_000, acquireTimeoutMs: 300 },
    true,
  )
  wire.freeze()
  const reports = await sherd.warmUp({ connections: 5 })
  expect(reports).toEqual([
    {
      endpoint: 'shop/0/primary',
      opened: 0,
      error: expect.objectContaining({ code: 'SHERD_POOL_TIMEOUT' }) as unknown,
    },
    { endpoint: 'shop/1/primary', opened: 3 },
  ])
  expect(await failureOf(sherd.warmUp({ throwOnError: true }))).toHaveProperty('code', 'SHERD_POOL_TIMEOUT')
  wire.cut()
  wire.pass()
  await expect
    .poll(async () => (await sherd.warmUp({ connections: 2 })).map(({ opened }) => opened), {
      timeout: 10_000,
    })
    .toEqual([2, 2])
  await sherd.close()
})

test('a connection budget reads what the servers allow, and leaves open what it cannot ask', async () => {
  const { sherd } = await openAgain({ acquireTimeoutMs: 300 }, true)
  wire.freeze()
  const { servers, overrun } = await sherd.connectionBudget({ processes: 1_000 })
  wire.cut()
  wire.pass()
  expect(servers.map(({ isOverrun, connections }) => [isOverrun, connections])).toEqual([
    [undefined, 10_000],
    [true, 10_000],
  ])
  expect(servers[1]?.allowance?.maxConnections).toBeGreaterThan(10)
  expect(servers[1]?.allowance?.maxPreparedStatements).toBeGreaterThan(10)
  expect(overrun).toEqual([servers[1]?.address])
  await sherd.close()
})

test.each(['calm', 'hang'])('a process ends by itself once sherd is closed: %s', async (kind) => {
  const [site] = inject('sharedSites')
  const main = new URL(shop.mainUrl)
  const port = main.port
  main.port = String(wire.port)
  const replicaUrl = shop.mainUrl.replace(`:${port}/`, `:${new URL(site?.replicas[0]?.url ?? '').port}/`)
  const child = fork(fileURLToPath(new URL('close-and-end.ts', import.meta.url)), [main.href, replicaUrl], {
    execArgv: ['--import', 'tsx'],
  })
  const heard: unknown[] = []
  child.on('message', (message) => heard.push(message))
  await expect.poll(() => heard, { timeout: 20_000 }).toEqual(['ready'])
  if (kind === 'hang') wire.freeze()
  child.send(kind)
  await expect.poll(() => heard, { timeout: 10_000 }).toEqual(['ready', 'closed'])
  // Its own connect time-out is a minute.
  await expect.poll(() => child.exitCode, { timeout: 10_000 }).toBe(0)
  wire.cut()
  wire.pass()
})
