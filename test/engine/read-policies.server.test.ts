import { afterAll, beforeAll, expect, inject, test } from 'vitest'
import type { Sherd } from '../../src/facade/sherd.ts'
import { createSherd } from '../../src/facade/create-sherd.ts'
import type { MysqlPool } from '../../src/facade/mysql-pool.ts'
import type { ReadsConfig } from '../../src/topology/config.ts'
import { defineConfig } from '../../src/topology/define-config.ts'
import { createDatabases, dropDatabases, uniqueName, waitForReplicas } from '../servers/databases.ts'
import { failureOf, type ServerLog, watchServers } from './open-shop.ts'

const database = uniqueName(import.meta.filename, 'notes')
const [site] = inject('sharedSites')
if (site === undefined) throw new Error('There are no shared servers.')

let log: ServerLog
beforeAll(async () => {
  await createDatabases(site, [database])
  log = await watchServers()
})
afterAll(async () => {
  await log.stop()
  await dropDatabases(site, [database])
})

async function open(reads: ReadsConfig) {
  const replicas = site?.replicas.map(({ url }) => `${url}${database}`)
  const sherd = await createSherd(
    defineConfig({ databases: { default: { primary: `${site?.primary.url}${database}`, replicas, reads } } }),
  )
  // The pool that createSherd made; the type of `sherd.pool` is mysql2's.
  const pool = (sherd.pool as unknown as MysqlPool).promise()
  await pool.query('CREATE TABLE IF NOT EXISTS notes (id INT PRIMARY KEY AUTO_INCREMENT)')
  if (site !== undefined) await waitForReplicas(site)
  return { sherd, pool }
}

const read = 'SELECT id FROM notes'

/** The server of the first site that was sent the reads of `body`. */
async function placeOf(body: () => Promise<unknown>): Promise<string> {
  await log.read()
  await body()
  const [primary = [], replica = []] = await log.read()
  const count = (texts: readonly string[]): number => texts.filter((text) => text.startsWith(read)).length
  return `primary ${count(primary)}, replica ${count(replica)}`
}

async function untilReplicaServes(sherd: Sherd, reading: () => Promise<unknown>): Promise<void> {
  const place = (): Promise<string> => placeOf(() => sherd.reads('causal', reading))
  await expect.poll(place, { timeout: 10_000 }).toBe('primary 0, replica 1')
}

test('a policy of the config holds, and one of a scope wins over it, the inner over the outer', async () => {
  for (const [policy, place] of [
    ['primary', 'primary 1, replica 0'],
    ['replica', 'primary 0, replica 1'],
    ['causal', 'primary 0, replica 1'],
  ] as const) {
    const { sherd, pool } = await open(policy)
    const reading = () => pool.query(read)
    await untilReplicaServes(sherd, reading)
    expect(await placeOf(reading)).toBe(place)
    expect(await placeOf(() => sherd.fresh(reading))).toBe('primary 1, replica 0')
    expect(await placeOf(() => sherd.reads('replica', reading))).toBe('primary 0, replica 1')
    const nested = () => sherd.reads({ policy: 'replica', choice: 'random' }, () => sherd.fresh(reading))
    expect(await placeOf(nested)).toBe('primary 1, replica 0')
    await sherd.close()
  }
})

test('in a transaction the primary reads, whatever the scope says', async () => {
  const { sherd, pool } = await open('replica')
  const transaction = async () => {
    const connection = await pool.getConnection()
    await connection.beginTransaction()
    await connection.query(read)
    await connection.commit()
    connection.release()
  }
  expect(await placeOf(() => sherd.reads('replica', transaction))).toBe('primary 1, replica 0')
  expect(await placeOf(() => sherd.after(sherd.position(), transaction))).toBe('primary 1, replica 0')
  await sherd.close()
})

test('a token makes reads causal, is carried on through the scope, and keeps fresh reads on the primary', async () => {
  const writer = await open('causal')
  const reader = await open('replica')
  await writer.pool.query('INSERT INTO notes () VALUES ()')
  const token = writer.sherd.position()
  const carried = await reader.sherd.after(token, () => reader.sherd.position())
  const own = reader.sherd.position()
  expect(carried.length).toBeGreaterThanOrEqual(token.length)
  expect(own).not.toBe(carried)
  const reading = () => reader.pool.query(read)
  // Until the replica is known to have the write, the primary reads; then the replica does.
  const place = () => placeOf(() => reader.sherd.after(carried, reading))
  await expect.poll(place, { timeout: 10_000 }).toBe('primary 0, replica 1')
  const freshAfter = () => reader.sherd.fresh(() => reader.sherd.after(token, reading))
  expect(await placeOf(freshAfter)).toBe('primary 1, replica 0')
  await writer.sherd.close()
  await reader.sherd.close()
})

test('a position the replica never reaches is read on the primary, each time', async () => {
  const { sherd, pool } = await open('replica')
  await pool.query('INSERT INTO notes () VALUES ()')
  const inside = Buffer.from(sherd.position().slice(3), 'base64url').toString()
  const future = inside.replaceAll(/-\d+$/gmu, '-999999999')
  const forged = `s1.${Buffer.from(future).toString('base64url')}`
  expect(await placeOf(() => sherd.after(forged, () => pool.query(read)))).toBe('primary 1, replica 0')
  expect(await placeOf(() => pool.query(read))).toBe('primary 0, replica 1')
  await sherd.close()
})

test('a bad token is refused before anything runs', async () => {
  const { sherd } = await open('causal')
  let hasRun = false
  const failure = await failureOf(sherd.after('nonsense', () => (hasRun = true)))
  expect(failure).toMatchObject({ code: 'SHERD_POSITION_TOKEN', kind: 'refused' })
  expect(failure.message).not.toContain('nonsense')
  expect(hasRun).toBe(false)
  await sherd.close()
})
