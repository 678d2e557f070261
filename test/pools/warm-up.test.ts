import { expect, test } from 'vitest'
import { ServerPool } from '../../src/pools/server-pool.ts'
import { warmPools } from '../../src/pools/warm-up.ts'
import { makeEndpoint } from '../drivers/endpoints.ts'
import { FakeClock } from './fake-clock.ts'
import { ScriptedDriver } from './scripted-driver.ts'

test('warming opens so many connections of each pool, at most its limit, and reports who refused', async () => {
  const driver = new ScriptedDriver()
  const pools = ['a', 'b', 'c'].map(
    (id, index) =>
      new ServerPool({
        endpoint: { ...makeEndpoint({ port: 3306, options: { connectionLimit: 2 + index * 10 } }), id },
        driver,
        connect: { databases: [] },
        clock: new FakeClock(),
      }),
  )
  driver.down.add('b')
  const reports = await warmPools(pools, 5)
  expect(reports).toEqual([
    { endpoint: 'a', opened: 2 },
    { endpoint: 'b', opened: 0, error: expect.objectContaining({ message: 'b is down' }) as unknown },
    { endpoint: 'c', opened: 5 },
  ])
  expect(pools.map((pool) => pool.stats().idle)).toEqual([2, 0, 5])
  // What is open already is used.
  expect((await warmPools(pools.slice(2), 5))[0]).toEqual({ endpoint: 'c', opened: 5 })
  expect(driver.connections.filter(({ endpoint }) => endpoint.id === 'c')).toHaveLength(5)
})
