import { expect, inject, test } from 'vitest'
import { runAsRoot } from '../../src/testing/servers/administration.ts'
import { dropDatabases, uniqueName } from '../servers/databases.ts'
import { bankConfig, openBank } from './open-bank.ts'
import { failureOf } from './open-shop.ts'

const insert = 'INSERT INTO accounts (owner, amount) VALUES (?, ?)'

test('by option, unsharded tables are read and written beside a transaction on another server', async () => {
  const sites = inject('sharedSites')
  const databaseName = uniqueName(import.meta.filename, 'separate')
  const main = `${databaseName}_main`
  await runAsRoot(sites[1]?.primary.socket ?? '', [
    `CREATE OR REPLACE DATABASE ${main}`,
    `CREATE TABLE ${main}.notes (id INT PRIMARY KEY)`,
  ])
  for (const unshardedInTransaction of ['refuse', 'separate'] as const) {
    const databases = { default: { primary: `${sites[1]?.primary.url}${main}` } }
    const bank = await openBank(
      bankConfig(
        sites.map(({ primary }) => primary.url),
        databaseName,
        { unshardedInTransaction, databases },
      ),
    )
    const connection = await bank.pool.promise().getConnection()
    await connection.beginTransaction()
    await connection.query(insert, [bank.keys[0], 1])
    const write = connection.query('INSERT INTO notes VALUES (1)')
    if (unshardedInTransaction === 'refuse')
      expect(await failureOf(write)).toHaveProperty('code', 'SHERD_TRANSACTION_SERVER')
    else await write
    await connection.rollback()
    const notes = (await connection.query('SELECT id FROM notes'))[0]
    expect([await bank.read(), notes]).toEqual([
      [undefined, undefined],
      unshardedInTransaction === 'refuse' ? [] : [{ id: 1 }],
    ])
    connection.release()
    await bank.sherd.close()
  }
  for (const site of sites) await dropDatabases(site, [`${databaseName}_0`, `${databaseName}_1`, main])
})
