import { type Connection, createConnection } from 'mysql2/promise'
import { afterAll, beforeAll, beforeEach, describe, expect, inject, test } from 'vitest'
import { createSherd } from '../../src/facade/create-sherd.ts'
import type { PromisePoolConnection } from '../../src/facade/promise-pool-connection.ts'
import { runAsRoot } from '../../src/testing/servers/administration.ts'
import type { SherdConfig } from '../../src/topology/config.ts'
import { defineConfig } from '../../src/topology/define-config.ts'
import { dropDatabases, uniqueName } from '../servers/databases.ts'
import { type Bank, bankConfig, openBank } from './open-bank.ts'
import { failureOf } from './open-shop.ts'

const insert = 'INSERT INTO accounts (owner, amount) VALUES (?, ?)'
const move = 'UPDATE accounts SET amount = amount + ? WHERE owner = ?'
const several = 'INSERT INTO accounts (owner, amount) VALUES (?, ?), (?, ?)'

async function listBranches(): Promise<readonly string[]> {
  const listed = await Promise.all(
    inject('sharedSites').map(({ primary }) => runAsRoot(primary.socket, ['XA RECOVER'])),
  )
  return listed.flat().map((row) => String(row['data']))
}

async function listDecisions(): Promise<readonly string[]> {
  const listed = await Promise.all(
    inject('sharedSites').map(({ primary }) =>
      runAsRoot(primary.socket, ['SELECT decision FROM sherd.xa_decisions']),
    ),
  )
  return listed.flat().map((row) => String(row['decision']))
}

async function killOn(site: number, find: string): Promise<void> {
  const socket = inject('sharedSites')[site]?.primary.socket ?? ''
  const rows = await runAsRoot(socket, [`SELECT ID AS id FROM information_schema.PROCESSLIST WHERE ${find}`])
  for (const row of rows) await runAsRoot(socket, [`KILL ${String(row['id'])}`]).catch(() => undefined)
}

const commits = "INFO = 'COMMIT'"

async function waitForCommit(site: number): Promise<void> {
  const socket = inject('sharedSites')[site]?.primary.socket ?? ''
  const find = `SELECT ID FROM information_schema.PROCESSLIST WHERE ${commits}`
  await expect.poll(() => runAsRoot(socket, [find]), { timeout: 10_000 }).toHaveLength(1)
}

/** Until BACKUP STAGE END, or the end of the connection. */
async function blockCommits(control: Connection): Promise<void> {
  for (const stage of ['START', 'FLUSH', 'BLOCK_DDL', 'BLOCK_COMMIT'])
    await control.query(`BACKUP STAGE ${stage}`)
}

const ours = () => `USER = '${inject('sharedUser')}'`

describe.each(['xa', 'best-effort'] as const)('with transactions: %s', (transactions) => {
  let bank: Bank
  let connection: PromisePoolConnection
  let here: number
  let far: number
  const databaseName = uniqueName(import.meta.filename, transactions)
  const main = `${databaseName}_main`

  beforeAll(async () => {
    const sites = inject('sharedSites')
    await runAsRoot(sites[0]?.primary.socket ?? '', [
      `CREATE OR REPLACE DATABASE ${main}`,
      `CREATE TABLE ${main}.notes (id INT PRIMARY KEY)`,
    ])
    const databases = { default: { primary: `${sites[0]?.primary.url}${main}` } }
    bank = await openBank(
      bankConfig(
        sites.map(({ primary }) => primary.url),
        databaseName,
        { transactions, databases },
      ),
    )
    const [first = 0, second = 0] = bank.keys
    here = first
    far = second
  })
  beforeEach(async () => {
    connection = await bank.pool.promise().getConnection()
    for (const key of bank.keys) await connection.query('DELETE FROM accounts WHERE owner = ?', [key])
    return () => connection.destroy()
  })
  afterAll(async () => {
    await bank.sherd.close()
    for (const site of inject('sharedSites'))
      await dropDatabases(site, [`${databaseName}_0`, `${databaseName}_1`, main])
  })

  test('a transaction spans servers: all of it is kept at COMMIT, none at ROLLBACK', async () => {
    await connection.beginTransaction()
    await connection.query(insert, [here, 10])
    await connection.query(insert, [far, 20])
    expect(await bank.read()).toEqual([undefined, undefined])
    await connection.commit()
    expect(await bank.read()).toEqual([10, 20])
    await connection.beginTransaction()
    await connection.query(move, [5, far])
    await connection.query(move, [-5, here])
    await connection.rollback()
    expect(await bank.read()).toEqual([10, 20])
    await connection.query('SET autocommit = 0')
    await connection.query(move, [5, far])
    await connection.query(move, [-5, here])
    await connection.commit()
    expect(await bank.read()).toEqual([5, 25])
    expect(await listBranches()).toEqual([])
  })

  test('a transaction that is open at a reload meets its second server and commits as before it', async () => {
    const before = bank.sherd.topology
    const urls = inject('sharedSites').map(({ primary }) => primary.url)
    const config = bankConfig(urls, databaseName, { transactions })
    const main = { primary: `${urls[0]}${databaseName}_main` }
    const other = defineConfig({
      ...config,
      databases: { default: main },
      shardGroups: {
        bank: { ...config.shardGroups?.['bank'], databaseName, options: { connectionLimit: 3 } },
      },
    } as SherdConfig)
    await connection.beginTransaction()
    await connection.query(insert, [here, 10])
    await bank.sherd.reload(other)
    await connection.query(insert, [far, 20])
    expect(bank.sherd.stats().topology.draining).toBe(1)
    await connection.commit()
    expect(bank.sherd.stats().topology.draining).toBe(0)
    expect(await bank.read()).toEqual([10, 20])
    expect(await listBranches()).toEqual([])
    await bank.sherd.reload(before)
    expect(await bank.read()).toEqual([10, 20])
    expect(await bank.sherd.recoverTransactions()).toMatchObject({ waiting: 0, unreachable: [] })
  })

  test('savepoints hold on every server, also on one that joins after them', async () => {
    await connection.beginTransaction()
    await connection.query('SAVEPOINT early')
    await connection.query(insert, [here, 10])
    await connection.query('SAVEPOINT middle')
    await connection.query(insert, [far, 20])
    await connection.query(move, [1, here])
    await connection.query('ROLLBACK TO middle')
    await connection.query(move, [2, here])
    await connection.commit()
    expect(await bank.read()).toEqual([12, undefined])
    await connection.beginTransaction()
    await connection.query('SAVEPOINT early')
    await connection.query(move, [1, here])
    await connection.query(insert, [far, 20])
    await connection.query('ROLLBACK TO early')
    await connection.commit()
    expect(await bank.read()).toEqual([12, undefined])
  })

  test('servers that are only read do not count, and a transaction that only reads ends', async () => {
    await connection.query(several, [here, 1, far, 2])
    for (const end of ['commit', 'rollback'] as const)
      for (const keys of [
        [here, far],
        [far, here],
      ]) {
        await connection.beginTransaction()
        await connection.query('SELECT * FROM accounts WHERE owner = ?', [keys[0]])
        await connection.query(move, [1, keys[1]])
        await connection[end]()
        await connection.query('START TRANSACTION READ ONLY')
        for (const key of keys) await connection.query('SELECT * FROM accounts WHERE owner = ?', [key])
        expect(await failureOf(connection.query(move, [1, far]))).toHaveProperty('errno', 1792)
        await connection[end]()
      }
    expect(await bank.read()).toEqual([2, 3])
  })

  test('a server whose rows were only locked takes part, and lets go of them', async () => {
    await connection.query(several, [here, 1, far, 2])
    for (const [locked, written] of [
      [here, far],
      [far, here],
    ]) {
      await connection.beginTransaction()
      await connection.query('SELECT * FROM accounts WHERE owner = ? FOR UPDATE', [locked])
      await connection.query(move, [1, written])
      await connection.commit()
      await bank.pool.promise().query(move, [1, locked])
    }
    expect(await bank.read()).toEqual([3, 4])
    expect(await listBranches()).toEqual([])
  })

  test('one statement writes rows of several servers, all or none, inside and outside a transaction', async () => {
    await connection.query(several, [here, 1, far, 2])
    expect(await bank.read()).toEqual([1, 2])
    // The row of the second server exists.
    await connection.query('DELETE FROM accounts WHERE owner = ?', [here])
    expect(await failureOf(connection.query(several, [here, 1, far, 2]))).toHaveProperty('errno', 1062)
    expect(await bank.read()).toEqual([undefined, 2])
    await connection.beginTransaction()
    await connection.query(move, [1, far])
    expect(await failureOf(connection.query(several, [here, 1, far, 2]))).toHaveProperty('errno', 1062)
    await connection.commit()
    expect(await bank.read()).toEqual([undefined, 3])
    await bank.pool.promise().query('DELETE FROM accounts WHERE owner = ?', [far])
    const [packet] = await bank.pool.promise().query(several, [here, 1, far, 2])
    expect(packet).toMatchObject({ affectedRows: 2, insertId: 0 })
    expect(await bank.read()).toEqual([1, 2])
  })

  test('split writes that name the same keys in other orders do not wait for each other for ever', async () => {
    const pool = bank.pool.promise()
    for (const key of [here, far])
      await pool.query('INSERT INTO accounts (owner, amount) VALUES (?, 0)', [key])
    const update = 'UPDATE accounts SET amount = amount + 1 WHERE owner IN (?, ?)'
    const callers = Array.from({ length: 4 }, async (_, caller) => {
      for (let round = 0; round < 10; round++)
        await pool.query(update, caller % 2 === 0 ? [here, far] : [far, here])
    })
    await Promise.all(callers)
    expect(await bank.read()).toEqual([40, 40])
    for (const key of [here, far]) await pool.query('DELETE FROM accounts WHERE owner = ?', [key])
  })

  test('an unsharded database takes part like any other server', async () => {
    await connection.beginTransaction()
    await connection.query(insert, [far, 1])
    await connection.query('INSERT INTO notes VALUES (1)')
    await connection.rollback()
    expect((await connection.query('SELECT * FROM notes'))[0]).toEqual([])
    await connection.beginTransaction()
    await connection.query('INSERT INTO notes VALUES (1)')
    await connection.query(insert, [far, 1])
    await connection.commit()
    expect([(await connection.query('SELECT * FROM notes'))[0], await bank.read()]).toEqual([
      [{ id: 1 }],
      [undefined, 1],
    ])
    await connection.query('DELETE FROM notes')
  })

  test('a schema statement commits the whole transaction first', async () => {
    await connection.beginTransaction()
    await connection.query(insert, [here, 1])
    await connection.query(insert, [far, 2])
    await connection.query('CREATE TABLE extra (id INT)')
    await connection.query(move, [1, far])
    await connection.rollback()
    expect(await bank.read()).toEqual([1, 3])
    await connection.query('DROP TABLE extra')
  })

  test('a connection that breaks before COMMIT takes all servers back', async () => {
    for (const site of [0, 1]) {
      await connection.beginTransaction()
      await connection.query(insert, [here, 1])
      await connection.query(insert, [far, 2])
      await killOn(site, ours())
      expect(await failureOf(connection.commit())).toMatchObject({
        code: 'SHERD_TRANSACTION_LOST',
        isRetryable: true,
      })
      expect(await bank.read()).toEqual([undefined, undefined])
    }
  })

  test('a deadlock on one server takes all back, and nothing more runs', async () => {
    const key = bank.keys[1] ?? 0
    const twin = Array.from({ length: 100 }, (_, index) => key + index + 1).find(
      (candidate) => bank.sherd.locate('bank', candidate) === bank.sherd.locate('bank', key),
    )
    const other = await bank.pool.promise().getConnection()
    await connection.query(several, [here, 1, far, 2])
    await connection.query(insert, [twin, 3])
    await connection.beginTransaction()
    await connection.query(move, [1, here])
    await connection.query(move, [1, far])
    await other.beginTransaction()
    await other.query(move, [1, twin])
    const rival = other.query(move, [1, far]).catch((error: unknown) => error)
    const mine = await connection.query(move, [1, twin]).catch((error: unknown) => error)
    const [loser, winner] = mine instanceof Error ? [connection, other] : [other, connection]
    expect(mine instanceof Error ? mine : await rival).toHaveProperty('errno', 1213)
    expect(await failureOf(loser.query(move, [1, here]))).toHaveProperty('code', 'SHERD_TRANSACTION_LOST')
    await rival
    await winner.commit()
    await loser.rollback()
    expect(await bank.read()).toEqual(winner === other ? [1, 3] : [2, 3])
    await connection.query('DELETE FROM accounts WHERE owner = ?', [twin])
    other.release()
  })

  test('a snapshot over two servers is refused', async () => {
    await connection.query('START TRANSACTION WITH CONSISTENT SNAPSHOT')
    await connection.query('SELECT * FROM accounts WHERE owner = ?', [here])
    expect(await failureOf(connection.query('SELECT * FROM accounts WHERE owner = ?', [far]))).toHaveProperty(
      'code',
      'SHERD_TRANSACTION_SERVER',
    )
    await connection.rollback()
  })

  test('connections go back to the pool, whatever happened', async () => {
    expect(bank.sherd.stats().pools.filter(({ inUse }) => inUse > 0)).toEqual([])
  })

  if (transactions === 'xa') {
    test('a COMMIT whose answer is lost is found out: the record of the first server tells', async () => {
      for (const isKept of [true, false]) {
        const control = await createConnection({ uri: inject('sharedSites')[0]?.primary.url ?? '' })
        await connection.beginTransaction()
        await connection.query(insert, [here, 1])
        await connection.query(insert, [far, 2])
        // The COMMIT of the first server waits for this; the other server is prepared by then.
        await blockCommits(control)
        const outcome = connection.commit().then(
          () => 'committed',
          (error: { code: string }) => error.code,
        )
        await waitForCommit(0)
        expect(await listBranches()).toHaveLength(1)
        if (!isKept) await killOn(0, commits)
        await control.query('BACKUP STAGE END')
        await control.end()
        expect(await outcome).toBe(isKept ? 'committed' : 'SHERD_TRANSACTION_LOST')
        expect(await bank.read()).toEqual(isKept ? [1, 2] : [undefined, undefined])
        for (const key of bank.keys) await connection.query('DELETE FROM accounts WHERE owner = ?', [key])
      }
      expect(await listBranches()).toEqual([])
    })

    test('recovery rolls back a transaction that is between its phases, and its COMMIT is told', async () => {
      const control = await createConnection({ uri: inject('sharedSites')[0]?.primary.url ?? '' })
      await connection.beginTransaction()
      await connection.query(insert, [here, 1])
      await connection.query(insert, [far, 2])
      // Holds up the record of the first server.
      await control.query('LOCK TABLES sherd.xa_decisions WRITE')
      const outcome = failureOf(connection.commit())
      await expect.poll(async () => (await listBranches()).length, { timeout: 10_000 }).toBe(1)
      const [id = ''] = (await listBranches()).map((name) => name.slice(0, -1))
      await control.query(
        `INSERT INTO sherd.xa_decisions (transaction_id, decision) VALUES ('${id}', 'abort')`,
      )
      await control.end()
      expect(await outcome).toMatchObject({
        code: 'SHERD_TRANSACTION_LOST',
        message: expect.stringContaining('recovery') as string,
      })
      expect(await bank.read()).toEqual([undefined, undefined])
      expect(await listBranches()).toEqual([])
      expect(await listDecisions()).toContain('abort')
    })

    test('records are removed once every server has finished', async () => {
      await connection.query(several, [here, 1, far, 2])
      await bank.sherd.recoverTransactions()
      // The servers are shared: other files have transactions of their own between their two phases.
      await expect.poll(listDecisions, { timeout: 10_000 }).not.toContain('commit')
    })

    test('without its tables a second server is refused with the remedy', async () => {
      const sites = inject('sharedSites')
      const config = bankConfig(
        sites.map(({ primary }) => primary.url),
        databaseName,
        { transactions },
      )
      const failWithout = async (table: string): Promise<Error & Record<string, unknown>> => {
        for (const { primary } of sites)
          await runAsRoot(primary.socket, [`RENAME TABLE sherd.${table} TO sherd.hidden`])
        const fresh = await createSherd(defineConfig(config))
        const connected = fresh.connection()
        const error = await failureOf(connected.execute(several, [here, 1, far, 2]))
        connected.release()
        await fresh.close()
        for (const { primary } of sites)
          await runAsRoot(primary.socket, [`RENAME TABLE sherd.hidden TO sherd.${table}`])
        return error
      }
      for (const table of ['xa_server', 'xa_decisions'])
        expect(await failWithout(table)).toMatchObject({ code: 'SHERD_XA_TABLES', kind: 'config' })
      expect([await bank.read(), await listBranches()]).toEqual([[undefined, undefined], []])
    })
  } else {
    test('a failure after the first COMMIT is reported shard by shard', async () => {
      const control = await createConnection({ uri: inject('sharedSites')[1]?.primary.url ?? '' })
      await connection.beginTransaction()
      await connection.query(insert, [here, 1])
      await connection.query(insert, [far, 2])
      await blockCommits(control)
      const outcome = failureOf(connection.commit())
      await waitForCommit(1)
      await killOn(1, commits)
      await control.query('BACKUP STAGE END')
      await control.end()
      const error = await outcome
      expect(error).toMatchObject({ code: 'SHERD_PARTIAL_COMMIT', kind: 'partial', isRetryable: false })
      expect(error['details']).toMatchObject({
        shards: [
          { shard: bank.sherd.locate('bank', here).name, server: 'bank/0', outcome: 'done' },
          { shard: bank.sherd.locate('bank', far).name, server: 'bank/1', outcome: 'unknown' },
        ],
      })
      expect(await bank.read()).toEqual([1, undefined])
    })
  }
})
