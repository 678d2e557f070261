import { afterAll, beforeAll, expect, test } from 'vitest'
import { failureOf, openShop, type Shop } from './open-shop.ts'

let shop: Shop
const unhandled: unknown[] = []
const note = (reason: unknown) => unhandled.push(reason)
beforeAll(async () => {
  shop = await openShop(import.meta.filename, {
    routing: {
      strategy: 'directory',
      pins: { 1: 0, 2: 0, 3: 1, 4: 2 },
      table: { database: 'default', name: 'homes', keyColumn: 'user_id', shardColumn: 'shard' },
    },
  })
  process.on('unhandledRejection', note)
  await shop.pool.promise().query('CREATE TABLE homes (user_id BIGINT PRIMARY KEY, shard INT NOT NULL)')
  await shop.pool.promise().query('INSERT INTO homes VALUES (10, 0), (11, 1), (12, 2), (13, 3), (14, 99)')
})
afterAll(async () => {
  process.off('unhandledRejection', note)
  await shop.close()
})

const two = "INSERT INTO orders (user_id, id, product) VALUES (?, 1, 'a'), (?, 1, 'b')"

test('a refusal that is known only after the directory was asked reaches its caller', async () => {
  // The keys are asked for the first time here, so the answer comes later than the call.
  expect(await failureOf(shop.pool.promise().query(two, [10, 12]))).toHaveProperty(
    'code',
    'SHERD_SEVERAL_SERVERS',
  )
  expect(await failureOf(shop.pool.promise().query(two, [11, 13]))).toHaveProperty(
    'code',
    'SHERD_SEVERAL_SERVERS',
  )
  const error = await failureOf(shop.sherd.connection().execute(two, [13, 3]))
  expect(error).toHaveProperty('code', 'SHERD_SEVERAL_SERVERS')
  await new Promise((resolve) => setImmediate(resolve))
  expect(unhandled).toEqual([])
})

test('keys the directory does not know, or gives a shard that is not there, are refused', async () => {
  const read = 'SELECT id FROM orders WHERE user_id = ?'
  expect(await failureOf(shop.pool.promise().query(read, [999_777]))).toHaveProperty(
    'code',
    'SHERD_UNKNOWN_KEY',
  )
  expect((await failureOf(shop.pool.promise().query(read, [999_777]))).message).not.toContain('999777')
  expect(await failureOf(shop.pool.promise().query(read, [14]))).toHaveProperty(
    'code',
    'SHERD_DIRECTORY_ENTRY',
  )
  expect((await shop.pool.promise().query(read, [10]))[0]).toEqual([])
  expect(unhandled).toEqual([])
})

test('rows whose keys the directory gives to one server are split and written', async () => {
  const [packet] = await shop.pool.promise().query(two, [10, 11])
  expect(packet).toMatchObject({ affectedRows: 2 })
})
