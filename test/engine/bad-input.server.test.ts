import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { SherdError } from '../../src/errors/sherd-error.ts'
import { failureOf, openShop, type ServerLog, type Shop, watchServers } from './open-shop.ts'

const secret = 'tell-nobody-8461'
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

interface Mistake {
  readonly name: string
  readonly sql: string
  readonly values: () => readonly unknown[]
  readonly code: string
  /** Where it is sent. Default: both protocols of the pool. */
  readonly protocols?: readonly ('query' | 'execute')[]
}

const byKey = `SELECT * FROM orders WHERE user_id = ? AND product = ?`
const wrongKeys: readonly [string, unknown][] = [
  ['a fraction', 1.5],
  ['a leading zero', '01'],
  ['a space in front', ' 1'],
  ['letters behind digits', '1abc'],
  ['NaN', Number.NaN],
  ['infinity', Number.POSITIVE_INFINITY],
  ['a boolean', true],
  ['null', null],
  ['undefined', undefined],
  ['a date', new Date(0)],
  ['a number beyond 2^53', 2 ** 53 + 2],
  ['an empty string', ''],
  ['an exponent', '1e3'],
  ['a buffer', Buffer.from('1')],
]

const mistakes: readonly Mistake[] = [
  ...wrongKeys.map(([name, key]) => ({
    name: `a key that is ${name}`,
    sql: byKey,
    values: () => [key, secret],
    code: 'SHERD_KEY_FORM',
  })),
  {
    name: 'a key that is an object, in a prepared statement',
    sql: byKey,
    values: () => [{ user_id: 1 }, secret],
    code: 'SHERD_KEY_FORM',
    protocols: ['execute'],
  },
  {
    name: 'a statement without key',
    sql: 'SELECT * FROM orders WHERE product = ?',
    values: () => [secret],
    code: 'SHERD_NO_SHARD_KEY',
  },
  {
    name: 'a delete without key',
    sql: 'DELETE FROM orders WHERE product = ?',
    values: () => [secret],
    code: 'SHERD_NO_SHARD_KEY',
  },
  {
    name: 'a join of two keys',
    sql: 'SELECT * FROM orders o JOIN items i ON i.id = o.id WHERE o.user_id = ? AND i.user_id = ? AND o.product = ?',
    values: () => [shop.here, shop.near, secret],
    code: 'SHERD_SEVERAL_SHARDS',
  },
  {
    name: 'rows for two servers',
    sql: 'INSERT INTO orders (user_id, id, product) VALUES (?, 1, ?), (?, 2, ?)',
    values: () => [shop.here, secret, shop.far, secret],
    code: 'SHERD_SEVERAL_SERVERS',
  },
  {
    name: 'an update of two shards in an order',
    sql: 'UPDATE orders SET product = ? WHERE user_id IN (?, ?) ORDER BY id',
    values: () => [secret, shop.here, shop.near],
    code: 'SHERD_SEVERAL_SHARDS',
  },
  {
    name: 'an update of two servers',
    sql: 'UPDATE orders SET product = ? WHERE user_id IN (?, ?)',
    values: () => [secret, shop.here, shop.far],
    code: 'SHERD_SEVERAL_SERVERS',
  },
  {
    name: 'an unparsable tail',
    sql: `SELECT * FROM orders WHERE user_id = ? AND product = ? BEHIND THE MOON`,
    values: () => [shop.here, secret],
    code: 'SHERD_SQL_SYNTAX',
  },
  {
    name: 'two statements',
    sql: 'SELECT * FROM orders WHERE user_id = ? AND product = ?; DELETE FROM orders',
    values: () => [shop.here, secret],
    code: 'SHERD_SQL_MULTIPLE',
  },
  {
    name: 'a value too few',
    sql: byKey,
    values: () => [shop.here],
    code: 'SHERD_VALUE_COUNT',
  },
  {
    name: 'a value too many',
    sql: byKey,
    values: () => [shop.here, secret, secret],
    code: 'SHERD_VALUE_COUNT',
  },
  {
    name: 'no values at all',
    sql: byKey,
    values: () => [],
    code: 'SHERD_VALUE_COUNT',
  },
  {
    name: 'a version comment',
    sql: 'SELECT * FROM orders WHERE user_id = ? /*!50000 OR 1 = 1 */ AND product = ?',
    values: () => [shop.here, secret],
    code: 'SHERD_SQL_VERSION_COMMENT',
  },
  {
    name: 'an insert without key',
    sql: 'INSERT INTO orders (id, product) VALUES (1, ?)',
    values: () => [secret],
    code: 'SHERD_INSERT_WITHOUT_KEY',
  },
  {
    name: 'a key in filled rows of a wrong form',
    sql: 'INSERT INTO orders (user_id, id, product) VALUES ?',
    values: () => [[['01x', 1, secret]]],
    code: 'SHERD_KEY_FORM',
    protocols: ['query'],
  },
  {
    name: 'a keyless statement with a filled list',
    sql: 'SELECT * FROM orders WHERE product IN (?)',
    values: () => [[secret, 'other']],
    code: 'SHERD_NO_SHARD_KEY',
    protocols: ['query'],
  },
  {
    name: 'an unparsable tail behind a filled list',
    sql: 'SELECT * FROM orders WHERE user_id = ? AND product IN (?) BEHIND THE MOON',
    values: () => [shop.here, [secret, 'other']],
    code: 'SHERD_SQL_SYNTAX',
    protocols: ['query'],
  },
]

describe('a mistake is told with code and remedy, without values, and nothing is sent', () => {
  for (const { name, sql, values, code, protocols } of mistakes) {
    test(name, async () => {
      await log.read()
      for (const protocol of protocols ?? (['query', 'execute'] as const)) {
        const error = await failureOf(shop.pool.promise()[protocol](sql, values()))
        expect({ protocol, code: error['code'] }).toEqual({ protocol, code })
        expect(error).toBeInstanceOf(SherdError)
        expect(error['remedy']).toMatch(/\w+ \w+.*\.$/s)
        expect(`${error.message} ${JSON.stringify(error)} ${String(error['sql'])}`).not.toContain(secret)
        const key = String(values().flat(2)[0])
        if (/\d\w{2,}/.test(key)) expect(error.message).not.toContain(key)
      }
      expect((await log.read()).flat()).toEqual([])
    })
  }
})

test('a mistake inside a transaction sends nothing, and the transaction can be used', async () => {
  const connection = await shop.pool.promise().getConnection()
  await log.read()
  await connection.beginTransaction()
  expect(await failureOf(connection.query('DELETE FROM orders'))).toHaveProperty('code', 'SHERD_NO_SHARD_KEY')
  expect((await log.read()).flat()).toEqual([])
  await connection.query('INSERT INTO orders (user_id, id, product) VALUES (?, 77, ?)', [shop.here, 'a'])
  expect(await failureOf(connection.query('DELETE FROM orders'))).toHaveProperty('code', 'SHERD_NO_SHARD_KEY')
  await connection.commit()
  connection.release()
  const [rows] = await shop.pool.promise().query('SELECT id FROM orders WHERE user_id = ?', [shop.here])
  expect(rows).toEqual([{ id: 77 }])
})

test('a first argument that is no statement is a rejection, not a crash', async () => {
  expect(await failureOf(shop.pool.promise().query(42))).toBeInstanceOf(TypeError)
})
