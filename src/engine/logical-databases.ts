import type { Driver, ResultCallback } from '../drivers/driver.ts'
import { SherdError } from '../errors/sherd-error.ts'
import type { LeaseGuard } from '../pools/lease-guard.ts'
import type { Pools } from '../pools/pools.ts'
import { shardsOn } from '../topology/find-shard.ts'
import type { LogicalShard, Server, Topology } from '../topology/topology.ts'
import { runOnPrimary } from './run-on-primary.ts'

type Callback = (error: unknown) => void

const listDatabases = 'SELECT SCHEMA_NAME AS name FROM information_schema.SCHEMATA'

/**
 * Knows which logical databases are there. Each server is asked once, before the first statement for one of its
 * shards, so that a missing database is told by name and with its remedy instead of as "table not found".
 */
export class LogicalDatabases {
  readonly #topology: Topology
  readonly #driver: Driver
  readonly #pools: Pools
  readonly #present = new Set<LogicalShard>()

  /** What `before` has seen at the same address is there still, and its primary need not be up to say so again. */
  constructor(topology: Topology, driver: Driver, pools: Pools, before?: LogicalDatabases) {
    this.#topology = topology
    this.#driver = driver
    this.#pools = pools
    if (before === undefined) return
    for (const group of topology.shardGroups.values())
      for (const shard of group.shards) if (before.#hasSeen(shard)) this.#present.add(shard)
  }

  /** Calls back with SHERD_DATABASE_MISSING when the shard's database is not on its server. */
  require(shard: LogicalShard, callback: Callback, guard?: LeaseGuard): void {
    if (this.#present.has(shard)) return callback(null)
    const answer: Callback = (error) => {
      if (error) return callback(error)
      callback(this.#present.has(shard) ? null : missingDatabase(shard))
    }
    this.#ask(shard.server, answer, guard)
  }

  requireAll(shards: readonly LogicalShard[], callback: Callback, guard?: LeaseGuard): void {
    const shard = shards.find((one) => !this.#present.has(one))
    if (shard === undefined) return callback(null)
    const next: Callback = (error) => (error ? callback(error) : this.requireAll(shards, callback, guard))
    this.require(shard, next, guard)
  }

  /** Creates the databases that are not there, on every server. SQLite makes its files when it attaches them. */
  async create(): Promise<void> {
    for (const server of this.#topology.servers) {
      for (const shard of shardsOn(this.#topology, server)) {
        if (this.#driver.dialect === 'mysql') await this.#createDatabase(shard)
        this.#present.add(shard)
      }
    }
  }

  #hasSeen({ group, index, server }: LogicalShard): boolean {
    const shard = this.#topology.shardGroups.get(group)?.shards[index]
    if (shard === undefined || shard.server.primary.address !== server.primary.address) return false
    return this.#present.has(shard)
  }

  #createDatabase({ name, server }: LogicalShard): Promise<void> {
    const text = `CREATE DATABASE IF NOT EXISTS \`${name}\` CHARACTER SET utf8mb4`
    return new Promise((resolve, reject) => {
      runOnPrimary(this.#pools, server, text, [], (error, packet) => {
        if (error) return reject(error as Error)
        const position = this.#driver.readWrite(packet)?.position
        if (position !== undefined) this.#pools.positions.note(server, position)
        resolve()
      })
    })
  }

  #ask(server: Server, callback: Callback, guard: LeaseGuard | undefined): void {
    if (this.#driver.dialect === 'sqlite') {
      for (const shard of shardsOn(this.#topology, server)) this.#present.add(shard)
      return callback(null)
    }
    const note: ResultCallback = (error, rows) => {
      if (error) return callback(error)
      // The one column of the query above.
      const names = new Set((rows as readonly { readonly name: string }[]).map((row) => row.name))
      for (const shard of shardsOn(this.#topology, server))
        if (names.has(shard.name)) this.#present.add(shard)
      callback(null)
    }
    runOnPrimary(this.#pools, server, listDatabases, [], note, guard)
  }
}

function missingDatabase(shard: LogicalShard): SherdError {
  return new SherdError('SHERD_DATABASE_MISSING', {
    message: `The database ${shard.name} of shard group ${shard.group} is not on server ${shard.server.id}.`,
    details: { shard: shard.name, server: shard.server.id, shardGroup: shard.group },
  })
}
