import { createConnection } from 'mysql2/promise'
import { afterAll, beforeAll, expect, inject, test } from 'vitest'
import { loadMysqlDriver } from '../../src/drivers/mysql2.ts'
import { XaRecovery } from '../../src/engine/xa-recovery.ts'
import { Pools } from '../../src/pools/pools.ts'
import { runAsRoot } from '../../src/testing/servers/administration.ts'
import { FakeClock } from '../pools/fake-clock.ts'
import { dropDatabases, uniqueName } from '../servers/databases.ts'
import { type Bank, bankConfig, openBank } from './open-bank.ts'

let bank: Bank
let identity: string
const databaseName = uniqueName(import.meta.filename, 'bank')

beforeAll(async () => {
  const urls = inject('sharedSites').map(({ primary }) => primary.url)
  bank = await openBank(bankConfig(urls, databaseName, { transactions: 'xa' }))
  const [row] = await runAsRoot(socketOf(0), ['SELECT identity FROM sherd.xa_server'])
  identity = String(row?.['identity'])
})
afterAll(async () => {
  await bank.sherd.close()
  for (const site of inject('sharedSites'))
    await dropDatabases(site, [`${databaseName}_0`, `${databaseName}_1`])
})

function socketOf(site: number): string {
  return inject('sharedSites')[site]?.primary.socket ?? ''
}

/** A branch on the second server, prepared by somebody who is gone. */
async function leaveBranch(transactionId: string, amount: number): Promise<void> {
  const connection = await createConnection({ uri: inject('sharedSites')[1]?.primary.url ?? '' })
  const name = `'${transactionId}','1'`
  const [, owner] = bank.keys
  for (const sql of [
    `XA START ${name}`,
    `INSERT INTO ${databaseName}_1.accounts VALUES (${owner}, ${amount})`,
    `XA END ${name}`,
    `XA PREPARE ${name}`,
  ])
    await connection.query(sql)
  const { threadId } = connection
  await connection.end()
  const find = `SELECT ID FROM information_schema.PROCESSLIST WHERE ID = ${threadId}`
  // Until then nobody else may finish the branch.
  await expect.poll(() => runAsRoot(socketOf(1), [find])).toEqual([])
}

async function listBranches(): Promise<readonly string[]> {
  return (await runAsRoot(socketOf(1), ['XA RECOVER'])).map((row) => String(row['data']))
}

test('a branch without a record is rolled back once it was seen for some seconds, by the timer', async () => {
  const clock = new FakeClock()
  const pools = new Pools({ driver: await loadMysqlDriver() })
  const recovery = new XaRecovery(bank.sherd.topology, pools, clock)
  await leaveBranch(`sherd-${identity}-aaaaaaaaaaaa-1`, 1)
  recovery.start()
  /** Turns the clock when the pass before is over. */
  const pass = async (advanceMs: number): Promise<void> => {
    await expect.poll(() => clock.timers, { timeout: 10_000 }).toBeGreaterThan(0)
    await clock.turn(advanceMs)
  }
  await pass(0)
  await pass(5_000)
  await pass(5_000)
  expect(await listBranches()).toHaveLength(1)
  await pass(5_000)
  await expect.poll(listBranches, { timeout: 10_000 }).toEqual([])
  expect(await bank.read()).toEqual([undefined, undefined])
  recovery.stop()
  await pools.close()
})

test('a branch with a record of a commit is committed, and a call does it at once', async () => {
  const id = `sherd-${identity}-aaaaaaaaaaaa-2`
  await leaveBranch(id, 2)
  await runAsRoot(socketOf(0), [
    `INSERT INTO sherd.xa_decisions (transaction_id, decision) VALUES ('${id}', 'commit')`,
  ])
  expect(await bank.sherd.recoverTransactions()).toMatchObject({ committed: 1, rolledBack: 0, waiting: 0 })
  expect(await bank.read()).toEqual([undefined, 2])
  await bank.pool.promise().query('DELETE FROM accounts WHERE owner = ?', [bank.keys[1]])
})

test('branches of others, and those whose deciding server is not in the config, are left alone', async () => {
  const strange = 'sherd-00000000-aaaaaaaaaaaa-3'
  await leaveBranch(strange, 3)
  expect(await bank.sherd.recoverTransactions()).toMatchObject({ committed: 0, rolledBack: 0, waiting: 1 })
  await runAsRoot(socketOf(1), [`XA ROLLBACK '${strange}','1'`])
  await leaveBranch('somebody-else', 4)
  expect(await bank.sherd.recoverTransactions()).toMatchObject({ committed: 0, rolledBack: 0, waiting: 0 })
  expect(await listBranches()).toEqual(['somebody-else1'])
  await runAsRoot(socketOf(1), ["XA ROLLBACK 'somebody-else','1'"])
})

test('records older than a day are removed unless a branch still needs them', async () => {
  const ids = ['4', '5'].map((number) => `sherd-${identity}-aaaaaaaaaaaa-${number}`)
  for (const id of ids)
    await runAsRoot(socketOf(0), [
      `INSERT INTO sherd.xa_decisions VALUES ('${id}', 'abort', NOW() - INTERVAL 2 DAY)`,
    ])
  const pools = new Pools({ driver: await loadMysqlDriver() })
  await leaveBranch(`${ids[1]}`, 5)
  const recovery = new XaRecovery(bank.sherd.topology, pools, new FakeClock())
  expect(await recovery.recover(60_000)).toMatchObject({ waiting: 1 })
  const rows = await runAsRoot(socketOf(0), ['SELECT transaction_id FROM sherd.xa_decisions'])
  const kept = rows.map((row) => String(row['transaction_id']))
  expect([kept.includes(ids[0] ?? ''), kept.includes(ids[1] ?? '')]).toEqual([false, true])
  expect(await recovery.recover(0)).toMatchObject({ rolledBack: 1 })
  await pools.close()
})
