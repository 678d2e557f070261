import type { Pools } from '../pools/pools.ts'
import type { ServerPool } from '../pools/server-pool.ts'
import type { ServerAllowance } from '../topology/connection-budget.ts'
import type { Topology } from '../topology/topology.ts'

const question = 'SELECT @@max_connections AS connections, @@max_prepared_stmt_count AS statements'

/** What each server allows, by address. One that cannot be asked is left out; SQLite allows what it is given. */
export async function askAllowances(
  topology: Topology,
  pools: Pools,
): Promise<ReadonlyMap<string, ServerAllowance>> {
  const allowances = new Map<string, ServerAllowance>()
  if (topology.dialect === 'sqlite') return allowances
  const byAddress = new Map(pools.of(topology.servers).map((pool) => [pool.endpoint.address, pool]))
  await Promise.all(
    [...byAddress].map(async ([address, pool]) => {
      const allowance = await askOne(pool)
      if (allowance !== undefined) allowances.set(address, allowance)
    }),
  )
  return allowances
}

function askOne(pool: ServerPool): Promise<ServerAllowance | undefined> {
  return new Promise((resolve) => {
    pool.lease('', (_error, lease) => {
      if (lease === undefined) return resolve(undefined)
      lease.connection.run({ text: question, values: [], protocol: 'text' }, (error, rows) => {
        lease.release()
        if (error) return resolve(undefined)
        // One row, as the question asks.
        const [row] = rows as readonly [{ readonly connections: unknown; readonly statements: unknown }]
        resolve({
          maxConnections: Number(row.connections),
          maxPreparedStatements: Number(row.statements),
        })
      })
    })
  })
}
