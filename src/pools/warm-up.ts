import type { Lease } from './lease.ts'
import type { ServerPool } from './server-pool.ts'

/** What became of the connections that one endpoint was asked for before the first statement. */
export interface WarmEndpoint {
  readonly endpoint: string
  /** Connections that are open and at rest now, or as many as were asked for. */
  readonly opened: number
  /** Why not all were opened. */
  readonly error?: unknown
}

/** Opens connections up to `count`, at most the pool's limit, and lets them rest. Never fails; who is refused is told in the report. */
export async function warmPool(pool: ServerPool, count: number): Promise<WarmEndpoint> {
  const wanted = Math.min(count, pool.stats().limit)
  const attempts = await Promise.allSettled(Array.from({ length: wanted }, () => lease(pool)))
  // All at once and not one by one, or the same connection would be lent each time.
  const leases = attempts.filter((attempt) => attempt.status === 'fulfilled').map(({ value }) => value)
  for (const held of leases) held.release()
  const refused = attempts.find((attempt) => attempt.status === 'rejected')
  const report = { endpoint: pool.endpoint.id, opened: leases.length }
  return refused === undefined ? report : { ...report, error: refused.reason as unknown }
}

function lease(pool: ServerPool): Promise<Lease> {
  return new Promise((resolve, reject) => {
    pool.lease('', (error, given) => (given === undefined ? reject(error as Error) : resolve(given)))
  })
}

const endpointsAtOnce = 8

/** The same for many pools, eight at a time. The report has their order. */
export async function warmPools(pools: readonly ServerPool[], count: number): Promise<WarmEndpoint[]> {
  const reports: WarmEndpoint[] = []
  let taken = 0
  const work = async (): Promise<void> => {
    for (let index = taken++; ; index = taken++) {
      const pool = pools[index]
      if (pool === undefined) return
      reports[index] = await warmPool(pool, count)
    }
  }
  await Promise.all(Array.from({ length: endpointsAtOnce }, work))
  return reports
}
