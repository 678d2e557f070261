import type { Driver } from '../drivers/driver.ts'
import { SherdError } from '../errors/sherd-error.ts'
import { Planner } from '../plan/planner.ts'
import { systemClock } from '../pools/clock.ts'
import { Pools } from '../pools/pools.ts'
import { createStrategy } from '../routing/create-strategy.ts'
import type { RoutingStrategy } from '../routing/strategy.ts'
import { Scopes } from '../session/scopes.ts'
import { shardsOn } from '../topology/find-shard.ts'
import type { Server, Topology } from '../topology/topology.ts'
import { checkedDriver } from './checked-driver.ts'
import { CopyReadiness } from './copy-readiness.ts'
import { Deadlines } from './deadlines.ts'
import type { Engine } from './engine.ts'
import { LogicalDatabases } from './logical-databases.ts'
import { oneServer } from './one-server.ts'
import { bestEffort } from './best-effort.ts'
import { readDirectoryTable } from './read-directory-table.ts'
import { type SessionDefaults, sessionDefaults } from './session-defaults.ts'
import { Traffic } from './traffic.ts'
import type { TransactionStrategy } from './transaction-strategy.ts'
import { createXa } from './xa.ts'
import { XaRecovery } from './xa-recovery.ts'

export interface EngineOptions {
  /** Called when a primary cannot be connected to, or says that it takes no writes. Default: nobody. */
  readonly onPrimaryTrouble?: () => void
}

/** Puts the steps together for one topology. Makes no connection: that happens with the first statement for a server. */
export function createEngine(topology: Topology, driver: Driver, options: EngineOptions = {}): Engine {
  const defaults = sessionDefaults(topology)
  const scopes = new Scopes()
  const pools = new Pools({
    ...options,
    driver: checkedDriver(connectOutside(scopes, driver), defaults.modes),
    databasesOf: namesOn(topology),
  })
  const databases = new LogicalDatabases(topology, driver, pools)
  return assemble(topology, driver, {
    pools,
    scopes,
    defaults,
    databases,
    copies: new CopyReadiness(systemClock),
    deadlines: new Deadlines(systemClock),
    traffic: new Traffic(systemClock),
  })
}

/**
 * An engine for another topology, on the same pools and scopes, and the servers that are not as they were. Throws
 * SHERD_RELOAD_REFUSED, and then nothing has changed.
 */
export function createNextEngine(
  topology: Topology,
  before: Engine,
): { readonly engine: Engine; readonly changed: readonly Server[] } {
  const { driver, pools, scopes, copies, deadlines, traffic } = before
  const defaults = sessionDefaults(topology)
  checkDefaults(before.defaults, defaults)
  const databases = new LogicalDatabases(topology, driver, pools, before.databases)
  const shared = { pools, scopes, copies, deadlines, traffic }
  const engine = assemble(topology, driver, { ...shared, defaults, databases })
  const changed = pools.follow(before.topology.servers, topology.servers, namesOn(topology))
  return { engine, changed }
}

function assemble(
  topology: Topology,
  driver: Driver,
  parts: Pick<Engine, 'pools' | 'scopes' | 'defaults' | 'databases' | 'copies' | 'deadlines' | 'traffic'>,
): Engine {
  const { pools, defaults } = parts
  const recovery = topology.transactions === 'xa' ? new XaRecovery(topology, pools, systemClock) : undefined
  return {
    ...parts,
    topology,
    driver,
    planner: new Planner(topology, defaults.modes),
    strategies: createStrategies(topology, driver, pools),
    transactions: chooseStrategy(topology, recovery),
    recovery,
  }
}

function namesOn(topology: Topology): (server: Server) => readonly string[] {
  return (server) => shardsOn(topology, server).map((shard) => shard.name)
}

/** Values are written into texts before a statement has an engine, and by the caller's own `escape`. */
function checkDefaults(before: SessionDefaults, after: SessionDefaults): void {
  if (JSON.stringify(before) === JSON.stringify(after)) return
  throw new SherdError('SHERD_RELOAD_REFUSED', {
    message:
      'The new config cannot take the place of the old one while statements run: sqlMode or timezone is another.',
  })
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
