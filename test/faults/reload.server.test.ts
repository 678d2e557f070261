import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest'

import type { AnnotatedError } from '../../src/engine/annotate-error.ts'
import { createSherd } from '../../src/facade/create-sherd.ts'
import type { ServerConfig } from '../../src/topology/config.ts'
import type { Topology } from '../../src/topology/topology.ts'
import { defineShop, type FaultShop, openFaultShop } from './fault-shop.ts'
import { findDamage, type Load, startLoad } from './load.ts'

const options = { connectionLimit: 4, connectTimeoutMs: 1_000, acquireTimeoutMs: 2_000 }
const insert = 'INSERT INTO events (user_id, id) VALUES (?, ?)'
/** Generous: the machine may be busy. */
const patience = { timeout: 20_000, interval: 50 }

let shop: FaultShop
let load: Load
/** What the topology source says. */
let announced: Topology
/** Down but where a test needs it, so that no question asked late swaps the topology under another test. */
let isSourceDown = false
const unhandled: unknown[] = []
const note = (error: unknown): void => void unhandled.push(error)

beforeAll(async () => {
  process.on('unhandledRejection', note)
  process.on('uncaughtException', note)
  shop = await openFaultShop(options, (config) => {
    announced = config
    return createSherd(() => {
      if (isSourceDown) throw new Error('The source is down.')
      return announced
    })
  })
})
afterAll(async () => {
  await shop.stop()
  process.off('unhandledRejection', note)
  process.off('uncaughtException', note)
})
beforeEach(async () => {
  isSourceDown = true
  const connection = shop.sherd.connection()
  for (const { name } of shop.sherd.topology.shardGroups.get('shop')?.shards ?? [])
    await shop.sherd.onShard(name, () => connection.execute('TRUNCATE TABLE events'))
  connection.release()
  load = startLoad(shop.sherd, 8)
})
afterEach(async () => {
  await load.stop()
  expect(unhandled).toEqual([])
})

/** Both servers have served a statement since the call began, and none failed meanwhile. */
async function waitUntilAllServe(): Promise<void> {
  let errors = load.errors.length
  load.takeSuccesses()
  await expect
    .poll(() => {
      const isQuiet = load.errors.length === errors
      errors = load.errors.length
      return isQuiet && load.takeSuccesses().size === 2
    }, patience)
    .toBe(true)
}

async function waitForTraffic(statements: number): Promise<void> {
  let count = 0
  await expect
    .poll(() => {
      for (const n of load.takeSuccesses().values()) count += n
      return count
    }, patience)
    .toBeGreaterThan(statements)
}

async function report(name: string): Promise<void> {
  await load.stop()
  const damage = await findDamage(shop.sherd, load.writes)
  const acknowledged = load.writes.filter(({ outcome }) => outcome === 'acknowledged').length
  const { reloads, asked, draining } = shop.sherd.stats().topology
  console.log(
    `${name}: ${acknowledged} writes acknowledged, ${load.writes.length - acknowledged} failed; lost ${damage.lost}, doubled ${damage.doubled}, torn ${damage.torn}, stale ${load.staleReads()}; reloads so far ${reloads}, draining ${draining}, source asked ${asked} times`,
  )
  expect(acknowledged).toBeGreaterThan(50)
  expect(damage).toEqual({ lost: 0, doubled: 0, torn: 0 })
  expect(load.staleReads()).toBe(0)
}

/** Connections of applications on the primaries, as the servers count them; the poll's own is root's. */
async function countConnections(): Promise<number> {
  const counts = await Promise.all(
    shop.sites.map(async ({ primary }) => {
      const [row] = await primary.query(
        "SELECT COUNT(*) AS n FROM information_schema.PROCESSLIST WHERE USER = 'sherd' AND COMMAND NOT LIKE 'Binlog%'",
      )
      return Number(row?.['n'])
    }),
  )
  return counts.reduce((sum, count) => sum + count, 0)
}

/** The servers without the wires before them: other addresses of the same. */
const directServers = (): readonly ServerConfig[] =>
  shop.sites.map(({ primary, replicas }) => ({
    primary: primary.url(),
    replicas: replicas.map((replica) => replica.url()),
  }))

test('a primary that turns read-only fails its own writes with errors that say where, and all is well when it is back', async () => {
  const [site] = shop.sites
  await waitUntilAllServe()
  const askedBefore = shop.sherd.stats().topology.asked
  await site?.primary.query('SET GLOBAL read_only = 1')
  await expect.poll(() => load.errors.length, patience).toBeGreaterThan(100)
  await expect.poll(() => shop.sherd.stats().topology.error, patience).toBeInstanceOf(Error)
  await site?.primary.query('SET GLOBAL read_only = 0')
  await waitUntilAllServe()
  const errors = load.errors.map(({ server, error }) => {
    const told: AnnotatedError & { readonly errno?: number } = error as AnnotatedError
    const { errno, isRetryable, server: where, shard, fault } = told
    return { on: server, errno, isRetryable, where, fault, shard: String(shard) }
  })
  console.log(
    `read-only: ${errors.length} errors, ${new Set(errors.map(({ shard }) => shard)).size} shards named`,
  )
  for (const { shard, ...rest } of errors) {
    expect(shard).toMatch(/^faults_\d(, faults_\d)*$/)
    expect(rest).toEqual({
      on: 'shop/0/primary',
      errno: 1290,
      isRetryable: true,
      where: 'shop/0',
      fault: 'read-only',
    })
  }
  expect(shop.sherd.stats().topology.asked).toBeGreaterThan(askedBefore)
  await report('read-only')
})

test('a COMMIT and a split write that a read-only primary refuses say where, and nothing of them is kept', async () => {
  await load.stop()
  const [site] = shop.sites
  const names = shop.sherd.topology.shardGroups.get('shop')?.shards ?? []
  const [first, second] = names.filter(({ server }) => server.id === 'shop/0').map(({ name }) => name)
  const keyOf = (name: string | undefined): number => {
    for (let key = 1; ; key++) if (shop.sherd.locate('shop', key).name === name) return key
  }
  const keys = [keyOf(first), keyOf(second)]
  const open = shop.sherd.connection()
  const other = shop.sherd.connection()
  await open.execute('BEGIN')
  await open.execute(insert, [keys[0], -1])
  await site?.primary.query('SET GLOBAL read_only = 1')
  const expected = { errno: 1290, isRetryable: true, server: 'shop/0', fault: 'read-only' }
  await expect(open.execute('COMMIT')).rejects.toMatchObject({ ...expected, shard: first })
  await expect(
    other.execute('INSERT INTO events (user_id, id) VALUES (?, ?), (?, ?)', [keys[0], -2, keys[1], -3]),
  ).rejects.toMatchObject({ ...expected, shard: expect.stringMatching(/^faults_\d$/) })
  await site?.primary.query('SET GLOBAL read_only = 0')
  const { rows } = await other.execute('SELECT id FROM events WHERE user_id IN (?, ?) AND id < 0', keys)
  expect(rows).toEqual([])
  await open.execute(insert, [keys[0], -4])
  open.release()
  other.release()
})

test('twenty reloads under load cost no caller an error and leak no connection', async () => {
  await waitUntilAllServe()
  const direct = defineShop(options, directServers())
  const wired = defineShop(options, shop.servers)
  for (let round = 0; round < 20; round++) {
    await shop.sherd.reload(round % 2 === 0 ? direct : wired)
    await waitForTraffic(30)
  }
  await waitForTraffic(100)
  expect(load.errors).toEqual([])
  await report('twenty reloads')
  await expect.poll(() => shop.sherd.stats().topology.draining, patience).toBe(0)
  await expect.poll(countConnections, patience).toBeLessThanOrEqual(2 * options.connectionLimit)
  const pools = shop.sherd.stats().pools
  console.log(
    `after twenty reloads: ${await countConnections()} connections on the primaries, ${pools.length} pools (${pools.map(({ endpoint, idle }) => `${endpoint} ${idle}`).join(', ')})`,
  )
  expect(new Set(pools.map(({ endpoint }) => endpoint)).size).toBe(pools.length)
  expect(pools.length).toBe(4)
})

test('a transaction that is open at a reload ends where it began, and what begins later is on the new servers', async () => {
  await load.stop()
  const [a, b] = shop.sites
  const key = 7
  const { name } = shop.sherd.locate('shop', key)
  const count = async (site: typeof a): Promise<number> => {
    const [row] = (await site?.primary.query(`SELECT COUNT(*) AS n FROM ${name}.events`)) ?? []
    return Number(row?.['n'])
  }
  const home = shop.sherd.locate('shop', key).server.id === 'shop/0' ? a : b
  const other = home === a ? b : a
  // The other primary gets the databases of this one, as after a move.
  await other?.primary.query(
    `CREATE DATABASE IF NOT EXISTS ${name}`,
    `CREATE TABLE IF NOT EXISTS ${name}.events (user_id BIGINT NOT NULL, id BIGINT NOT NULL)`,
  )
  const before = shop.sherd.topology
  const open = shop.sherd.connection()
  const held = shop.sherd.connection()
  await open.execute('BEGIN')
  await open.execute(insert, [key, 1])
  await held.execute('BEGIN')
  const inScope = await shop.sherd.onShard(name, async () => {
    await shop.sherd.reload(defineShop(options, shop.servers.toReversed()))
    return shop.sherd.connection().execute('SELECT COUNT(*) AS n FROM events')
  })
  expect(shop.sherd.topology).not.toBe(before)
  // In the scope of a shard as it was before, but on the server where it is now.
  expect(inScope.rows).toEqual([{ n: 0 }])
  await open.execute(insert, [key, 2])
  await open.execute('COMMIT')
  await held.execute(insert, [key, 3])
  await held.execute('COMMIT')
  expect([await count(home), await count(other)]).toEqual([3, 0])
  await open.execute(insert, [key, 4])
  expect([await count(home), await count(other)]).toEqual([3, 1])
  open.release()
  held.release()
  await expect.poll(() => shop.sherd.stats().topology.draining, patience).toBe(0)
  await shop.sherd.reload(before)
  await other?.primary.query(`DROP DATABASE ${name}`)
  console.log('open transaction: 3 rows where it began, 1 on the new server')
})

test('after a demotion the source tells the promoted replica, and no acknowledged write is lost', async () => {
  await waitUntilAllServe()
  const [site, second] = shop.sites
  const replica = site?.replicas[0]
  if (site === undefined || replica === undefined || second === undefined) throw new Error('No servers.')
  isSourceDown = false
  const start = Date.now()
  await site.primary.query('SET GLOBAL read_only = 1')
  await expect.poll(() => load.errors.length, patience).toBeGreaterThan(20)
  const [row] = await site.primary.query('SELECT @@gtid_binlog_pos AS position')
  await replica.waitForPosition(String(row?.['position']), 10_000)
  await replica.query('STOP SLAVE', 'RESET SLAVE ALL', 'SET GLOBAL read_only = 0')
  const [, unchanged] = shop.servers
  if (unchanged === undefined) throw new Error('No servers.')
  announced = defineShop(options, [{ primary: replica.url(), replicas: [] }, unchanged])
  await expect.poll(() => shop.sherd.topology, patience).toBe(announced)
  await waitUntilAllServe()
  const mark = load.errors.length
  await waitForTraffic(200)
  expect(load.errors.length).toBe(mark)
  for (const { server } of load.errors) expect(server).toBe('shop/0/primary')
  console.log(`failover: ${mark} writes refused, all well ${Date.now() - start} ms after the demotion`)
  await report('failover')
  await expect.poll(() => shop.sherd.stats().topology.draining, patience).toBe(0)
})

test('a primary that is killed names server and shard, and the source is asked at most once a second', async () => {
  const [, site] = shop.sites
  await waitUntilAllServe()
  const { asked } = shop.sherd.stats().topology
  const start = Date.now()
  await site?.primary.kill()
  await expect.poll(() => shop.sherd.stats().topology.asked, patience).toBeGreaterThan(asked + 1)
  const seconds = Math.ceil((Date.now() - start) / 1_000)
  expect(shop.sherd.stats().topology.asked - asked).toBeLessThanOrEqual(seconds + 1)
  await site?.primary.restart()
  await waitUntilAllServe()
  const unreachable = load.errors.filter(({ error }) => error.code === 'SHERD_SERVER_UNREACHABLE')
  expect(unreachable.length).toBeGreaterThan(0)
  for (const { server, error } of load.errors) {
    expect(server).toBe('shop/1/primary')
    if (error.code !== 'SHERD_SERVER_UNREACHABLE') continue
    expect(error).toMatchObject({ isRetryable: true, details: { server: 'shop/1/primary' } })
    expect((error as { shard?: unknown }).shard).toMatch(/^faults_\d$/)
  }
  await report('killed')
})
