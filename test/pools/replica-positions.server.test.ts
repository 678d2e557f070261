import { expect, inject, test } from 'vitest'
import { loadMysqlDriver } from '../../src/drivers/mysql2.ts'
import { Pools } from '../../src/pools/pools.ts'
import type { Lease, ServerPool } from '../../src/pools/server-pool.ts'
import { defaultReads } from '../../src/topology/read-options.ts'
import type { Server } from '../../src/topology/topology.ts'
import { makeEndpoint, run } from '../drivers/endpoints.ts'
import { createDatabases, uniqueName, waitForReplicas } from '../servers/databases.ts'

function take(pool: ServerPool): Promise<Lease> {
  return new Promise((resolve, reject) => {
    pool.lease('', (error, lease) => (lease === undefined ? reject(error as Error) : resolve(lease)))
  })
}

test('after a write reads leave the primary for the replica as soon as it has the write', async ({
  task,
}) => {
  const [site] = inject('sharedSites')
  const replica = site?.replicas[0]
  if (site === undefined || replica === undefined) throw new Error('The shared servers have no replica.')
  const database = uniqueName(import.meta.filename, task.name)
  await createDatabases(site, [database])
  const login = { user: inject('sharedUser'), password: inject('sharedPassword'), database }
  const server: Server = {
    id: 'site',
    primary: makeEndpoint({ ...login, id: 'primary', port: site.primary.port }),
    replicas: [makeEndpoint({ ...login, id: 'replica', role: 'replica', port: replica.port })],
    reads: defaultReads,
  }
  const driver = await loadMysqlDriver()
  const pools = new Pools({ driver })
  const lease = await take(pools.primary(server))
  await run(lease.connection, 'CREATE TABLE noted (id INT PRIMARY KEY)')
  const { rows } = await run(lease.connection, 'INSERT INTO noted VALUES (1)')
  lease.release()

  pools.positions.note(server, driver.readWrite(rows)?.position ?? '')
  expect(pools.replicas(server).pick()).toBeUndefined()
  await waitForReplicas(site)
  await expect.poll(() => pools.replicas(server).pick()?.endpoint.id, { timeout: 5_000 }).toBe('replica')
  const picked = pools.replicas(server).pick()
  if (picked === undefined) throw new Error('The replica was chosen before.')
  const reader = await take(picked.pool)
  expect((await run(reader.connection, 'SELECT id FROM noted')).rows).toEqual([{ id: 1 }])
  reader.release()

  pools.positions.noteUnknown(server)
  expect(pools.replicas(server).pick()).toBeUndefined()
  await expect.poll(() => pools.replicas(server).pick()?.endpoint.id, { timeout: 5_000 }).toBe('replica')
  await pools.close()
})
