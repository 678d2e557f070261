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
  reads: { ...defaultReads, replicaWaitMs: 0 },
}

function makePools() {
  const driver = new ScriptedDriver()
  const clock = new FakeClock()
  return { driver, clock, pools: new Pools({ driver, clock }) }
}

/** Reads once and tells the endpoint that gave the connection. */
async function read(pools: Pools): Promise<string> {
  const lease = await new Promise<Lease>((resolve, reject) => {
    pools.leaseForRead(server, '', undefined, (error, given) =>
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
