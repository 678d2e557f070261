import { expect, test } from 'vitest'
import { Pools } from '../../src/pools/pools.ts'
import type { Lease, ServerPool } from '../../src/pools/server-pool.ts'
import { defaultReads } from '../../src/topology/read-options.ts'
import type { Server } from '../../src/topology/topology.ts'
import { type EndpointParts, makeEndpoint } from '../drivers/endpoints.ts'
import { FakeClock, settle } from './fake-clock.ts'
import { type ScriptedConnection, ScriptedDriver } from './scripted-driver.ts'

/** A server as a config would give it, each time another object. */
function makeServer(id: string, ports: readonly [number, ...number[]], more: EndpointParts = {}): Server {
  const [primary, ...replicas] = ports
  return {
    id,
    primary: makeEndpoint({ ...more, id: `${id}/primary`, port: primary }),
    replicas: replicas.map((port, index) =>
      makeEndpoint({ ...more, id: `${id}/replica/${index}`, role: 'replica', port }),
    ),
    reads: defaultReads,
  }
}

function makePools() {
  const driver = new ScriptedDriver()
  const clock = new FakeClock()
  let troubles = 0
  const pools = new Pools({ driver, clock, onPrimaryTrouble: () => troubles++ })
  return { driver, clock, pools, troubles: () => troubles }
}

function take(pool: ServerPool): Promise<Lease> {
  return new Promise((resolve, reject) => {
    pool.lease('', (error, lease) => (lease === undefined ? reject(error as Error) : resolve(lease)))
  })
}

async function use(pool: ServerPool): Promise<ScriptedConnection> {
  const lease = await take(pool)
  lease.release()
  return lease.connection as ScriptedConnection
}

const noNames = () => []

test('a server that is the same keeps its pools and what is known of its replicas', async () => {
  const { driver, pools } = makePools()
  const before = makeServer('product/0', [1, 2])
  const after = makeServer('product/0', [1, 2])
  await use(pools.primary(before))
  pools.positions.note(before, '0-1-5')
  expect(pools.follow([before], [after], noNames)).toEqual([])
  expect(pools.primary(after)).toBe(pools.primary(before))
  expect(pools.replicas(after)).toBe(pools.replicas(before))
  expect(pools.positions.of(after).needed).toBeDefined()
  // A write of an older statement counts for the new ones too.
  pools.positions.note(before, '0-1-9')
  expect(pools.positions.of(after)).toBe(pools.positions.of(before))
  pools.keepOnly([after], 0)
  await use(pools.primary(after))
  expect(driver.attempts).toBe(1)
})

test('an endpoint that is the same keeps its connections when its server is another, also under another id', async () => {
  const { driver, pools } = makePools()
  const before = [makeServer('product/0', [1, 2]), makeServer('product/1', [3])]
  const after = [makeServer('product/0', [3]), makeServer('product/1', [1, 4])]
  const [first, second] = before as [Server, Server]
  const [newFirst, newSecond] = after as [Server, Server]
  const old = await use(pools.primary(first))
  const third = await use(pools.primary(second))
  expect(pools.follow(before, after, noNames)).toEqual(after)
  expect(await use(pools.primary(newFirst))).toBe(third)
  expect(await use(pools.primary(newSecond))).toBe(old)
  expect(pools.primary(newFirst).endpoint.id).toBe('product/0/primary')
  pools.keepOnly(after, 0)
  expect(old.state).toBe('open')
  expect(driver.attempts).toBe(2)
  expect(pools.stats().map(({ endpoint }) => endpoint)).toEqual([
    'product/0/primary',
    'product/1/primary',
    'product/1/replica/0',
  ])
})

test('another login, another option and another role are no reason to share a connection', async () => {
  const { pools } = makePools()
  const before = makeServer('product/0', [1, 2], { user: 'app', password: 'old' })
  const connection = await use(pools.primary(before))
  const others = [
    makeServer('product/0', [1, 2], { user: 'app', password: 'new' }),
    makeServer('product/0', [1, 2], { user: 'app', password: 'old', options: { connectionLimit: 3 } }),
    makeServer('product/0', [2, 1], { user: 'app', password: 'old' }),
  ]
  for (const other of others) {
    expect(pools.follow([before], [other], noNames)).toEqual([other])
    expect(await use(pools.primary(other))).not.toBe(connection)
  }
})

test('what nobody uses any more is closed, and who comes late is told', async () => {
  const { pools } = makePools()
  const before = makeServer('product/0', [1])
  const after = makeServer('product/0', [9])
  const lease = await take(pools.primary(before))
  const idle = await use(pools.primary(before))
  pools.follow([before], [after], noNames)
  pools.keepOnly([before, after], 0)
  expect(idle.state).toBe('open')
  pools.keepOnly([after], 1_000)
  expect(idle.state).toBe('ended')
  await expect(take(pools.primary(before))).rejects.toMatchObject({ code: 'SHERD_POOL_CLOSED' })
  lease.release()
  expect((lease.connection as ScriptedConnection).state).toBe('ended')
})

test('replicas of a changed server serve no causal read before older statements have ended and the primary has told its position', async () => {
  const { driver, clock, pools } = makePools()
  driver.positions.set('product/0/primary', '0-1-7')
  driver.positions.set('product/0/replica/0', '0-1-7')
  const before = makeServer('product/0', [1])
  const after = makeServer('product/0', [1, 2])
  await use(pools.primary(before))
  for (const server of pools.follow([before], [after], noNames)) pools.positions.hold(server)
  expect(pools.replicas(after).pick()).toBeUndefined()
  pools.positions.noteUnknown(after)
  await clock.turn(5_000)
  expect(pools.replicas(after).pick()).toBeUndefined()
  expect(pools.writes([after]).positions.get('product/0')).toBe('unknown')
  pools.positions.release(after)
  await clock.turn(5_000)
  expect(pools.replicas(after).pick()?.endpoint.id).toBe('product/0/replica/0')
})

test('a token of before a reload is no promise of the servers after it', async () => {
  const { driver, clock, pools } = makePools()
  driver.positions.set('product/0/primary', '0-1-7')
  driver.positions.set('product/0/replica/0', '0-1-7')
  const before = [makeServer('product/0', [1, 2])]
  const after = [makeServer('product/0', [3, 2])]
  const [old, server] = [before[0], after[0]] as [Server, Server]
  await use(pools.primary(old))
  const scope = (servers: readonly Server[]) => ({
    after: { positions: new Map(), isComplete: true, servers },
  })
  expect(pools.replicas(old).pick(scope(before))).toBeDefined()
  pools.follow(before, after, noNames)
  await clock.turn(0)
  expect(pools.replicas(server).pick(scope(after))).toBeDefined()
  expect(pools.replicas(server).pick(scope(before))).toBeUndefined()
})

test('after a primary has said that it is read-only no older connection is used, at most once a second', async () => {
  const { driver, clock, pools, troubles } = makePools()
  const server = makeServer('product/0', [1])
  const pool = pools.primary(server)
  const [lent, complaining] = [await take(pool), await take(pool)]
  const idle = await use(pool)
  ;(complaining.connection as ScriptedConnection).complain('read-only')
  expect(troubles()).toBe(1)
  expect(idle.state).toBe('ended')
  expect((lent.connection as ScriptedConnection).state).toBe('open')
  lent.release()
  complaining.release()
  expect(driver.connections.map(({ state }) => state)).toEqual(['ended', 'ended', 'ended'])
  const next = await use(pool)
  next.complain('read-only')
  expect(troubles()).toBe(2)
  expect(await use(pool)).toBe(next)
  await clock.turn(1_000)
  next.complain('read-only')
  expect(next.state).toBe('ended')
  next.complain('full')
  expect(troubles()).toBe(3)
})

test('a primary that cannot be connected to is trouble, a replica is not', async () => {
  const { driver, pools, troubles } = makePools()
  const server = makeServer('product/0', [1, 2])
  driver.down.add('product/0/replica/0')
  pools.replicas(server).replicas[0]?.pool.lease('', () => undefined)
  await settle()
  expect(troubles()).toBe(0)
  driver.down.add('product/0/primary')
  await expect(take(pools.primary(server))).rejects.toThrow('is down')
  expect(troubles()).toBe(1)
})
