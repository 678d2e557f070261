import type { PlanCacheStats } from '../plan/plan-cache.ts'
import type { ReplicaStats } from '../pools/pools.ts'
import type { PoolStats } from '../pools/server-pool.ts'

/** What `sherd.stats()` tells: plain numbers, one snapshot. */
export interface SherdStats {
  /** Plans by text. A low hit rate means that values are written into the texts. */
  readonly planCache: PlanCacheStats & {
    /** Hits of all look-ups, 0 to 1; 0 before the first. */
    readonly hitRate: number
  }
  /** One for each endpoint and profile that was used. */
  readonly pools: readonly PoolStats[]
  /** One for each replica that was used. */
  readonly replicas: readonly ReplicaStats[]
}
