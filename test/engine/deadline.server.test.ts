import { afterAll, beforeAll, expect, inject, test } from 'vitest'
import { runAsRoot } from '../../src/testing/servers/administration.ts'
import { failureOf, openShop, type Shop } from './open-shop.ts'

/** Far above any deadline of these tests: who reaches it was not ended. */
const slowSeconds = 60
const slow = `SELECT SLEEP(${slowSeconds}) FROM orders WHERE user_id = ?`
const slowUpdate = `UPDATE orders SET product = 'late' WHERE user_id = ? AND SLEEP(${slowSeconds}) = 0`
const read = 'SELECT product FROM orders WHERE user_id = ?'
const update = 'UPDATE orders SET product = ? WHERE user_id = ?'

let shop: Shop
let limited: Shop

beforeAll(async () => {
  shop = await openShop(import.meta.filename, { options: { connectionLimit: 2 } })
  limited = await openShop(import.meta.filename, {
    name: 'limited',
    options: { connectionLimit: 2, statementTimeoutMs: 300 },
  })
  for (const { pool, here, twin, near, far } of [shop, limited])
    for (const key of [here, twin, near, far])
      await pool.promise().query("INSERT INTO orders (user_id, id, product) VALUES (?, 1, 'a')", [key])
}, 60_000)
afterAll(async () => {
  await shop.close()
  await limited.close()
})

async function countRunning(): Promise<number> {
  const find =
    "SELECT ID FROM information_schema.PROCESSLIST WHERE INFO LIKE '%SLEEP(60)%' AND INFO NOT LIKE '%PROCESSLIST%'"
  return (
    await Promise.all(inject('sharedSites').map(({ primary }) => runAsRoot(primary.socket, [find])))
  ).flat().length
}

const forms: readonly [string, (shop: Shop, sql: string, values: readonly unknown[]) => Promise<unknown>][] =
  [
    ['query', ({ pool }, sql, values) => pool.promise().query({ sql, values, timeout: 200 })],
    ['execute', ({ pool }, sql, values) => pool.promise().execute({ sql, values, timeout: 200 })],
    ['connection', ({ sherd }, sql, values) => sherd.connection().execute(sql, values, { timeout: 200 })],
    ['scope', ({ sherd, pool }, sql, values) => sherd.deadline(200, () => pool.promise().query(sql, values))],
  ]

test.each(forms)('a statement that is too slow ends on its server: %s', async (_, send) => {
  const error = await failureOf(send(shop, slow, [shop.here]))
  const { name, server } = shop.sherd.locate('shop', shop.here)
  expect(error).toMatchObject({
    code: 'SHERD_DEADLINE',
    kind: 'unavailable',
    isRetryable: false,
    details: { server: server.id, shard: name, shards: [{ shard: name, outcome: 'failed' }] },
    message: expect.stringContaining(`on ${name} of server ${server.id} passed while it ran`) as string,
    cause: { errno: 1317 },
  })
  expect(await countRunning()).toBe(0)
  // The connection stays and serves the next.
  expect((await shop.pool.promise().query(read, [shop.here]))[0]).toEqual([{ product: 'a' }])
})

test('statementTimeoutMs of the config ends statements without a word of the caller, and a nearer deadline wins', async () => {
  expect(await failureOf(limited.pool.promise().query(slow, [limited.far]))).toHaveProperty(
    'code',
    'SHERD_DEADLINE',
  )
  expect(await failureOf(limited.pool.promise().query(`SELECT SLEEP(${slowSeconds})`))).toHaveProperty(
    'code',
    'SHERD_DEADLINE',
  )
  const error = await failureOf(
    limited.sherd.deadline(60_000, () => limited.pool.promise().query(slow, [limited.here])),
  )
  expect(error).toHaveProperty('code', 'SHERD_DEADLINE')
  expect(await countRunning()).toBe(0)
})

test('the nearer of two scopes counts, and what comes after the deadline is not sent', async () => {
  const outcome = await shop.sherd.deadline(60_000, () =>
    shop.sherd.deadline(100, async () => {
      const first = await failureOf(shop.pool.promise().query(slow, [shop.here]))
      const second = await failureOf(shop.pool.promise().query(update, ['never', shop.here]))
      return [first, second] as const
    }),
  )
  expect(outcome[0]).toMatchObject({ code: 'SHERD_DEADLINE', details: { shards: [{ outcome: 'failed' }] } })
  expect(outcome[1]).toMatchObject({
    code: 'SHERD_DEADLINE',
    details: { shards: [{ outcome: 'not started' }] },
  })
  const inner = await shop.sherd.deadline(100, () =>
    shop.sherd.deadline(60_000, () => failureOf(shop.pool.promise().query(slow, [shop.here]))),
  )
  expect(inner).toHaveProperty('code', 'SHERD_DEADLINE')
  expect((await shop.pool.promise().query(read, [shop.here]))[0]).toEqual([{ product: 'a' }])
})

test('the wait for a connection counts, and a connection that comes too late is given back', async () => {
  const held = await Promise.all([1, 2].map(() => shop.pool.promise().getConnection()))
  for (const connection of held) {
    await connection.beginTransaction()
    await connection.query(read, [shop.here])
  }
  const errors = await Promise.all(
    Array.from({ length: 50 }, () =>
      failureOf(shop.sherd.deadline(150, () => shop.pool.promise().query(update, ['never', shop.here]))),
    ),
  )
  for (const error of errors)
    expect(error).toMatchObject({ code: 'SHERD_DEADLINE', details: { shards: [{ outcome: 'not started' }] } })
  const waiting = await shop.pool.promise().getConnection()
  await waiting.beginTransaction()
  expect(await failureOf(shop.sherd.deadline(100, () => waiting.query(read, [shop.here])))).toHaveProperty(
    'code',
    'SHERD_DEADLINE',
  )
  for (const connection of held) {
    await connection.rollback()
    connection.release()
  }
  // The transaction has no server yet, so it can still begin.
  expect((await waiting.query(read, [shop.here]))[0]).toEqual([{ product: 'a' }])
  await waiting.commit()
  waiting.release()
  await expect
    .poll(() => shop.sherd.stats().pools.every(({ inUse, waiting: queue }) => inUse + queue === 0))
    .toBe(true)
})

test('in a transaction the statement is taken back, and the transaction goes on', async () => {
  const connection = await shop.pool.promise().getConnection()
  await connection.beginTransaction()
  await connection.query(update, ['kept', shop.twin])
  expect(
    await failureOf(shop.sherd.deadline(150, () => connection.query(slowUpdate, [shop.here]))),
  ).toMatchObject({
    code: 'SHERD_DEADLINE',
    details: { shards: [{ outcome: 'failed' }] },
  })
  // COMMIT is sent although the time is up.
  await shop.sherd.deadline(0, () => connection.commit())
  connection.release()
  expect((await shop.pool.promise().query(read, [shop.twin]))[0]).toEqual([{ product: 'kept' }])
  expect((await shop.pool.promise().query(read, [shop.here]))[0]).toEqual([{ product: 'a' }])
})

test('a write split over several shards is taken back as a whole', async () => {
  const keys = [shop.here, shop.near]
  const sql = `UPDATE orders SET product = 'half' WHERE user_id IN (?, ?) AND (user_id = ? OR SLEEP(${slowSeconds}) = 0)`
  const first = keys.toSorted(
    (a, b) => shop.sherd.locate('shop', a).index - shop.sherd.locate('shop', b).index,
  )[0]
  expect(
    await failureOf(shop.sherd.deadline(200, () => shop.pool.promise().query(sql, [...keys, first]))),
  ).toMatchObject({ code: 'SHERD_DEADLINE' })
  for (const key of keys)
    expect((await shop.pool.promise().query(read, [key]))[0]).toEqual([{ product: 'a' }])
  expect(await countRunning()).toBe(0)
})

test('a read split over several shards ends on all of them', async () => {
  const keys = [shop.here, shop.near, shop.far]
  const sql = `SELECT SLEEP(${slowSeconds}) FROM orders WHERE user_id IN (?, ?, ?)`
  expect(
    await failureOf(shop.sherd.deadline(200, () => shop.pool.promise().query(sql, keys))),
  ).toHaveProperty('code', 'SHERD_DEADLINE')
  await expect.poll(countRunning, { timeout: 5_000 }).toBe(0)
})

test('errors that have nothing to do with the deadline stay what they are, and statements in time are not touched', async () => {
  await shop.sherd.deadline(30_000, async () => {
    expect(
      await failureOf(
        shop.pool
          .promise()
          .query("INSERT INTO orders (user_id, id, product) VALUES (?, 1, 'b')", [shop.here]),
      ),
    ).toHaveProperty('errno', 1062)
    expect((await shop.pool.promise().query(read, [shop.here]))[0]).toEqual([{ product: 'a' }])
  })
  const controller = new AbortController()
  const aborted = failureOf(
    shop.pool.promise().query({ sql: slow, values: [shop.here], signal: controller.signal, timeout: 30_000 }),
  )
  await expect.poll(countRunning, { timeout: 5_000 }).toBe(1)
  controller.abort()
  expect(await aborted).toHaveProperty('errno', 1317)
})

test('a deadline that is no number of milliseconds is refused, and nothing runs', async () => {
  let hasRun = false
  const body = (): void => {
    hasRun = true
  }
  for (const timeoutMs of [Number.NaN, -1])
    expect(await failureOf(shop.sherd.deadline(timeoutMs, body))).toHaveProperty(
      'code',
      'SHERD_QUERY_ARGUMENTS',
    )
  expect(hasRun).toBe(false)
})

test('deadlines that come at any moment end no statement of another, and tell the truth about writes', async () => {
  const told = new Map<string, number>()
  const inserted = new Set<number>()
  /** A server that gives no answer for a second on a busy machine is cut, and then nobody knows. */
  const unknown = new Set<number>()
  const others: Promise<unknown>[] = []
  const pool = shop.pool.promise()
  const insert = "INSERT INTO orders (user_id, id, product) VALUES (?, ?, CONCAT('timed', SLEEP(0.003)))"
  for (let id = 100; id < 500; id++) {
    const outcome = shop.sherd
      .deadline((id % 20) / 2, () => pool.query(insert, [shop.far, id]))
      .then(
        () => 'done',
        (error: { code?: string; details?: { shards?: readonly { outcome: string }[] } }) =>
          error.code === 'SHERD_DEADLINE'
            ? (error.details?.shards?.[0]?.outcome ?? 'none')
            : String(error.code),
      )
    others.push(pool.query(read, [shop.here]))
    const what = await outcome
    told.set(what, (told.get(what) ?? 0) + 1)
    if (what === 'done') inserted.add(id)
    if (what === 'unknown') unknown.add(id)
  }
  await Promise.all(others)
  const [rows] = await pool.query('SELECT id FROM orders WHERE user_id = ? AND id >= 100', [shop.far])
  console.log(
    `400 writes with deadlines of 0 to 9.5 ms: ${[...told].map(([what, n]) => `${what} ${n}`).join(', ')}`,
  )
  const possible = ['done', 'failed', 'not started', 'unknown']
  expect([...told.keys()].filter((what) => !possible.includes(what))).toEqual([])
  expect(told.get('failed')).toBeGreaterThan(0)
  expect(unknown.size).toBeLessThan(10)
  const found = (rows as readonly { id: number }[]).map(({ id }) => id).filter((id) => !unknown.has(id))
  expect(new Set(found)).toEqual(inserted)
})
