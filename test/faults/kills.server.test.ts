import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest'

import { events } from '../../src/observe/events.ts'
import { type FaultShop, openFaultShop } from './fault-shop.ts'
import { findDamage, type Load, startLoad } from './load.ts'

/** From the end of a fault until every server answers again. Generous: the machine may be busy. */
const recoveryTimeoutMs = 20_000

let shop: FaultShop
let load: Load
const unhandled: unknown[] = []
const note = (error: unknown): void => void unhandled.push(error)

beforeAll(async () => {
  process.on('unhandledRejection', note)
  process.on('uncaughtException', note)
  shop = await openFaultShop({ connectionLimit: 4, connectTimeoutMs: 1_000, acquireTimeoutMs: 2_000 })
})
afterAll(async () => {
  await shop.stop()
  process.off('unhandledRejection', note)
  process.off('uncaughtException', note)
})
beforeEach(async () => {
  const connection = shop.sherd.connection()
  for (const { name } of shop.sherd.topology.shardGroups.get('shop')?.shards ?? [])
    await shop.sherd.onShard(name, () => connection.execute('TRUNCATE TABLE events'))
  connection.release()
  load = startLoad(shop.sherd, 8)
})
afterEach(() => load.stop())

/** Every server has served a statement since the call began, and none failed meanwhile. */
async function waitUntilAllServe(): Promise<number> {
  const start = Date.now()
  let errors = load.errors.length
  load.takeSuccesses()
  await expect
    .poll(
      () => {
        const isQuiet = load.errors.length === errors
        errors = load.errors.length
        return isQuiet && load.takeSuccesses().size === shop.sites.length
      },
      { timeout: recoveryTimeoutMs, interval: 200 },
    )
    .toBe(true)
  return Date.now() - start
}

/** Breaks something while callers work, mends it, and tells what the callers and the rows say afterwards. */
async function weather(
  name: string,
  fault: () => Promise<void> | void,
  mend: () => Promise<void> | void,
): Promise<{ readonly errorsByServer: ReadonlyMap<string, number> }> {
  await waitUntilAllServe()
  const before = load.errors.length
  await fault()
  await mend()
  const recoveryMs = await waitUntilAllServe()
  await load.stop()
  const errorsByServer = new Map<string, number>()
  for (const { server } of load.errors.slice(before))
    errorsByServer.set(server, (errorsByServer.get(server) ?? 0) + 1)
  const damage = await findDamage(shop.sherd, load.writes)
  const acknowledged = load.writes.filter(({ outcome }) => outcome === 'acknowledged').length
  const told = [...errorsByServer].map(([server, count]) => `${server} ${count}`).join(', ') || 'none'
  console.log(
    `${name}: ${acknowledged} writes acknowledged, ${load.writes.length - acknowledged} failed; errors: ${told}; lost ${damage.lost}, doubled ${damage.doubled}, torn ${damage.torn}, stale ${load.staleReads()}; all well ${recoveryMs} ms after the repair`,
  )
  expect(acknowledged).toBeGreaterThan(50)
  expect(damage).toEqual({ lost: 0, doubled: 0, torn: 0 })
  expect(load.staleReads()).toBe(0)
  expect(unhandled).toEqual([])
  return { errorsByServer }
}

/** Resolves when so many more statements went well on any server, so that the fault is felt under load. */
async function waitForTraffic(statements: number): Promise<void> {
  let count = 0
  await expect
    .poll(
      () => {
        for (const n of load.takeSuccesses().values()) count += n
        return count
      },
      { timeout: recoveryTimeoutMs, interval: 20 },
    )
    .toBeGreaterThan(statements)
}

const [firstServer, secondServer] = ['shop/0/primary', 'shop/1/primary']

test('a replica that is killed and restarted costs no caller an error, and listeners hear of it', async () => {
  const heard: string[] = []
  const stop = events.replica.subscribe(({ endpoint, state }) => heard.push(`${endpoint} ${state}`))
  const { errorsByServer } = await weather(
    'replica killed',
    async () => {
      await shop.sites[0]?.replicas[0]?.kill()
      await waitForTraffic(200)
    },
    () => shop.sites[0]?.replicas[0]?.restart(),
  )
  expect([...errorsByServer]).toEqual([])
  const isHeard = (): boolean => heard.includes('shop/0/replica/0 readmitted')
  // A replica that is down is looked for after one second, then after two, and so on.
  load = startLoad(shop.sherd, 1)
  await expect.poll(isHeard, { timeout: recoveryTimeoutMs }).toBe(true)
  stop()
  expect(heard).toEqual(['shop/0/replica/0 ejected', 'shop/0/replica/0 readmitted'])
})

test('a primary that is killed and restarted loses, doubles and tears nothing, and disturbs no other server', async () => {
  const { errorsByServer } = await weather(
    'primary killed',
    async () => {
      await shop.sites[0]?.primary.kill()
      await waitForTraffic(200)
    },
    () => shop.sites[0]?.primary.restart(),
  )
  expect(errorsByServer.get(firstServer)).toBeGreaterThan(0)
  expect(errorsByServer.get(secondServer)).toBeUndefined()
})

test('a primary and its replica that are killed together disturb no other server', async () => {
  const site = shop.sites[0]
  const { errorsByServer } = await weather(
    'primary and replica killed',
    async () => {
      await Promise.all([site?.primary.kill(), site?.replicas[0]?.kill()])
      await waitForTraffic(200)
    },
    async () => {
      await site?.primary.restart()
      await site?.replicas[0]?.restart()
    },
  )
  expect(errorsByServer.get(secondServer)).toBeUndefined()
})

test('a primary that stands still for two seconds loses nothing', async () => {
  const { errorsByServer } = await weather(
    'primary stopped',
    async () => {
      shop.sites[0]?.primary.pause()
      await new Promise((resolve) => setTimeout(resolve, 2_000))
    },
    () => shop.sites[0]?.primary.resume(),
  )
  expect(errorsByServer.get(secondServer)).toBeUndefined()
})

test('sockets that are cut in the middle of statements double no write', async () => {
  const wire = shop.wires[0]
  const { errorsByServer } = await weather(
    'sockets cut five times',
    async () => {
      for (let round = 0; round < 5; round++) {
        await waitForTraffic(50)
        wire?.cut()
        wire?.pass()
      }
    },
    () => undefined,
  )
  expect(errorsByServer.get(secondServer)).toBeUndefined()
})

test('a wire that goes silent and is cut later doubles no write', async () => {
  const wire = shop.wires[1]
  const { errorsByServer } = await weather(
    'wire half open',
    async () => {
      wire?.freeze()
      await waitForTraffic(20)
      wire?.cut()
    },
    () => wire?.pass(),
  )
  expect(errorsByServer.get(firstServer)).toBeUndefined()
})
