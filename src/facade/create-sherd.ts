import { loadMysqlDriver } from '../drivers/mysql2.ts'
import { loadSqliteDriver } from '../drivers/sqlite.ts'
import { createEngine } from '../engine/create-engine.ts'
import type { Topology } from '../topology/topology.ts'
import { MysqlPool } from './mysql-pool.ts'
import { Sherd } from './sherd.ts'
import type { SherdPool } from './sherd-pool.ts'

/**
 * Makes a sherd for a config. No connection is made before the first statement, so that a server that is
 * down at start disturbs only its own shards; with `transactions: 'xa'` recovery looks at them in the background. SHERD_PEER_MISSING when the driver library is not installed.
 */
export async function createSherd(config: Topology): Promise<Sherd> {
  if (config.dialect === 'sqlite') {
    return new Sherd(createEngine(config, await loadSqliteDriver()), undefined)
  }
  const driver = await loadMysqlDriver()
  const engine = createEngine(config, driver)
  // MysqlPool has mysql2's methods with wider types; test/orm and test/types hold that ORMs accept it.
  const pool = new MysqlPool({ engine, driver, connections: new Map() }, () =>
    sherd.close(),
  ) as unknown as SherdPool
  const sherd: Sherd = new Sherd(engine, pool)
  engine.recovery?.start()
  return sherd
}
