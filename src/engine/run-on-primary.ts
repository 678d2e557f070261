import type { ResultCallback, SqlText } from '../drivers/driver.ts'
import type { LeaseGuard } from '../pools/lease-guard.ts'
import type { Pools } from '../pools/pools.ts'
import type { LeaseCallback } from '../pools/server-pool.ts'
import type { Server } from '../topology/topology.ts'

/** One statement of sherd itself on a primary, as it stands: neither planned nor rewritten, outside any session. */
export function runOnPrimary(
  pools: Pools,
  server: Server,
  text: SqlText | string,
  values: readonly unknown[],
  callback: ResultCallback,
  guard?: LeaseGuard,
): void {
  const use: LeaseCallback = (error, lease) => {
    if (lease === undefined) return callback(error)
    lease.connection.run({ text, values, protocol: 'text' }, (failure, rows) => {
      lease.release()
      callback(failure, rows)
    })
  }
  pools.primary(server).lease('', use, guard)
}
