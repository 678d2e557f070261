import type { Driver } from '../drivers/driver.ts'
import { loadMysqlDriver, type MysqlDriver } from '../drivers/mysql2.ts'
import { loadSqliteDriver } from '../drivers/sqlite.ts'
import { createEngine } from '../engine/create-engine.ts'
import { CurrentEngine } from '../engine/current-engine.ts'
import type { Topology } from '../topology/topology.ts'
import { connectionDefaults, readProfile } from './connection-profile.ts'
import { MysqlModule } from './mysql-module.ts'
import { MysqlPool } from './mysql-pool.ts'
import { Sherd } from './sherd.ts'
import type { SherdPool } from './sherd-pool.ts'
import { takeWhenChanged, type TopologySource, TopologyWatch } from './topology-watch.ts'

export interface SherdOptions {
  /**
   * How long statements and transactions of an older topology may go on after a reload before the connections that only they use are cut,
   * in milliseconds. Default 60,000. Too low cuts long transactions; too high keeps connections to servers that were taken away.
   */
  readonly drainTimeoutMs?: number
}

/**
 * Makes a sherd for a config, or for a function that gives one and is asked again when a primary is down or takes no writes. No
 * connection is made before the first statement, so that a server that is down at start disturbs only its own shards; with
 * `transactions: 'xa'` recovery looks at them in the background. SHERD_PEER_MISSING when the driver library is not installed.
 */
export async function createSherd(
  config: Topology | TopologySource,
  options: SherdOptions = {},
): Promise<Sherd> {
  const topology = typeof config === 'function' ? await config() : config
  const source = typeof config === 'function' ? config : undefined
  if (topology.dialect === 'mysql') return openOnMysql(topology, await loadMysqlDriver(), options, source)
  return new Sherd({
    ...open(topology, await loadSqliteDriver(), options, source),
    mysql: undefined,
    drainTimeoutMs: options.drainTimeoutMs,
  })
}

/** A sherd over a driver that is loaded already, at once. */
export function openOnMysql(
  topology: Topology,
  driver: MysqlDriver,
  options: SherdOptions = {},
  source?: TopologySource,
): Sherd {
  const opened = open(topology, driver, options, source)
  const { current } = opened
  // MysqlPool has mysql2's methods with wider types; test/orm and test/types hold that ORMs accept it.
  const door = { current, driver, connections: new Map() }
  const defaults = connectionDefaults(current.engine.topology)
  const pool = new MysqlPool({ ...door, profile: readProfile(defaults) }, () => sherd.close())
  const mysql = { pool: pool as unknown as SherdPool, module: new MysqlModule(door, defaults), defaults }
  const sherd: Sherd = new Sherd({ ...opened, mysql, drainTimeoutMs: options.drainTimeoutMs })
  current.engine.recovery?.start()
  return sherd
}

function open(
  topology: Topology,
  driver: Driver,
  { drainTimeoutMs }: SherdOptions,
  source: TopologySource | undefined,
): { readonly current: CurrentEngine; readonly watch: TopologyWatch | undefined } {
  const engine = createEngine(topology, driver, { onPrimaryTrouble: () => watch?.want() })
  const current = new CurrentEngine(engine)
  const watch =
    source === undefined
      ? undefined
      : new TopologyWatch(source, (found) => takeWhenChanged(current, found, drainTimeoutMs))
  return { current, watch }
}
