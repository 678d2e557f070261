import type { Driver } from '../drivers/driver.ts'
import { Planner } from '../plan/planner.ts'
import { systemClock } from '../pools/clock.ts'
import { Pools } from '../pools/pools.ts'
import { createStrategy } from '../routing/create-strategy.ts'
import type { RoutingStrategy } from '../routing/strategy.ts'
import { Scopes } from '../session/scopes.ts'
import { shardsOn } from '../topology/find-shard.ts'
import type { Topology } from '../topology/topology.ts'
import { checkedDriver } from './checked-driver.ts'
import { Deadlines } from './deadlines.ts'
import type { Engine } from './engine.ts'
import { LogicalDatabases } from './logical-databases.ts'
import { oneServer } from './one-server.ts'
import { bestEffort } from './best-effort.ts'
import { readDirectoryTable } from './read-directory-table.ts'
import { sessionDefaults } from './session-defaults.ts'
import { Traffic } from './traffic.ts'
import type { TransactionStrategy } from './transaction-strategy.ts'
import { createXa } from './xa.ts'
import { XaRecovery } from './xa-recovery.ts'

/** Puts the steps together for one topology. Makes no connection: that happens with the first statement for a server. */
export function createEngine(topology: Topology, driver: Driver): Engine {
  const defaults = sessionDefaults(topology)
  const scopes = new Scopes()
  const pools = new Pools({
    driver: checkedDriver(connectOutside(scopes, driver), defaults.modes),
    databasesOf: (server) => shardsOn(topology, server).map((shard) => shard.name),
  })
  const recovery = topology.transactions === 'xa' ? new XaRecovery(topology, pools, systemClock) : undefined
  return {
    topology,
    driver,
    pools,
    planner: new Planner(topology, defaults.modes),
    scopes,
    strategies: createStrategies(topology, driver, pools),
    databases: new LogicalDatabases(topology, driver, pools),
    deadlines: new Deadlines(systemClock),
    traffic: new Traffic(systemClock),
    defaults,
    transactions: chooseStrategy(topology, recovery),
    recovery,
  }
}

function chooseStrategy(topology: Topology, recovery: XaRecovery | undefined): TransactionStrategy {
  if (recovery !== undefined) return createXa(recovery)
  return topology.transactions === 'best-effort' ? bestEffort : oneServer
}

/** A socket tells its events in the scope it was opened in, so connections, which all share, are opened in none. */
function connectOutside(scopes: Scopes, driver: Driver): Driver {
  return {
    ...driver,
    connect: (endpoint, options, callback) =>
      scopes.enter(undefined, () => driver.connect(endpoint, options, callback)),
  }
}

function createStrategies(
  topology: Topology,
  driver: Driver,
  pools: Pools,
): ReadonlyMap<string, RoutingStrategy> {
  return new Map(
    [...topology.shardGroups.values()].map((group) => {
      const readDirectory = readDirectoryTable(topology, driver, pools, group)
      return [group.name, createStrategy(group, readDirectory === undefined ? {} : { readDirectory })]
    }),
  )
}
