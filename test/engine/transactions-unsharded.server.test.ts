import { afterAll, beforeAll, beforeEach, expect, inject, test } from 'vitest'
import type { PromisePoolConnection } from '../../src/facade/promise-pool-connection.ts'
import { runAsRoot } from '../../src/testing/servers/administration.ts'
import { failureOf, openShop, type ServerLog, type Shop, watchServers } from './open-shop.ts'

let shop: Shop
let log: ServerLog
let connection: PromisePoolConnection

beforeAll(async () => {
  shop = await openShop(import.meta.filename, { withReplicas: true })
  log = await watchServers()
})
beforeEach(async () => {
  connection = await shop.pool.promise().getConnection()
  await connection.query('DELETE FROM notes')
  for (const key of [shop.here, shop.far])
    await connection.query('DELETE FROM orders WHERE user_id = ?', [key])
  await log.read()
  return () => connection.release()
})
afterAll(async () => {
  await log.stop()
  await shop.close()
})

const order = "INSERT INTO orders (user_id, id, product) VALUES (?, 1, 'tea')"
const note = "INSERT INTO notes VALUES (1, 'a note')"

/** Numbers of rows that another connection sees: of the order, and of the note. */
async function counts(): Promise<readonly number[]> {
  const pool = shop.pool.promise()
  const [orders] = await pool.query('SELECT id FROM orders WHERE user_id = ?', [shop.here])
  const [notes] = await pool.query('SELECT id FROM notes')
  return [(orders as readonly unknown[]).length, (notes as readonly unknown[]).length]
}

async function countBegins(): Promise<number> {
  const texts = (await log.read()).flat()
  return texts.filter((text) => /^(?:BEGIN|START TRANSACTION)/.test(text)).length
}

test.each([
  ['the shard first', true],
  ['the unsharded database first', false],
])('an unsharded database at the address of the shard is in its transaction: %s', async (_, isShardFirst) => {
  for (const protocol of ['query', 'execute'] as const)
    for (const end of ['rollback', 'commit'] as const) {
      await connection.beginTransaction()
      if (isShardFirst) await connection[protocol](order, [shop.here])
      await connection[protocol](note)
      if (!isShardFirst) await connection[protocol](order, [shop.here])
      expect((await connection[protocol]('SELECT text FROM notes'))[0]).toEqual([{ text: 'a note' }])
      expect(await counts()).toEqual([0, 0])
      await connection[end]()
      expect(await countBegins()).toBe(1)
      expect(await counts()).toEqual(end === 'commit' ? [1, 1] : [0, 0])
      await connection.query('DELETE FROM notes')
      await connection.query('DELETE FROM orders WHERE user_id = ?', [shop.here])
      await log.read()
    }
})

test('an unsharded database at another address is refused', async () => {
  await connection.beginTransaction()
  await connection.query(order, [shop.far])
  expect(await failureOf(connection.query(note))).toHaveProperty('code', 'SHERD_TRANSACTION_SERVER')
  await connection.rollback()
})

test('what was written together is read by all after the commit, while replicas stand still', async () => {
  const replicas = inject('sharedSites').flatMap((site) => site.replicas)
  await Promise.all(replicas.map(({ socket }) => runAsRoot(socket, ['STOP SLAVE SQL_THREAD'])))
  try {
    await connection.beginTransaction()
    await connection.query(order, [shop.here])
    await connection.query(note)
    await connection.commit()
    expect(await counts()).toEqual([1, 1])
  } finally {
    await Promise.all(replicas.map(({ socket }) => runAsRoot(socket, ['START SLAVE SQL_THREAD'])))
  }
})

test('what would stay on a connection of the shard is refused there, and what is kept elsewhere is not mixed in', async () => {
  await connection.beginTransaction()
  await connection.query(order, [shop.here])
  const temporary = 'CREATE TEMPORARY TABLE drafts (id INT)'
  expect(await failureOf(connection.query(temporary))).toHaveProperty('code', 'SHERD_TRANSACTION_SERVER')
  await connection.rollback()
  await connection.query(temporary)
  await connection.beginTransaction()
  await connection.query(order, [shop.here])
  const keep = 'INSERT INTO drafts VALUES (1)'
  expect(await failureOf(connection.query(keep))).toHaveProperty('code', 'SHERD_TRANSACTION_SERVER')
  await connection.rollback()
  await connection.query(keep)
  expect((await connection.query('SELECT id FROM drafts'))[0]).toEqual([{ id: 1 }])
})

test('a scatter over shards at the address of the unsharded database is in its transaction', async () => {
  const sql = 'SELECT user_id FROM orders WHERE user_id IN (?, ?) ORDER BY user_id'
  await connection.beginTransaction()
  await connection.query(note)
  await connection.query(order, [shop.here])
  const [rows] = await shop.sherd.scatter(() => connection.query(sql, [shop.here, shop.near]))
  expect(rows).toEqual([{ user_id: shop.here }])
  await connection.rollback()
  await connection.beginTransaction()
  await connection.query(note)
  const [none] = await shop.sherd.scatter(() => connection.query(sql, [shop.here, shop.near]))
  expect(none).toEqual([])
  await connection.rollback()
  expect(await counts()).toEqual([0, 0])
})
