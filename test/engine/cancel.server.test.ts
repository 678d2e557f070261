import { type Connection, createConnection } from 'mysql2/promise'
import { afterAll, beforeAll, expect, inject, test } from 'vitest'
import { runAsRoot } from '../../src/testing/servers/administration.ts'
import { failureOf, openShop, type Shop } from './open-shop.ts'

let shop: Shop
let locks: readonly Connection[]
beforeAll(async () => {
  // One connection for each server, so that whatever a cancelled statement leaves behind meets the next one.
  shop = await openShop(import.meta.filename, { options: { connectionLimit: 1 } })
  for (const key of [shop.here, shop.far, shop.twin])
    await shop.pool.promise().query("INSERT INTO orders (user_id, id, product) VALUES (?, 1, 'a')", [key])
  locks = await Promise.all(
    [shop.here, shop.far].map(async (key) => {
      const { name, server } = shop.sherd.locate('shop', key)
      const site = inject('sharedSites').find(({ primary }) => server.primary.port === primary.port)
      const lock = await createConnection({ uri: site?.primary.url ?? '' })
      await lock.query('BEGIN')
      await lock.query(`SELECT * FROM ${name}.orders WHERE user_id = ? FOR UPDATE`, [key])
      return lock
    }),
  )
})
afterAll(async () => {
  for (const lock of locks) await lock.end()
  await shop.close()
})

/** Waits for a lock that nobody gives back. */
const slow = 'SELECT product FROM orders WHERE user_id = ? FOR UPDATE'
const update = 'UPDATE orders SET product = ? WHERE user_id = ?'
const read = 'SELECT product FROM orders WHERE user_id = ?'

/** Until it waits on a server. */
async function waitForLock(): Promise<void> {
  const find = "SELECT ID FROM information_schema.PROCESSLIST WHERE INFO LIKE 'SELECT product%FOR UPDATE'"
  const countAll = async (): Promise<number> =>
    (await Promise.all(inject('sharedSites').map(({ primary }) => runAsRoot(primary.socket, [find])))).flat()
      .length
  await expect.poll(countAll, { timeout: 10_000 }).toBeGreaterThan(0)
}

test('a signal ends the statement on the server with the server’s own error, and the connection stays', async () => {
  const forms = [
    (signal: AbortSignal) => shop.pool.promise().query({ sql: slow, values: [shop.here], signal }),
    (signal: AbortSignal) => shop.pool.promise().execute({ sql: slow, values: [shop.far], signal }),
    (signal: AbortSignal) => shop.sherd.connection().execute(slow, [shop.here], { signal }),
  ]
  const before = shop.sherd.stats().pools.length
  for (const send of forms) {
    const controller = new AbortController()
    const outcome = failureOf(send(controller.signal))
    await waitForLock()
    controller.abort()
    expect(await outcome).toHaveProperty('errno', 1317)
    for (const key of [shop.here, shop.far])
      expect((await shop.pool.promise().query(read, [key]))[0]).toEqual([{ product: 'a' }])
  }
  expect(shop.sherd.stats().pools).toHaveLength(before)
})

test('a signal that was aborted before sends nothing', async () => {
  const connection = shop.sherd.connection()
  const signal = AbortSignal.abort()
  expect(await failureOf(connection.execute(update, ['never', shop.here], { signal }))).toHaveProperty(
    'code',
    'SHERD_ABORTED',
  )
  expect(
    await failureOf(shop.pool.promise().query({ sql: update, values: ['never', shop.here], signal })),
  ).toHaveProperty('code', 'SHERD_ABORTED')
  expect((await connection.execute(read, [shop.here])).rows).toEqual([{ product: 'a' }])
  connection.release()
})

test('in a transaction only the statement ends', async () => {
  const connection = shop.sherd.connection()
  const controller = new AbortController()
  await connection.execute('BEGIN')
  await connection.execute(update, ['kept', shop.twin])
  const outcome = failureOf(connection.execute(slow, [shop.here], { signal: controller.signal }))
  await waitForLock()
  controller.abort()
  expect(await outcome).toHaveProperty('errno', 1317)
  await connection.execute('COMMIT')
  expect((await connection.execute(read, [shop.twin])).rows).toEqual([{ product: 'kept' }])
  connection.release()
})

test('KILL QUERY with the thread id of a virtual connection ends its statement, by itself or as a value', async () => {
  const connection = await shop.pool.promise().getConnection()
  for (const kill of [
    () => shop.pool.promise().query(`kill query ${connection.threadId}`),
    () => shop.pool.promise().query('KILL QUERY ?', [connection.threadId]),
    () => shop.pool.promise().execute('KILL QUERY ?;', [connection.threadId]),
  ]) {
    const outcome = failureOf(connection.query(slow, [shop.far]))
    await waitForLock()
    await kill()
    expect(await outcome).toHaveProperty('errno', 1317)
  }
  // Nothing runs there now.
  await shop.pool.promise().query('KILL QUERY ?', [connection.threadId])
  expect((await connection.query(read, [shop.far]))[0]).toEqual([{ product: 'a' }])
  connection.release()
})

test('KILL with the thread id of a virtual connection ends its statement, its transaction and itself', async () => {
  const connection = await shop.pool.promise().getConnection()
  await connection.query('BEGIN')
  await connection.query(update, ['never', shop.twin])
  const outcome = failureOf(connection.query(slow, [shop.here]))
  const behind = failureOf(connection.query('COMMIT'))
  await waitForLock()
  await shop.pool.promise().query('KILL ?', [connection.threadId])
  expect(await outcome).toHaveProperty('errno', 1317)
  expect(await behind).toHaveProperty('code', 'SHERD_CONNECTION_RELEASED')
  expect(await failureOf(connection.query(read, [shop.here]))).toHaveProperty(
    'code',
    'SHERD_CONNECTION_RELEASED',
  )
  expect(connection.connection).toMatchObject({ state: 'disconnected', stream: { destroyed: true } })
  expect((await shop.pool.promise().query(read, [shop.twin]))[0]).not.toEqual([{ product: 'never' }])
})

test('KILL of a connection that lies in the pool leaves it for the next user', async () => {
  const connection = await shop.pool.promise().getConnection()
  const { threadId } = connection
  connection.release()
  await shop.pool.promise().query('KILL CONNECTION ?', [threadId])
  const again = await shop.pool.promise().getConnection()
  expect(again.threadId).toBe(threadId)
  expect((await again.query(read, [shop.far]))[0]).toEqual([{ product: 'a' }])
  again.release()
})

test('KILL QUERY with an id of the server goes to the server', async () => {
  expect(await failureOf(shop.pool.promise().query('KILL QUERY 4294967295'))).toHaveProperty('errno', 1094)
})

test('a cancel that comes too late never meets the statement of somebody else', async () => {
  const outcomes = { ended: 0, finished: 0, unsent: 0 }
  const others: Promise<unknown>[] = []
  for (let round = 0; round < 200; round++) {
    const controller = new AbortController()
    const sql = 'SELECT COUNT(*) AS n FROM orders WHERE user_id = ?'
    const cancelled = shop.pool
      .promise()
      .query({ sql, values: [shop.here], signal: controller.signal })
      .then(
        () => 'finished' as const,
        (error: { errno?: number; code?: string }) =>
          error.errno === 1317 ? 'ended' : (error.code ?? 'none'),
      )
    others.push(shop.pool.promise().query(read, [shop.here]))
    for (let turn = 0; turn < round % 12; turn++) await new Promise((resolve) => setImmediate(resolve))
    controller.abort()
    const outcome = await cancelled
    if (outcome === 'ended' || outcome === 'finished') outcomes[outcome] += 1
    else {
      expect(outcome).toBe('SHERD_ABORTED')
      outcomes.unsent += 1
    }
  }
  expect((await Promise.all(others)).map((result) => (result as unknown[])[0])).toEqual(
    others.map(() => [{ product: 'a' }]),
  )
  expect(outcomes.ended + outcomes.finished + outcomes.unsent).toBe(200)
})
