import { expect, test } from 'vitest'
import { Pools } from '../../src/pools/pools.ts'
import { parsePosition } from '../../src/pools/gtid.ts'
import type { ReadScope } from '../../src/pools/read-scope.ts'
import type { Lease } from '../../src/pools/server-pool.ts'
import { defaultReads } from '../../src/topology/read-options.ts'
import type { Server } from '../../src/topology/topology.ts'
import { makeEndpoint } from '../drivers/endpoints.ts'
import { FakeClock, settle } from './fake-clock.ts'
import { ScriptedDriver } from './scripted-driver.ts'

const server: Server = {
  id: 'product/0',
  primary: makeEndpoint({ id: 'p', port: 1 }),
  replicas: [
    makeEndpoint({ id: 'r0', port: 2, role: 'replica' }),
    makeEndpoint({ id: 'r1', port: 3, role: 'replica' }),
  ],
  reads: defaultReads,
}

function makePools() {
  const driver = new ScriptedDriver()
  const clock = new FakeClock()
  return { driver, clock, pools: new Pools({ driver, clock }) }
}

/** Reads once and tells the endpoint that gave the connection. */
async function read(pools: Pools, of: Server = server): Promise<string> {
  const lease = await new Promise<Lease>((resolve, reject) => {
    pools.leaseForRead(of, '', undefined, (error, given) =>
      given === undefined ? reject(error as Error) : resolve(given),
    )
  })
  lease.release()
  const [stats] = pools.stats().filter(({ idle }) => idle > 0)
  expect(stats).toBeDefined()
  return (lease.connection as unknown as { endpoint: { id: string } }).endpoint.id
}

/** Reads that must see a write of another process on the server. */
function after(text: string): ReadScope {
  const position = parsePosition(text)
  if (position === undefined) throw new Error('no position')
  return { after: { positions: new Map([[server.id, position]]), isComplete: true } }
}

async function readMany(pools: Pools, times: number): Promise<string[]> {
  const found: string[] = []
  for (let time = 0; time < times; time++) found.push(await read(pools))
  return found
}

test('one pool for each endpoint and profile, made when first used', () => {
  const { pools } = makePools()
  const profile = { name: 'strings', library: { bigNumberStrings: true } }
  expect(pools.primary(server)).toBe(pools.primary(server))
  expect(pools.primary(server, profile)).not.toBe(pools.primary(server))
  expect(pools.primary(server, profile)).toBe(pools.primary(server, profile))
})

test('reads go to the replicas in turn', async () => {
  const { pools } = makePools()
  const found = await readMany(pools, 6)
  expect(found.filter((id) => id === 'r0')).toHaveLength(3)
  expect(found.filter((id) => id === 'r1')).toHaveLength(3)
})

test('a server without replicas reads from its primary', async () => {
  const { pools } = makePools()
  expect(pools.replicas({ ...server, replicas: [] }).pick()).toBeUndefined()
  await pools.close()
})

test('no read fails while a replica is down, and the replica is left alone until its back-off is over', async () => {
  const { driver, clock, pools } = makePools()
  driver.down.add('r0')
  expect(await readMany(pools, 4)).toEqual(['r1', 'r1', 'r1', 'r1'])
  const attempts = driver.attempts
  await readMany(pools, 4)
  expect(driver.attempts).toBe(attempts)
  await clock.turn(1_000)
  expect(driver.attempts).toBe(attempts + 1)
  driver.down.clear()
  await clock.turn(1_000)
  expect(await readMany(pools, 2)).toEqual(['r1', 'r1'])
  await clock.turn(1_000)
  expect(new Set(await readMany(pools, 2))).toEqual(new Set(['r0', 'r1']))
})

test('with all replicas down the primary reads', async () => {
  const { driver, pools } = makePools()
  driver.down.add('r0').add('r1')
  expect(await readMany(pools, 3)).toEqual(['p', 'p', 'p'])
  driver.down.add('p')
  const { connections } = driver
  for (const connection of connections) connection.break()
  await expect(read(pools)).rejects.toThrow('p is down')
})

test('after a write only replicas that have it are read, and nothing is asked once all have it', async () => {
  const { driver, clock, pools } = makePools()
  driver.positions.set('r0', '1-1-9').set('r1', '1-1-9')
  pools.positions.note(server, '1-1-10')
  expect(await readMany(pools, 2)).toEqual(['p', 'p'])
  driver.positions.set('r1', '1-1-10')
  await clock.turn(50)
  expect(await readMany(pools, 2)).toEqual(['r1', 'r1'])
  driver.positions.set('r0', '1-1-12')
  await clock.turn(1_000)
  expect(new Set(await readMany(pools, 2))).toEqual(new Set(['r0', 'r1']))
  const asked = driver.asked.length
  pools.positions.note(server, '1-1-10')
  await clock.turn(10_000)
  expect(driver.asked.length).toBe(asked)
})

test('a replica that does not move is asked ever more rarely, at least once a second', async () => {
  const { driver, clock, pools } = makePools()
  driver.positions.set('r0', '1-1-9').set('r1', '1-1-10')
  pools.positions.note(server, '1-1-10')
  await clock.turn(10_000)
  const asked = driver.asked.filter((id) => id === 'r0').length
  expect(asked).toBeGreaterThan(9)
  expect(asked).toBeLessThan(17)
})

test('a position can be asked for each read', async () => {
  const { driver, clock, pools } = makePools()
  driver.positions.set('r0', '1-1-20').set('r1', '1-1-10')
  const pick = (position: string) => pools.replicas(server).pick(after(position))?.endpoint.id
  expect(pick('1-1-10')).toBeUndefined()
  pools.positions.note(server, '1-1-10')
  await clock.turn(50)
  expect(pick('1-1-15')).toBe('r0')
  expect(pick('1-1-25')).toBeUndefined()
  const [first] = pools.replicas(server).replicas
  expect(pools.replicas(server).pick(undefined, first === undefined ? [] : [first])?.endpoint.id).toBe('r1')
})

test('a write of unknown position keeps reads on the primary until the primary has told', async () => {
  const { driver, clock, pools } = makePools()
  driver.positions.set('r0', '1-1-10').set('r1', '1-1-10').set('p', '1-1-10')
  pools.positions.note(server, '1-1-10')
  await clock.turn(50)
  pools.positions.noteUnknown(server)
  expect(await readMany(pools, 2)).toEqual(['p', 'p'])
  driver.positions.set('p', '1-1-11').set('r1', '1-1-11')
  await clock.turn(2_000)
  expect(await readMany(pools, 2)).toEqual(['r1', 'r1'])
})

test('close ends every connection and every timer', async () => {
  const { driver, clock, pools } = makePools()
  driver.down.add('r0')
  pools.positions.note(server, '1-1-10')
  await read(pools)
  pools.primary(server).lease('', (_error, lease) => lease?.release())
  await settle()
  await pools.close()
  await settle()
  expect(driver.open).toEqual([])
  expect(clock.timers).toBe(0)
  await expect(read(pools)).rejects.toMatchObject({ code: 'SHERD_POOL_CLOSED' })
})

const withReads = (reads: Partial<Server['reads']>): Server => ({
  ...server,
  reads: { ...defaultReads, ...reads },
})

/** Begins a read and tells, when asked, who serves it or why nobody does. */
function beginRead(pools: Pools, of: Server, scope?: ReadScope): () => string {
  let outcome = 'waits'
  pools.leaseForRead(of, '', scope, (error, lease, replica) => {
    outcome = lease === undefined ? String((error as { code?: unknown }).code) : (replica?.endpoint.id ?? 'p')
    lease?.release()
  })
  return () => outcome
}

test('a scope chooses the policy of its reads over that of the server', async () => {
  const { pools } = makePools()
  const pick = (of: Server, scope?: ReadScope) => pools.replicas(of).pick(scope)?.endpoint.role ?? 'primary'
  expect(pick(server)).toBe('replica')
  expect(pick(server, { policy: 'primary' })).toBe('primary')
  pools.positions.note(server, '1-1-10')
  expect(pick(server)).toBe('primary')
  expect(pick(server, { policy: 'replica' })).toBe('replica')
  const other = { ...withReads({ policy: 'primary' }), id: 'other' }
  expect(pick(other)).toBe('primary')
  expect(pick(other, { policy: 'causal' })).toBe('replica')
})

test('a read behind a write waits for a replica, is served as soon as it has the write, and others with it', async () => {
  const { driver, pools } = makePools()
  const waiting = withReads({ replicaWaitMs: 20 })
  pools.positions.note(waiting, '1-1-10')
  const outcomes = [beginRead(pools, waiting), beginRead(pools, waiting)]
  await settle()
  expect(outcomes.map((outcome) => outcome())).toEqual(['waits', 'waits'])
  expect(driver.waits).toHaveLength(2)
  for (const { position, answer } of driver.waits) {
    expect(position).toBe('1-0-10')
    answer(true)
  }
  await settle()
  expect(new Set(outcomes.map((outcome) => outcome()))).toEqual(new Set(['r0', 'r1']))
  expect(pools.replicas(waiting).pick()).toBeDefined()
  await pools.close()
})

test('however many reads wait for a replica, it is asked one question at a time', async () => {
  const { driver, pools } = makePools()
  const one = { ...withReads({ replicaWaitMs: 20 }), replicas: server.replicas.slice(0, 1) }
  pools.positions.note(one, '1-1-10')
  const outcomes = Array.from({ length: 50 }, () => beginRead(pools, one))
  await settle()
  expect(driver.waits).toHaveLength(1)
  driver.waits[0]?.answer(true)
  await settle()
  expect(new Set(outcomes.map((outcome) => outcome()))).toEqual(new Set(['r0']))
  expect(driver.waits).toHaveLength(1)
  await pools.close()
})

test('a wait in vain ends at the primary, and is not repeated before the replica has moved', async () => {
  const { driver, clock, pools } = makePools()
  const one = { ...withReads({ replicaWaitMs: 20 }), replicas: server.replicas.slice(0, 1) }
  driver.positions.set('r0', '1-1-9')
  pools.positions.note(one, '1-1-10')
  const first = beginRead(pools, one)
  await clock.turn(20)
  expect(first()).toBe('p')
  const second = beginRead(pools, one)
  await settle()
  expect(second()).toBe('p')
  driver.waits[0]?.answer(false)
  driver.positions.set('r0', '1-1-10')
  await clock.turn(1_000)
  expect(await read(pools, one)).toBe('r0')
  pools.positions.note(one, '1-1-11')
  const third = beginRead(pools, one)
  await settle()
  expect(third()).toBe('waits')
  driver.waits[1]?.answer(true)
  await settle()
  expect(third()).toBe('r0')
  await pools.close()
})

test('a position that never comes, as of a forged token, keeps no read but its own from the replicas', async () => {
  const { driver, clock, pools } = makePools()
  const waiting = withReads({ replicaWaitMs: 20 })
  driver.positions.set('r0', '1-1-10').set('r1', '1-1-10')
  const forged = beginRead(pools, waiting, { policy: 'causal', ...after('1-1-999999') })
  await clock.turn(20)
  expect(forged()).toBe('p')
  expect(beginRead(pools, waiting)()).not.toBe('p')
  for (const { answer } of driver.waits) answer(false)
  await clock.turn(1_000)
  const asked = driver.asked.length
  await clock.turn(60_000)
  expect(driver.asked.length).toBe(asked)
  expect(beginRead(pools, waiting, after('1-1-10'))()).not.toBe('p')
  await pools.close()
})

test('a replica that comes back with older data than it had serves no read that needs more', async () => {
  const { driver, clock, pools } = makePools()
  driver.positions.set('r0', '1-1-10').set('r1', '1-1-10')
  pools.positions.note(server, '1-1-10')
  await clock.turn(50)
  expect(new Set(await readMany(pools, 2))).toEqual(new Set(['r0', 'r1']))
  for (const connection of driver.open) connection.break()
  driver.positions.set('r0', '1-1-4')
  expect(await readMany(pools, 4)).toEqual(['r1', 'r1', 'r1', 'r1'])
})

test('where the primary is spared, a read without a replica is refused, and one that asks for it is not', async () => {
  const { driver, pools } = makePools()
  const sparing = withReads({ whenReplicasFail: 'refuse' })
  driver.down.add('r0').add('r1')
  const refused = beginRead(pools, sparing)
  await settle()
  expect(refused()).toBe('SHERD_REPLICAS_UNAVAILABLE')
  const fresh = beginRead(pools, sparing, { policy: 'primary' })
  await settle()
  expect(fresh()).toBe('p')
})

test('where the primary is spared, it still serves reads that replicas are only behind of', async () => {
  const { driver, pools } = makePools()
  const sparing = withReads({ whenReplicasFail: 'refuse' })
  driver.positions.set('r0', '1-1-9').set('r1', '1-1-9')
  pools.positions.note(sparing, '1-1-10')
  const behind = beginRead(pools, sparing)
  await settle()
  expect(behind()).toBe('p')
  await pools.close()
})

test('with a limit of lag no replica is read before its lag is known, and none that is over it', async () => {
  const { driver, clock, pools } = makePools()
  const limited = withReads({ policy: 'replica', maxLagMs: 400, whenReplicasFail: 'refuse' })
  driver.positions.set('p', '1-1-10').set('r0', '1-1-10').set('r1', '1-1-3')
  expect(pools.replicas(limited).pick()).toBeUndefined()
  await clock.turn(100)
  expect([1, 2, 3].map(() => pools.replicas(limited).pick()?.endpoint.id)).toEqual(['r0', 'r0', 'r0'])
  driver.positions.set('p', '1-1-11')
  await clock.turn(1_000)
  expect(pools.replicaStats().map(({ lagMs = 0 }) => lagMs > 400)).toEqual([true, true])
  const refused = beginRead(pools, limited)
  await settle()
  expect(refused()).toBe('SHERD_REPLICAS_UNAVAILABLE')
  driver.positions.set('r1', '1-1-11')
  await clock.turn(200)
  expect(pools.replicas(limited).pick()?.endpoint.id).toBe('r1')
  await pools.close()
  expect(clock.timers).toBe(0)
})

/** A lease on a replica of a server whose hanging is noticed after 100 ms. */
async function leaseOne(pools: Pools) {
  const one = { ...withReads({ replicaTimeoutMs: 100 }), replicas: server.replicas.slice(0, 1) }
  const outcome = await new Promise<Lease>((resolve, reject) => {
    pools.leaseForRead(one, '', undefined, (error, lease) =>
      lease === undefined ? reject(error as Error) : resolve(lease),
    )
  })
  return { lease: outcome, one }
}

test('a read that is slow on a replica that lives goes on', async () => {
  const { driver, clock, pools } = makePools()
  const { lease } = await leaseOne(pools)
  await clock.turn(10_000)
  driver.busyThreads = new Set([lease.connection.threadId])
  await clock.turn(10_000)
  expect(lease.isLost).toBe(false)
  expect(pools.replicaStats()).toMatchObject([{ isEjected: false }])
})

test('a read is cut when the server does not work at it, as behind a firewall that forgot the connection', async () => {
  const { driver, clock, pools } = makePools()
  const { lease } = await leaseOne(pools)
  driver.busyThreads = new Set()
  await clock.turn(200)
  expect(lease.isLost).toBe(true)
  expect(pools.replicaStats()).toMatchObject([{ isEjected: false }])
})

test('a replica that gives no sign of life is ejected, all its reads are cut, and nobody waits for it', async () => {
  const { driver, clock, pools } = makePools()
  const { lease, one } = await leaseOne(pools)
  driver.hanging.add('r0')
  const queued = beginRead(pools, one)
  await clock.turn(200)
  expect(lease.isLost).toBe(true)
  expect(pools.replicaStats()).toMatchObject([{ isEjected: true }])
  expect(queued()).toBe('p')
  driver.hanging.clear()
  driver.letGo()
  await clock.turn(2_000)
  expect(beginRead(pools, one)()).toBe('r0')
  await pools.close()
  await settle()
  expect(driver.open).toEqual([])
})
