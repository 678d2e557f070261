import { createServer } from 'node:net'
import { afterAll, afterEach, beforeAll, expect, inject, test } from 'vitest'
import { createSherd } from '../../src/facade/create-sherd.ts'
import type { MysqlPool } from '../../src/facade/mysql-pool.ts'
import type { Sherd } from '../../src/facade/sherd.ts'
import { defineConfig } from '../../src/topology/define-config.ts'
import { sharded } from '../../src/topology/table-kinds.ts'
import { failureOf, openShop, type Shop } from '../engine/open-shop.ts'
import { runAsRoot } from '../../src/testing/servers/administration.ts'

let shop: Shop
const unhandled: unknown[] = []
const note = (reason: unknown) => unhandled.push(reason)
beforeAll(async () => {
  shop = await openShop(import.meta.filename)
  process.on('unhandledRejection', note)
})
afterEach(async () => {
  // Rejections are told after the microtasks of a turn.
  await new Promise((resolve) => setImmediate(resolve))
  expect(unhandled).toEqual([])
})
afterAll(async () => {
  process.off('unhandledRejection', note)
  await shop.close()
})

/** The shop again, but with another address for its second server. */
async function openWith(second: string): Promise<{ sherd: Sherd; pool: MysqlPool }> {
  const [first] = inject('sharedSites')
  const sherd = await createSherd(
    defineConfig({
      databases: { default: { primary: shop.mainUrl } },
      shardGroups: {
        shop: {
          databaseName: shop.databaseName,
          logicalShards: 4,
          servers: [{ primary: first?.primary.url }, { primary: second }],
        },
      },
      tables: { orders: sharded('shop', 'user_id'), items: sharded('shop', 'user_id') },
    }),
  )
  return { sherd, pool: sherd.pool as unknown as MysqlPool }
}

async function findClosedPort(): Promise<number> {
  const server = createServer()
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as { port: number }
  await new Promise((resolve) => server.close(resolve))
  return port
}

const read = 'SELECT id FROM orders WHERE user_id = ?'

async function expectOnlySecondFails(second: string, code: string, secret: string): Promise<void> {
  const { sherd, pool } = await openWith(second)
  const connection = await pool.promise().getConnection()
  for (let round = 0; round < 2; round++) {
    const failing = Promise.all([
      failureOf(pool.promise().query(read, [shop.far])),
      failureOf(pool.promise().execute(read, [shop.far])),
      failureOf(pool.promise().query('SELECT id FROM orders WHERE user_id IN (?)', [[shop.here, shop.far]])),
      failureOf(sherd.connection().execute(read, [shop.far])),
      new Promise<Error & Record<string, unknown>>((resolve) => {
        pool.query(read, [shop.far]).on('error', resolve)
      }),
    ])
    const working = await Promise.all(
      Array.from({ length: 10 }, () => pool.promise().query(read, [shop.here])),
    )
    expect(working.map(([rows]) => rows)).toEqual(working.map(() => []))
    for (const error of await failing) {
      expect(error['code']).toBe(code)
      expect(error['remedy']).toMatch(/\w+ \w+/)
      expect(`${error.message} ${JSON.stringify(error)}`).not.toContain(secret)
    }
    await connection.beginTransaction()
    expect(await failureOf(connection.query(read, [shop.far]))).toHaveProperty('code', code)
    // The transaction has no server yet, so it may still begin on one that answers.
    expect((await connection.query(read, [shop.here]))[0]).toEqual([])
    await connection.rollback()
  }
  connection.release()
  await sherd.close()
}

test('a server that is not there fails its own statements only', async () => {
  const url = `mysql://someone:secret-5523@127.0.0.1:${await findClosedPort()}/`
  await expectOnlySecondFails(url, 'SHERD_SERVER_UNREACHABLE', 'secret-5523')
})

test('wrong credentials fail the statements of their server only', async () => {
  const port = inject('sharedSites')[1]?.primary.port
  await expectOnlySecondFails(
    `mysql://sherd:secret-5523@127.0.0.1:${port}/`,
    'SHERD_ACCESS_DENIED',
    'secret-5523',
  )
})

test('a logical database that is missing on its server is told by name until it is there', async () => {
  const [, second] = inject('sharedSites')
  const { sherd, pool } = await openWith(second?.primary.url ?? '')
  const missing = shop.sherd.locate('shop', shop.far).name
  const socket = second?.primary.socket ?? ''
  await runAsRoot(socket, [`DROP DATABASE ${missing}`])
  for (const body of [
    () => pool.promise().query(read, [shop.far]),
    () => pool.promise().query('SELECT id FROM orders WHERE user_id IN (?)', [[shop.here, shop.far]]),
    () => sherd.onShard(missing, () => pool.promise().query('CREATE TABLE orders (id INT)')),
  ]) {
    const error = await failureOf(body())
    expect(error).toMatchObject({
      code: 'SHERD_DATABASE_MISSING',
      details: { shard: missing, server: 'shop/1' },
    })
    expect(error['remedy']).toMatch(/Create the database/)
  }
  const sibling = sherd.topology.shardGroups
    .get('shop')
    ?.shards.find(({ name, server }) => server.id === 'shop/1' && name !== missing)
  await sherd.onShard(sibling?.name ?? '', () => pool.promise().query('SELECT id FROM orders'))
  expect((await pool.promise().query(read, [shop.here]))[0]).toEqual([])
  await runAsRoot(socket, [`CREATE DATABASE ${missing}`])
  expect(await failureOf(pool.promise().query(read, [shop.far]))).toHaveProperty('code', 'ER_NO_SUCH_TABLE')
  await sherd.close()
})

test('statements after close fail, and closing twice is once', async () => {
  const [, second] = inject('sharedSites')
  const { sherd, pool } = await openWith(second?.primary.url ?? '')
  await pool.promise().query(read, [shop.here])
  await Promise.all([sherd.close(), pool.promise().end(), sherd.close()])
  for (const key of [shop.here, shop.far]) {
    expect(await failureOf(pool.promise().query(read, [key]))).toHaveProperty('code', 'SHERD_POOL_CLOSED')
  }
})
