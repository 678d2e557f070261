import { afterAll, beforeAll, expect, inject, test } from 'vitest'
import type { PromisePoolConnection } from '../../src/facade/promise-pool-connection.ts'
import { createDatabases, dropDatabases, uniqueName } from '../servers/databases.ts'
import { pinned } from '../../src/topology/table-kinds.ts'
import { type Bank, bankConfig, bankTables, openBank } from './open-bank.ts'
import { failureOf } from './open-shop.ts'

const sites = inject('sharedSites')
const databaseName = uniqueName(import.meta.filename, 'bank')
const mains = [`${databaseName}_main`, `${databaseName}_meta`]
const insert = 'INSERT INTO accounts (owner, amount) VALUES (?, ?)'

beforeAll(async () => {
  // Beside the second key's shard: in a transaction that began with the first key it is another server.
  const [, second] = sites
  if (second !== undefined) await createDatabases(second, mains)
})
afterAll(async () => {
  for (const site of sites)
    await dropDatabases(site, [`${databaseName}_0`, `${databaseName}_1`, 'sherd', ...mains])
})

async function open(options: Parameters<typeof bankConfig>[2]): Promise<Bank> {
  const [main = '', meta = ''] = mains.map((name) => `${sites[1]?.primary.url}${name}`)
  const databases = { default: { primary: main }, meta: { primary: meta } }
  const config = bankConfig(
    sites.map(({ primary }) => primary.url),
    databaseName,
    { ...options, databases },
  )
  const bank = await openBank({ ...config, tables: { ...bankTables, audit: pinned('meta') } })
  await bank.pool.promise().query('CREATE TABLE IF NOT EXISTS notes (id INT AUTO_INCREMENT PRIMARY KEY)')
  return bank
}

async function valueOf(connection: PromisePoolConnection, sql: string): Promise<unknown> {
  const [rows] = await connection.query(sql)
  return Object.values((rows as readonly object[])[0] ?? {})[0]
}

test.each(['xa', 'best-effort'] as const)(
  'with %s a temporary table and a lock made inside of a transaction over several servers stay after it',
  async (transactions) => {
    const bank = await open({ transactions })
    const connection = await bank.pool.promise().getConnection()
    const other = await bank.pool.promise().getConnection()
    for (const end of ['commit', 'rollback'] as const) {
      await connection.beginTransaction()
      await connection.query(insert, [bank.keys[0], 1])
      await connection.query('INSERT INTO notes VALUES ()')
      await connection.query(`CREATE TEMPORARY TABLE ${end}_basket (id INT)`)
      expect(await valueOf(connection, `SELECT GET_LOCK('${end}', 0)`)).toBe(1)
      await connection.query(insert, [bank.keys[1], 1])
      await connection[end]()
      expect(await bank.read()).toEqual(end === 'commit' ? [1, 1] : [undefined, undefined])
      expect(await valueOf(connection, `SELECT COUNT(*) FROM ${end}_basket`)).toBe(0)
      expect(await valueOf(other, `SELECT GET_LOCK('${end}', 0)`)).toBe(0)
      for (const key of bank.keys) await other.query('DELETE FROM accounts WHERE owner = ?', [key])
    }
    connection.release()
    other.release()
    await bank.sherd.close()
  },
)

test('beside a transaction on another server, what is kept serves the statements that stand apart', async () => {
  const bank = await open({ transactions: 'one-server', unshardedInTransaction: 'separate' })
  const connection = await bank.pool.promise().getConnection()
  await connection.beginTransaction()
  await connection.query(insert, [bank.keys[0], 1])
  await connection.query('CREATE TEMPORARY TABLE basket (id INT)')
  await connection.query('INSERT INTO basket VALUES (4)')
  expect(await valueOf(connection, 'SELECT id FROM basket')).toBe(4)
  const [{ insertId }] = (await connection.query('INSERT INTO notes VALUES ()')) as [
    { insertId: number },
    unknown,
  ]
  expect(await valueOf(connection, 'SELECT LAST_INSERT_ID()')).toBe(insertId)
  await connection.rollback()
  expect(await bank.read()).toEqual([undefined, undefined])
  expect(await valueOf(connection, 'SELECT id FROM basket')).toBe(4)
  connection.release()
  await bank.sherd.close()
})

test('an id of one server is not taken for that of another', async () => {
  const bank = await open({ transactions: 'xa' })
  const connection = await bank.pool.promise().getConnection()
  await connection.beginTransaction()
  await connection.query('INSERT INTO notes VALUES ()')
  await connection.query(insert, [bank.keys[0], 1])
  await expect(valueOf(connection, 'SELECT LAST_INSERT_ID()')).resolves.toBeGreaterThan(0)
  await connection.rollback()
  expect(await failureOf(connection.query('SELECT LAST_INSERT_ID()'))).toHaveProperty(
    'code',
    'SHERD_SESSION_FUNCTION',
  )
  connection.release()
  await bank.sherd.close()
})

test('a second server is refused while the connection keeps something on the first', async () => {
  const bank = await open({ transactions: 'one-server' })
  const connection = await bank.pool.promise().getConnection()
  await connection.query('SELECT @total := 1')
  expect(await failureOf(connection.query('SELECT @total FROM audit'))).toMatchObject({
    code: 'SHERD_PINNED_SERVER',
    remedy: expect.stringContaining('getConnection()'),
  })
  connection.release()
  await bank.sherd.close()
})
