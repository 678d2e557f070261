import { afterAll, beforeAll, expect, test } from 'vitest'
import { createSherd } from '../../src/facade/create-sherd.ts'
import type { SherdConnection } from '../../src/facade/sherd-connection.ts'
import type { Sherd } from '../../src/facade/sherd.ts'
import { defineConfig } from '../../src/topology/define-config.ts'
import { bankTables, findKeys } from './open-bank.ts'

let sherd: Sherd
let connection: SherdConnection
let keys: readonly number[]

beforeAll(async () => {
  const servers = [{ primary: 'sqlite::memory:' }, { primary: 'sqlite::memory:' }]
  const bank = { databaseName: 'bank', logicalShards: 2, servers }
  sherd = await createSherd(
    defineConfig({ shardGroups: { bank }, tables: bankTables, transactions: 'best-effort' }),
  )
  await sherd.createDatabases()
  connection = sherd.connection()
  for (const shard of ['bank_0', 'bank_1'])
    await sherd.onShard(shard, () =>
      connection.execute('CREATE TABLE accounts (owner INTEGER PRIMARY KEY, amount INTEGER NOT NULL)'),
    )
  keys = findKeys(sherd)
})
afterAll(async () => {
  connection.release()
  await sherd.close()
})

async function read(): Promise<readonly unknown[]> {
  const sql = 'SELECT amount FROM accounts WHERE owner = ?'
  return Promise.all(keys.map(async (key) => (await connection.execute(sql, [key])).rows[0]))
}

const insert = 'INSERT INTO accounts (owner, amount) VALUES (?, 1), (?, 2)'

test('on SQLite a transaction over two servers is kept at COMMIT, and nothing of it at ROLLBACK', async () => {
  await connection.execute('BEGIN')
  await connection.execute(insert, keys)
  await connection.execute('ROLLBACK')
  expect(await read()).toEqual([undefined, undefined])
  await connection.execute('BEGIN')
  await connection.execute('SAVEPOINT a')
  await connection.execute(insert, keys)
  await connection.execute('ROLLBACK TO a')
  await connection.execute(insert, keys)
  await connection.execute('COMMIT')
  expect(await read()).toEqual([{ amount: 1 }, { amount: 2 }])
})

test('on SQLite a split INSERT over two servers that fails on the second leaves nothing on the first', async () => {
  await connection.execute('DELETE FROM accounts WHERE owner = ?', [keys[0]])
  await expect(connection.execute(insert, keys)).rejects.toThrow(/UNIQUE/)
  expect(await read()).toEqual([undefined, { amount: 2 }])
})
