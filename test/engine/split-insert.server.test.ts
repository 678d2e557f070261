import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import { failureOf, openShop, type ServerLog, type Shop, watchServers } from './open-shop.ts'

let shop: Shop
let log: ServerLog
beforeAll(async () => {
  shop = await openShop(import.meta.filename)
  log = await watchServers()
})
afterAll(async () => {
  await log.stop()
  await shop.close()
})
beforeEach(async () => {
  for (const { name } of shop.sherd.topology.shardGroups.get('shop')!.shards) {
    await shop.sherd.onShard(name, async () => {
      for (const table of ['orders', 'items']) await shop.pool.promise().query(`DELETE FROM ${table}`)
    })
  }
  await log.read()
})

const two = 'INSERT INTO orders (user_id, id, product) VALUES (?, ?, ?), (?, ?, ?)'
const three = `${two}, (?, ?, ?)`

async function placesOf(table = 'orders'): Promise<Readonly<Record<string, readonly string[]>>> {
  const places: Record<string, readonly string[]> = {}
  for (const { name } of shop.sherd.topology.shardGroups.get('shop')!.shards) {
    const [rows] = await shop.sherd.onShard(name, () =>
      shop.pool.promise().query(`SELECT user_id, id FROM ${table} ORDER BY user_id, id`),
    )
    const found = (rows as readonly { user_id: number; id: number }[]).map(
      (row) => `${row.user_id}/${row.id}`,
    )
    if (found.length > 0) places[name] = found
  }
  return places
}

const shardOf = (key: number) => shop.sherd.locate('shop', key).name

test('rows of several logical shards of one server are all written, with one sum and no insert id', async () => {
  for (const protocol of ['query', 'execute'] as const) {
    const id = protocol === 'query' ? 1 : 2
    const [packet] = await shop.pool
      .promise()
      [protocol](three, [shop.here, id, 'a', shop.near, id, 'b', shop.twin, id, 'c'])
    expect(packet).toMatchObject({ affectedRows: 3, insertId: 0, warningStatus: 0 })
    expect((packet as object).constructor.name).toBe('ResultSetHeader')
  }
  const keys = [shop.here, shop.twin].toSorted((a, b) => a - b)
  expect(await placesOf()).toEqual({
    [shardOf(shop.here)]: keys.flatMap((key) => [`${key}/1`, `${key}/2`]),
    [shardOf(shop.near)]: [`${shop.near}/1`, `${shop.near}/2`],
  })
})

test('a duplicate key on the second logical shard leaves nothing on the first', async () => {
  await shop.pool.promise().query(two, [shop.near, 5, 'a', shop.near, 6, 'b'])
  const error = await failureOf(shop.pool.promise().query(two, [shop.here, 5, 'a', shop.near, 5, 'b']))
  expect(error).toMatchObject({ code: 'ER_DUP_ENTRY', errno: 1062 })
  expect(error['shard']).toBe(shardOf(shop.near))
  expect(await placesOf()).toEqual({ [shardOf(shop.near)]: [`${shop.near}/5`, `${shop.near}/6`] })
})

test('inside a transaction a failed split is undone to where it began, and the transaction goes on', async () => {
  const connection = await shop.pool.promise().getConnection()
  await connection.beginTransaction()
  await connection.query(two, [shop.here, 1, 'a', shop.near, 1, 'b'])
  const error = await failureOf(connection.query(two, [shop.here, 2, 'a', shop.near, 1, 'b']))
  expect(error).toHaveProperty('errno', 1062)
  await connection.query(two, [shop.here, 3, 'a', shop.near, 3, 'b'])
  await connection.commit()
  connection.release()
  expect(await placesOf()).toEqual({
    [shardOf(shop.here)]: [`${shop.here}/1`, `${shop.here}/3`],
    [shardOf(shop.near)]: [`${shop.near}/1`, `${shop.near}/3`],
  })
})

test('a split INSERT is the first statement of a transaction and rolls back with it', async () => {
  const connection = await shop.pool.promise().getConnection()
  await connection.beginTransaction()
  await connection.query(two, [shop.here, 1, 'a', shop.near, 1, 'b'])
  await connection.rollback()
  connection.release()
  expect(await placesOf()).toEqual({})
})

test('rows of several servers are refused, and nothing is sent', async () => {
  const error = await failureOf(shop.pool.promise().query(two, [shop.here, 1, 'a', shop.far, 1, 'b']))
  expect(error).toHaveProperty('code', 'SHERD_SEVERAL_SERVERS')
  expect((await log.read()).flat()).toEqual([])
})

test('ids that the server would make are refused and the rows taken back; ids that are given are kept', async () => {
  const own = 'INSERT INTO items (user_id, name) VALUES (?, ?), (?, ?)'
  const error = await failureOf(shop.pool.promise().query(own, [shop.here, 'a', shop.near, 'b']))
  expect(error).toHaveProperty('code', 'SHERD_SPLIT_AUTO_INCREMENT')
  expect(await placesOf('items')).toEqual({})
  const given = 'INSERT INTO items (user_id, id, name) VALUES (?, ?, ?), (?, ?, ?)'
  const [packet] = await shop.pool.promise().query(given, [shop.here, 7, 'a', shop.near, 8, 'b'])
  expect(packet).toMatchObject({ affectedRows: 2, insertId: 0 })
  expect(await placesOf('items')).toEqual({
    [shardOf(shop.here)]: [`${shop.here}/7`],
    [shardOf(shop.near)]: [`${shop.near}/8`],
  })
})

test('rows of one logical shard keep the id that the server made', async () => {
  const own = 'INSERT INTO items (user_id, name) VALUES (?, ?), (?, ?)'
  const [packet] = await shop.pool.promise().query(own, [shop.here, 'a', shop.twin, 'b'])
  expect((packet as { insertId: number }).insertId).toBeGreaterThan(0)
})

test('RETURNING over several logical shards is refused and the rows taken back', async () => {
  const error = await failureOf(
    shop.pool.promise().query(`${two} RETURNING id`, [shop.here, 1, 'a', shop.near, 1, 'b']),
  )
  expect(error['code']).toMatch(/^SHERD_(SPLIT_RETURNING|SEVERAL_SHARDS)$/)
  expect(await placesOf()).toEqual({})
})

test('an upsert over several logical shards adds up as the servers count', async () => {
  const upsert = `${two} ON DUPLICATE KEY UPDATE product = VALUES(product)`
  await shop.pool.promise().query(two, [shop.here, 1, 'a', shop.near, 1, 'b'])
  const [packet] = await shop.pool.promise().query(upsert, [shop.here, 1, 'new', shop.near, 2, 'c'])
  expect(packet).toMatchObject({ affectedRows: 3 })
})

test('a thousand rows given as VALUES ? arrive each on its logical shard', async () => {
  const keys = Array.from({ length: 4_000 }, (_, index) => index + 1)
  const server = shop.sherd.locate('shop', shop.here).server
  const mine = keys.filter((key) => shop.sherd.locate('shop', key).server === server).slice(0, 1_000)
  const [packet] = await shop.pool
    .promise()
    .query('INSERT INTO orders (user_id, id, product) VALUES ?', [
      mine.map((key) => [key, key, `it's ${key}?`]),
    ])
  expect(packet).toMatchObject({ affectedRows: 1_000 })
  const places = await placesOf()
  for (const [name, rows] of Object.entries(places)) {
    expect(rows).toEqual(mine.filter((key) => shardOf(key) === name).map((key) => `${key}/${key}`))
  }
})

test('a split INSERT that a deadlock ends leaves a connection that can be rolled back and used', async () => {
  const [victim, winner] = [
    await shop.pool.promise().getConnection(),
    await shop.pool.promise().getConnection(),
  ]
  const one = 'INSERT INTO orders (user_id, id, product) VALUES (?, ?, ?)'
  await victim.beginTransaction()
  await victim.query(one, [shop.here, 1, 'a'])
  await winner.beginTransaction()
  // InnoDB ends the transaction that has changed less.
  const many = Array.from({ length: 40 }, (_, index) => [shop.near, index + 1, 'b'])
  await winner.query('INSERT INTO orders (user_id, id, product) VALUES ?', [many])
  const failing = failureOf(victim.query(two, [shop.here, 2, 'a', shop.near, 1, 'a']))
  await winner.query(one, [shop.here, 1, 'b'])
  expect(await failing).toHaveProperty('errno', 1213)
  await victim.rollback()
  await winner.commit()
  await victim.beginTransaction()
  await victim.query(one, [shop.here, 9, 'a'])
  await victim.commit()
  victim.release()
  winner.release()
  expect((await placesOf())[shardOf(shop.here)]).toEqual([`${shop.here}/1`, `${shop.here}/9`])
})
