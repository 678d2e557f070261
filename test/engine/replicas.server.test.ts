import { afterAll, beforeAll, expect, inject, test } from 'vitest'
import { runAsRoot } from '../../src/testing/servers/administration.ts'
import { waitForReplicas } from '../servers/databases.ts'
import { openShop, type ServerLog, type Shop, watchServers } from './open-shop.ts'

let shop: Shop
let log: ServerLog
beforeAll(async () => {
  shop = await openShop(import.meta.filename, { withReplicas: true })
  log = await watchServers()
})
afterAll(async () => {
  await log.stop()
  await shop.close()
})

const read = 'SELECT product FROM orders WHERE user_id = ? AND id = ?'
const insert = 'INSERT INTO orders (user_id, id, product) VALUES (?, ?, ?)'

/** How many of the reads each server was sent: primary 1, replica 1, primary 2, replica 2. */
async function countReads(): Promise<readonly number[]> {
  return (await log.read()).map((texts) => texts.filter((text) => text.startsWith('SELECT product')).length)
}

async function waitUntilReplicasServe(): Promise<void> {
  await Promise.all(inject('sharedSites').map(waitForReplicas))
  const isServed = async (): Promise<boolean> => {
    await log.read()
    for (const key of [shop.here, shop.far]) await shop.pool.promise().query(read, [key, 0])
    const counts = await countReads()
    return counts[1] === 1 && counts[3] === 1
  }
  await expect.poll(isServed, { timeout: 10_000 }).toBe(true)
}

test('reads go to the replica; those in a transaction, of fresh, and that lock, to the primary', async () => {
  await waitUntilReplicasServe()
  for (let round = 0; round < 10; round++) await shop.pool.promise().query(read, [shop.here, 0])
  expect(await countReads()).toEqual([0, 10, 0, 0])
  const connection = await shop.pool.promise().getConnection()
  await connection.beginTransaction()
  for (let round = 0; round < 3; round++) await connection.query(read, [shop.here, 0])
  await connection.commit()
  connection.release()
  expect(await countReads()).toEqual([3, 0, 0, 0])
  await shop.sherd.fresh(() => shop.pool.promise().query(read, [shop.far, 0]))
  expect(await countReads()).toEqual([0, 0, 1, 0])
  await shop.pool.promise().query(`${read} FOR UPDATE`, [shop.far, 0])
  expect(await countReads()).toEqual([0, 0, 1, 0])
})

test('while a replica applies nothing, 500 reads see the write before them', async () => {
  await waitUntilReplicasServe()
  const replicas = inject('sharedSites').flatMap((site) => site.replicas)
  await Promise.all(replicas.map(({ socket }) => runAsRoot(socket, ['STOP SLAVE SQL_THREAD'])))
  try {
    let stale = 0
    const work = Array.from({ length: 10 }, async (_, worker) => {
      for (let round = 0; round < 50; round++) {
        const key = [shop.here, shop.near, shop.far][round % 3] ?? 0
        const id = 1_000 + worker * 100 + round
        if (round % 2 === 0) {
          await shop.pool.promise().query(insert, [key, id, 'new'])
        } else {
          const connection = await shop.pool.promise().getConnection()
          await connection.beginTransaction()
          await connection.execute(insert, [key, id, 'new'])
          await connection.commit()
          connection.release()
        }
        const [rows] = await shop.pool.promise().query(read, [key, id])
        if ((rows as readonly unknown[]).length !== 1) stale++
      }
    })
    await Promise.all(work)
    expect(stale).toBe(0)
  } finally {
    await Promise.all(replicas.map(({ socket }) => runAsRoot(socket, ['START SLAVE SQL_THREAD'])))
  }
  await waitUntilReplicasServe()
})

test('a split INSERT is seen by the read behind it while the replica applies nothing', async () => {
  await waitUntilReplicasServe()
  const replicas = inject('sharedSites').flatMap((site) => site.replicas)
  await Promise.all(replicas.map(({ socket }) => runAsRoot(socket, ['STOP SLAVE SQL_THREAD'])))
  try {
    await shop.pool
      .promise()
      .query('INSERT INTO orders (user_id, id, product) VALUES (?, 1, ?), (?, 1, ?)', [
        shop.here,
        'a',
        shop.near,
        'b',
      ])
    const [rows] = await shop.pool
      .promise()
      .query('SELECT product FROM orders WHERE user_id IN (?) AND id = 1', [[shop.here, shop.near]])
    expect(rows).toHaveLength(2)
  } finally {
    await Promise.all(replicas.map(({ socket }) => runAsRoot(socket, ['START SLAVE SQL_THREAD'])))
  }
})
