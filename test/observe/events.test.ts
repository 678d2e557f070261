import diagnostics from 'node:diagnostics_channel'
import { expect, test } from 'vitest'

import { events, type QueryEvent, type StatementEvent } from '../../src/observe/events.ts'
import { sqliteShop } from './sqlite-shop.ts'

/** What is heard while the body runs. */
async function listen(body: () => Promise<void>): Promise<{
  readonly statements: readonly StatementEvent[]
  readonly queries: readonly QueryEvent[]
  readonly transactions: readonly string[]
  readonly refusals: readonly string[]
}> {
  const statements: StatementEvent[] = []
  const queries: QueryEvent[] = []
  const transactions: string[] = []
  const refusals: string[] = []
  const stops = [
    events.statementEnd.subscribe((event) => statements.push(event)),
    events.queryEnd.subscribe((event) => queries.push(event)),
    events.transaction.subscribe(({ action, server }) => transactions.push(`${action} ${server}`)),
    events.refusal.subscribe(({ code, tables }) => refusals.push(`${code} ${tables.join()}`)),
  ]
  try {
    await body()
  } finally {
    for (const stop of stops) stop()
  }
  return { statements, queries, transactions, refusals }
}

const insert = 'INSERT INTO orders (user_id, id, product) VALUES (?, ?, ?)'

test('a statement over several shards is one statement and a query for each shard', async () => {
  const { sherd } = await sqliteShop()
  const connection = sherd.connection()
  const keys = Array.from({ length: 20 }, (_, key) => key)
  const { statements, queries } = await listen(async () => {
    await connection.execute(
      `SELECT id FROM orders WHERE user_id IN (${keys.map(() => '?').join(', ')})`,
      keys,
    )
  })
  expect(statements).toHaveLength(1)
  expect(statements[0]).toMatchObject({ outcome: 'subset', routeReason: 'key' })
  expect(statements[0]?.shards.toSorted()).toEqual(['shop_0', 'shop_1'])
  expect(queries.map(({ place }) => place.database).toSorted()).toEqual(['shop_0', 'shop_1'])
  connection.release()
  await sherd.close()
})

test('why a shard was chosen is told: key, scope, hint or table', async () => {
  const { sherd, key } = await sqliteShop()
  const connection = sherd.connection()
  const { statements } = await listen(async () => {
    await connection.execute('SELECT id FROM orders WHERE user_id = ?', [key])
    await sherd.onShard('shop_1', () => connection.execute('SELECT id FROM orders'))
    await connection.execute('SELECT id FROM orders /* sherd: shard=shop_0 */')
    await connection.execute('BEGIN')
  })
  expect(statements.map(({ routeReason }) => routeReason)).toEqual(['key', 'scope', 'hint', 'session'])
  connection.release()
  await sherd.close()
})

test('transactions are heard when they begin on a server, and how they end', async () => {
  const { sherd, key } = await sqliteShop()
  const connection = sherd.connection()
  const { transactions, statements } = await listen(async () => {
    for (const end of ['COMMIT', 'ROLLBACK']) {
      await connection.execute('BEGIN')
      await connection.execute(insert, [key, 1, 'tea'])
      await connection.execute(end)
    }
    await connection.execute('BEGIN')
    await connection.execute('COMMIT')
  })
  expect(transactions).toEqual(['begin shop/0', 'commit shop/0', 'begin shop/0', 'rollback shop/0'])
  expect(statements[1]).toMatchObject({ isInTransaction: true, operation: 'INSERT', tables: ['orders'] })
  connection.release()
  await sherd.close()
})

test('no event holds a value: not those of markers, not literals, not those in comments', async () => {
  const { sherd, key } = await sqliteShop()
  const connection = sherd.connection()
  const { statements, refusals } = await listen(async () => {
    await connection.execute(insert, [key, 1, 'secret'])
    await connection.execute(
      `SELECT id FROM orders WHERE user_id = ${key} AND product = 'secret' /* secret */`,
    )
    await connection.execute("SELECT id FROM orders WHERE product = 'secret'").catch(() => undefined)
    await connection.execute("SELECT id FROM orders WHERE product = 'secret").catch(() => undefined)
  })
  const told = statements.map(({ text, operation, tables, shards }) => ({ text, operation, tables, shards }))
  expect(told).toHaveLength(4)
  expect(JSON.stringify(told)).not.toContain('secret')
  expect(told[3]?.text).toBe('')
  expect(refusals).toEqual(['SHERD_NO_SHARD_KEY orders', 'SHERD_SQL_SYNTAX '])
  connection.release()
  await sherd.close()
})

test('the channels are those of node:diagnostics_channel, by name', async () => {
  const { sherd, key } = await sqliteShop()
  const connection = sherd.connection()
  const heard: unknown[] = []
  const hear = (message: unknown): void => void heard.push(message)
  diagnostics.subscribe('sherd:statement:end', hear)
  await connection.execute('SELECT id FROM orders WHERE user_id = ?', [key])
  diagnostics.unsubscribe('sherd:statement:end', hear)
  expect(heard).toHaveLength(1)
  connection.release()
  await sherd.close()
})
