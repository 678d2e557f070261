import { afterAll, beforeAll, expect, test } from 'vitest'
import type { PromisePoolConnection } from '../../src/facade/promise-pool-connection.ts'
import { failureOf, openShop, type ServerLog, type Shop, watchServers } from '../engine/open-shop.ts'

let shop: Shop
let log: ServerLog
beforeAll(async () => {
  // One connection per server, so that all sessions share it.
  shop = await openShop(import.meta.filename, { options: { connectionLimit: 1 } })
  log = await watchServers()
  for (const key of [shop.here, shop.far])
    await shop.pool.promise().query("INSERT INTO orders (user_id, id, product) VALUES (?, 1, 'a')", [key])
})
afterAll(async () => {
  await log.stop()
  await shop.close()
})

async function hourOn(connection: PromisePoolConnection, key: number): Promise<unknown> {
  const [rows] = await connection.query(
    'SELECT DATE_FORMAT(FROM_UNIXTIME(1), ?) AS hour FROM orders WHERE user_id = ?',
    ['%H', key],
  )
  return (rows as readonly { hour: unknown }[])[0]?.hour
}

test('a SET holds for later statements of its connection on any server, and for no other connection', async () => {
  const [left, right] = [await shop.pool.promise().getConnection(), await shop.pool.promise().getConnection()]
  const plain = await hourOn(right, shop.here)
  await left.query("SET time_zone = '+05:00'")
  await right.query("SET SESSION time_zone = '+07:00'")
  for (let round = 0; round < 3; round++) {
    for (const key of [shop.here, shop.far]) {
      expect([await hourOn(left, key), await hourOn(right, key)]).toEqual(['05', '07'])
    }
  }
  await left.beginTransaction()
  expect(await hourOn(left, shop.far)).toBe('05')
  await left.query("SET time_zone = '+06:00'")
  expect(await hourOn(left, shop.far)).toBe('06')
  await left.commit()
  expect([await hourOn(left, shop.here), await hourOn(right, shop.far)]).toEqual(['06', '07'])
  left.destroy()
  right.destroy()
  const fresh = await shop.pool.promise().getConnection()
  expect([await hourOn(fresh, shop.here), await hourOn(fresh, shop.far)]).toEqual([plain, plain])
  fresh.release()
})

test('a SET with values holds on every server, as text and prepared, and its refusal does not tell them', async () => {
  const connection = await shop.pool.promise().getConnection()
  await connection.query('SET @tenant = ?', ["it's"])
  await connection.execute('SET time_zone = ?', ['+04:00'])
  await log.read()
  expect([await hourOn(connection, shop.here), await hourOn(connection, shop.far)]).toEqual(['04', '04'])
  const said = (await log.read()).flat().filter((text) => text.startsWith('SET @tenant'))
  expect(new Set(said)).toEqual(new Set(["SET @tenant = 'it\\'s'"]))
  const refused = await failureOf(connection.query('SET @tenant = UPPER(?)', ['secret']))
  expect(refused).toMatchObject({ code: 'SHERD_SET_REFUSED', sql: 'SET @tenant = UPPER(?)' })
  expect(String(refused['message'])).not.toContain('secret')
  connection.destroy()
})

test('a connection whose settings are the same is not told them again', async () => {
  const connection = await shop.pool.promise().getConnection()
  await connection.query("SET time_zone = '+03:00'")
  await hourOn(connection, shop.here)
  await log.read()
  for (let round = 0; round < 5; round++) await hourOn(connection, shop.here)
  expect((await log.read()).flat().filter((text) => text.startsWith('SET'))).toEqual([])
  connection.destroy()
})

test('a wrong SET fails at once, and neither it nor what stood beside it is remembered', async () => {
  const connection = await shop.pool.promise().getConnection()
  await connection.query("SET time_zone = '+02:00'")
  const wrong = await failureOf(connection.query("SET time_zone = '+04:00', no_such_variable = 1"))
  expect(wrong).toMatchObject({ code: 'ER_UNKNOWN_SYSTEM_VARIABLE', errno: 1193 })
  expect(await failureOf(connection.query("SET time_zone = 'Nowhere/Land'"))).toHaveProperty('errno', 1298)
  expect([await hourOn(connection, shop.here), await hourOn(connection, shop.far)]).toEqual(['02', '02'])
  connection.destroy()
})

test('a wrong SET inside a transaction leaves the transaction as it was', async () => {
  const connection = await shop.pool.promise().getConnection()
  await connection.beginTransaction()
  await connection.query("INSERT INTO orders (user_id, id, product) VALUES (?, 9, 'a')", [shop.far])
  expect(await failureOf(connection.query('SET no_such_variable = 1'))).toHaveProperty('errno', 1193)
  await connection.rollback()
  const [rows] = await connection.query('SELECT id FROM orders WHERE user_id = ?', [shop.far])
  expect(rows).toEqual([{ id: 1 }])
  connection.release()
})

test('a SET in a transaction that has no server yet chooses none', async () => {
  const connection = await shop.pool.promise().getConnection()
  await connection.beginTransaction()
  await connection.query("SET time_zone = '+08:00'")
  expect(await hourOn(connection, shop.far)).toBe('08')
  await connection.commit()
  connection.destroy()
})

test('a sql_mode that reads texts alike holds on every server, and only for its session', async () => {
  const connection = await shop.pool.promise().getConnection()
  await connection.query("SET sql_mode = 'TRADITIONAL'")
  const modesOf = async (door: Pick<typeof connection, 'query'>): Promise<readonly string[]> => {
    const [rows] = await door.query('SELECT COUNT (*), @@sql_mode AS modes FROM orders WHERE user_id = ?', [
      shop.far,
    ])
    // The column is text.
    return (rows as { modes: string }[])[0]?.modes.split(',') ?? []
  }
  expect(await modesOf(connection)).toEqual(expect.arrayContaining(['TRADITIONAL', 'IGNORE_SPACE']))
  connection.destroy()
  expect(await modesOf(shop.pool.promise())).not.toContain('TRADITIONAL')
})

test('a SET that cannot be replayed safely is refused with its remedy, and nothing is sent', async () => {
  const connection = await shop.pool.promise().getConnection()
  await log.read()
  for (const sql of [
    'SET GLOBAL max_connections = 100',
    'SET @@global.max_connections = 100',
    "SET sql_mode = 'ANSI_QUOTES'",
    "SET SESSION sql_mode = ''",
    'SET NAMES latin1',
    'SET character_set_client = latin1',
    'SET autocommit = DEFAULT',
    'SET completion_type = 1',
    "SET time_zone = CONCAT('+', '01:00')",
    'SET lock_wait_timeout = 1 + 1',
    "SET time_zone = '+01:00', GLOBAL max_connections = 100",
  ]) {
    const error = await failureOf(connection.query(sql))
    expect({ sql, code: error['code'] }).toEqual({ sql, code: 'SHERD_SET_REFUSED' })
    expect(error['remedy']).toMatch(/\w+ \w+/)
  }
  expect((await log.read()).flat()).toEqual([])
  await connection.query('SET autocommit = 1')
  await connection.query('SET NAMES utf8mb4')
  connection.destroy()
})
