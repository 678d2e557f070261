import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import { waitFor } from '../../src/testing/servers/wait-for.ts'
import { failureOf, openShop, type ServerLog, type Shop, watchServers } from './open-shop.ts'

let shop: Shop
let log: ServerLog
const keys = Array.from({ length: 40 }, (_, index) => index + 1)

beforeAll(async () => {
  shop = await openShop(import.meta.filename, { logicalShards: 8 })
  log = await watchServers()
  for (const key of keys)
    await shop.pool
      .promise()
      .query('INSERT INTO orders (user_id, id, product) VALUES (?, ?, ?)', [key, key, `p${key};'?`])
})
beforeEach(() => log.read())
afterAll(async () => {
  await log.stop()
  await shop.close()
})

const query = async (sql: string, values: readonly unknown[] = []) =>
  (await shop.pool.promise().query(sql, values))[0]
const oneByOne = <T>(fn: () => Promise<T>): Promise<T> =>
  shop.sherd.scatter(fn, { maxConcurrencyPerServer: 1 })

async function unitedTexts(): Promise<readonly string[]> {
  return (await log.read()).flat().filter((text) => text.includes('BEGIN NOT ATOMIC'))
}

test('one at a time allowed, the statements of a server go in one text, with a comment at the end of each', async () => {
  const sql = 'SELECT id, product FROM orders WHERE id > ? AND product <> ? ORDER BY id DESC -- the last'
  const rows = await oneByOne(() => query(sql, [35, ";'"]))
  expect(rows).toEqual([40, 39, 38, 37, 36].map((id) => ({ id, product: `p${id};'?` })))
  expect(await unitedTexts()).toHaveLength(2)
})

test('a statement that has a semicolon of its own, and one that is prepared, are sent by themselves', async () => {
  expect(await oneByOne(() => query("SELECT id FROM orders WHERE product = 'p7;''?'"))).toEqual([{ id: 7 }])
  const [rows] = await oneByOne(() =>
    shop.pool.promise().execute('SELECT id FROM orders WHERE id > ? ORDER BY id', [39]),
  )
  expect(rows).toEqual([{ id: 40 }])
  expect(await unitedTexts()).toEqual([])
})

test('an error of one shard is told of that shard, and its plan is not sent together again', async () => {
  const { name } = shop.sherd.locate('shop', shop.far)
  await shop.sherd.onShard(name, () => query('ALTER TABLE orders ADD COLUMN note INT, DROP COLUMN product'))
  const sql = 'SELECT id FROM orders WHERE product = ?'
  for (let times = 0; times < 2; times++)
    expect(await failureOf(oneByOne(() => query(sql, ['p1'])))).toMatchObject({
      code: 'SHERD_SCATTER_FAILED',
      cause: { errno: 1054, shard: name },
    })
  await shop.sherd.onShard(name, () =>
    query('ALTER TABLE orders DROP COLUMN note, ADD COLUMN product VARCHAR(40)'),
  )
  await log.read()
  expect(await oneByOne(() => query(sql, ['none']))).toEqual([])
  expect(await unitedTexts()).toEqual([])
})

test('short reads of several shards of a server go in one text once the server has said how short they are', async () => {
  const listed = 'SELECT user_id FROM orders WHERE user_id IN (?)'
  const scattered = 'SELECT user_id FROM orders ORDER BY user_id LIMIT 3'
  const ask = async (): Promise<readonly unknown[]> => [
    await query(listed, [keys]),
    await shop.sherd.scatter(() => query(scattered)),
  ]
  const first = await ask()
  expect(first[1]).toEqual([1, 2, 3].map((key) => ({ user_id: key })))
  const seen = new Set<boolean>()
  const areTogether = async (): Promise<boolean> => {
    expect(await ask()).toEqual(first)
    for (const text of await unitedTexts()) seen.add(text.includes('ORDER BY'))
    return seen.size === 2
  }
  expect(await waitFor(areTogether, 60_000)).toBe(true)
}, 90_000)

test('reads that are not short go together while the server has more under way than its cores have use for', async () => {
  const { shards = [] } = shop.sherd.topology.shardGroups.get('shop') ?? {}
  const ownKeys = shards.map(({ name }) => keys.find((key) => shop.sherd.locate('shop', key).name === name))
  for (const key of ownKeys)
    await query('INSERT INTO items (user_id, name) VALUES ?', [
      Array.from({ length: 300 }, (_, index) => [key, `n${index}`]),
    ])
  const ask = () => shop.sherd.scatter(() => query('SELECT COUNT(*) AS items FROM items'))
  const [cores] = (await query('SELECT @@thread_pool_size AS cores')) as readonly [{ readonly cores: number }]
  const hasEnough = cores.cores * 4 + 4
  const areTogether = async (): Promise<boolean> => {
    const answers = await Promise.all(Array.from({ length: hasEnough }, ask))
    expect(answers).toEqual(answers.map(() => [{ items: 2400 }]))
    return (await unitedTexts()).length > 0
  }
  expect(await waitFor(areTogether, 60_000)).toBe(true)
  await log.read()
  await ask()
  expect(await unitedTexts()).toEqual([])
}, 90_000)
