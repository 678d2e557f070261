import type { Driver } from '../drivers/driver.ts'
import type { Planner } from '../plan/planner.ts'
import type { Pools } from '../pools/pools.ts'
import type { RoutingStrategy } from '../routing/strategy.ts'
import type { Scopes } from '../session/scopes.ts'
import type { Topology } from '../topology/topology.ts'
import type { LogicalDatabases } from './logical-databases.ts'
import type { SessionDefaults } from './session-defaults.ts'

/** What the steps of the corridor share: made once, changed by nobody. */
export interface Engine {
  readonly topology: Topology
  readonly driver: Driver
  readonly planner: Planner
  readonly pools: Pools
  readonly scopes: Scopes
  /** By name of the shard group. */
  readonly strategies: ReadonlyMap<string, RoutingStrategy>
  readonly databases: LogicalDatabases
  readonly defaults: SessionDefaults
}
