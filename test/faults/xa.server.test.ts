import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type ServerSet, startServers } from '../../src/testing/servers/start-servers.ts'
import type { TestServer } from '../../src/testing/servers/test-server.ts'
import { type Bank, bankConfig, openBank } from '../engine/open-bank.ts'
import type { CoordinatorMessage, CoordinatorPlace, Disturbance } from './coordinate-xa.ts'

/** The protocol with three servers: the first decides, two vote. */
const protocol = [
  ...['XA START', 'XA START', 'XA END', 'XA END', 'XA PREPARE', 'XA PREPARE'],
  ...['record', 'COMMIT', 'XA COMMIT', 'XA COMMIT'],
]
/** Before each statement, and while it is on its way; the moment after one is the moment before the next. */
const places: readonly Omit<Disturbance, 'victim'>[] = [
  ...protocol.flatMap((_, step) => [{ step, moment: 'before' } as const, { step, moment: 'sent' } as const]),
  { step: protocol.length - 1, moment: 'after' },
]
const program = fileURLToPath(new URL('coordinate-xa.ts', import.meta.url))

let set: ServerSet
let servers: readonly TestServer[]
let bank: Bank
let place: CoordinatorPlace
/** What each server must hold. */
let total = 0
const counts = { rounds: 0, committed: 0, takenBack: 0, unknown: 0, unheard: 0, recovered: 0 }

beforeAll(async () => {
  set = await startServers({ primaries: 3, replicasPerPrimary: 0 })
  servers = set.servers.map(({ primary }) => primary)
  place = { urls: servers.map((server) => server.url()), databaseName: 'bank' }
  bank = await openBank(bankConfig(place.urls, place.databaseName, { transactions: 'xa' }))
  for (const key of bank.keys)
    await bank.pool.promise().query('INSERT INTO accounts (owner, amount) VALUES (?, 0)', [key])
})
afterAll(async () => {
  await bank.sherd.close()
  await set.stop()
  process.stdout.write(`XA under kill -9: ${JSON.stringify(counts)}, servers agreed in every round\n`)
})

async function startCoordinator(): Promise<ChildProcess> {
  const child = fork(program, [JSON.stringify(place)], { execArgv: ['--import', 'tsx'] })
  await once(child, 'message')
  return child
}

/** What became of the transaction as the coordinator saw it; undefined when it died. Servers are killed when it asks. */
function runRound(child: ChildProcess, disturbance: Disturbance): Promise<string | undefined> {
  return new Promise((resolve) => {
    let killing = Promise.resolve()
    const onExit = (): void => resolve(undefined)
    const onMessage = (message: CoordinatorMessage): void => {
      if (message.kind === 'kill')
        killing = servers[message.server]?.kill().then(() => void child.send('killed')) ?? killing
      if (message.kind !== 'over') return
      child.off('message', onMessage)
      child.off('exit', onExit)
      expect(message.statements[disturbance.step]).toBe(protocol[disturbance.step])
      void killing.then(() => resolve(message.outcome))
    }
    child.on('message', onMessage)
    child.once('exit', onExit)
    child.send(disturbance)
  })
}

async function recover(): Promise<void> {
  for (const server of servers) if (server.pid === undefined) await server.restart()
  const isDone = async (): Promise<boolean> => {
    const report = await bank.sherd.recoverTransactions()
    counts.recovered += report.committed + report.rolledBack
    return report.waiting === 0 && report.unreachable.length === 0
  }
  await expect.poll(isDone, { timeout: 20_000 }).toBe(true)
}

async function listBranches(): Promise<unknown[]> {
  return (await Promise.all(servers.map((server) => server.query('XA RECOVER')))).flat()
}

/** All servers hold the same, nothing is in doubt, and what the caller was told is true. */
async function expectAgreement(outcome: string | undefined, round: Disturbance): Promise<void> {
  // A connection that died with a statement on its way may end it a moment later.
  const read = async () => ({
    amounts: await bank.read().catch(() => []),
    branches: (await listBranches()).length,
  })
  const isSettled = async (): Promise<boolean> => {
    await recover()
    const { amounts, branches } = await read()
    return branches === 0 && amounts.length > 0 && new Set(amounts).size === 1
  }
  await expect.poll(isSettled, { timeout: 20_000, message: JSON.stringify(round) }).toBe(true)
  const [amount = -1] = (await read()).amounts
  const isCommitted = amount === total + 1
  expect({ round, amount: isCommitted ? total : amount }).toEqual({ round, amount: total })
  if (outcome === 'committed') expect({ round, isCommitted }).toEqual({ round, isCommitted: true })
  else if (outcome !== undefined && outcome !== 'SHERD_COMMIT_UNKNOWN')
    expect({ round, outcome, isCommitted }).toEqual({ round, outcome, isCommitted: false })
  total = amount
  counts.rounds += 1
  if (outcome === undefined) counts.unheard += 1
  else if (outcome === 'SHERD_COMMIT_UNKNOWN') counts.unknown += 1
  else counts[isCommitted ? 'committed' : 'takenBack'] += 1
}

describe('two-phase commit agrees on all servers when, at every step of the protocol,', () => {
  test('the coordinating process is killed', { timeout: 180_000 }, async () => {
    let next = startCoordinator()
    for (const [index, where] of places.entries()) {
      const child = await next
      // The next one starts up meanwhile.
      if (index < places.length - 1) next = startCoordinator()
      const round: Disturbance = { ...where, victim: 'coordinator' }
      const outcome = await runRound(child, round)
      expect(outcome).toBe(undefined)
      await expectAgreement(outcome, round)
    }
    expect(counts.rounds).toBe(places.length)
  })

  test.each([
    ['the deciding server', 0],
    ['a voting server', 1],
  ])('%s is killed', { timeout: 180_000 }, async (_, victim) => {
    const child = await startCoordinator()
    for (const where of places) {
      const round: Disturbance = { ...where, victim }
      await expectAgreement(await runRound(child, round), round)
    }
    child.disconnect()
  })
})

test('without the record of the decision the same kill leaves the servers apart, so these rounds can fail', async () => {
  const child = await startCoordinator()
  // After the answer to COMMIT, before any branch was told.
  await runRound(child, { step: protocol.indexOf('COMMIT'), moment: 'after', victim: 'coordinator' })
  await servers[0]?.query('DELETE FROM sherd.xa_decisions')
  await recover()
  const [decider, ...voters] = await bank.read()
  expect([decider, voters]).toEqual([total + 1, [total, total]])
})
