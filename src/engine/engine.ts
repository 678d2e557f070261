import type { Driver } from '../drivers/driver.ts'
import type { Planner } from '../plan/planner.ts'
import type { Pools } from '../pools/pools.ts'
import type { RoutingStrategy } from '../routing/strategy.ts'
import type { Scopes } from '../session/scopes.ts'
import type { Topology } from '../topology/topology.ts'
import type { CopyReadiness } from './copy-readiness.ts'
import type { Deadlines } from './deadlines.ts'
import type { LogicalDatabases } from './logical-databases.ts'
import type { SessionDefaults } from './session-defaults.ts'
import type { Traffic } from './traffic.ts'
import type { TransactionStrategy } from './transaction-strategy.ts'
import type { XaRecovery } from './xa-recovery.ts'

/** What planning, routing and rewriting need: told by the config alone. */
export interface OfflineEngine {
  readonly topology: Topology
  readonly planner: Planner
  /** By name of the shard group. */
  readonly strategies: ReadonlyMap<string, RoutingStrategy>
  readonly defaults: SessionDefaults
}

/** What the steps of the corridor share: made once, changed by nobody. */
export interface Engine extends OfflineEngine {
  readonly driver: Driver
  readonly pools: Pools
  readonly scopes: Scopes
  readonly databases: LogicalDatabases
  readonly copies: CopyReadiness
  readonly deadlines: Deadlines
  readonly traffic: Traffic
  readonly transactions: TransactionStrategy
  /** Only with `transactions: 'xa'`. */
  readonly recovery: XaRecovery | undefined
}
