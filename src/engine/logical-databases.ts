import type { Driver } from '../drivers/driver.ts'
import { SherdError } from '../errors/sherd-error.ts'
import type { Pools } from '../pools/pools.ts'
import type { LogicalShard, Server, Topology } from '../topology/topology.ts'

type Callback = (error: unknown) => void

/**
 * Knows which logical databases are there. Each server is asked once, before the first statement for one of its
 * shards, so that a missing database is told by name and with its remedy instead of as "table not found".
 */
export class LogicalDatabases {
  readonly #topology: Topology
  readonly #driver: Driver
  readonly #pools: Pools
  readonly #present = new Set<LogicalShard>()

  constructor(topology: Topology, driver: Driver, pools: Pools) {
    this.#topology = topology
    this.#driver = driver
    this.#pools = pools
  }

  /** Calls back with SHERD_DATABASE_MISSING when the shard's database is not on its server. */
  require(shard: LogicalShard, callback: Callback): void {
    if (this.#present.has(shard)) return callback(null)
    this.#ask(shard.server, (error) => {
      if (error) return callback(error)
      callback(this.#present.has(shard) ? null : missingDatabase(shard))
    })
  }

  requireAll(shards: readonly LogicalShard[], callback: Callback, from = 0): void {
    const shard = shards[from]
    if (shard === undefined) return callback(null)
    this.require(shard, (error) => (error ? callback(error) : this.requireAll(shards, callback, from + 1)))
  }

  /** Creates the databases that are not there, on every server. */
  async create(): Promise<void> {
    for (const group of this.#topology.shardGroups.values()) {
      for (const server of group.servers) {
        const shards = group.shards.filter((shard) => shard.server === server)
        if (this.#driver.dialect === 'mysql') {
          await this.#run(
            server,
            shards.map((shard) => `CREATE DATABASE IF NOT EXISTS \`${shard.name}\` CHARACTER SET utf8mb4`),
          )
        }
        for (const shard of shards) this.#present.add(shard)
      }
    }
  }

  #run(server: Server, texts: readonly string[]): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#pools.primary(server).lease('', (error, lease) => {
        if (lease === undefined) return reject(error as Error)
        const step = (position: number): void => {
          const text = texts[position]
          if (text === undefined) {
            lease.release()
            return resolve()
          }
          lease.connection.run({ text, values: [], protocol: 'text' }, (failure, packet) => {
            if (failure) {
              lease.release()
              return reject(failure as Error)
            }
            const position_ = this.#driver.readWrite(packet)?.position
            if (position_ !== undefined) this.#pools.positions.note(server, position_)
            step(position + 1)
          })
        }
        step(0)
      })
    })
  }

  #ask(server: Server, callback: Callback): void {
    const shards = [...this.#topology.shardGroups.values()]
      .flatMap((group) => group.shards)
      .filter((shard) => shard.server === server)
    if (this.#driver.dialect === 'sqlite') {
      // An SQLite connection makes the files it attaches.
      for (const shard of shards) this.#present.add(shard)
      return callback(null)
    }
    this.#pools.primary(server).lease('', (error, lease) => {
      if (lease === undefined) return callback(error)
      lease.connection.run(
        { text: 'SELECT SCHEMA_NAME AS name FROM information_schema.SCHEMATA', values: [], protocol: 'text' },
        (failure, rows) => {
          lease.release()
          if (failure) return callback(failure)
          const names = new Set((rows as readonly { name: string }[]).map((row) => row.name))
          for (const shard of shards) if (names.has(shard.name)) this.#present.add(shard)
          callback(null)
        },
      )
    })
  }
}

function missingDatabase(shard: LogicalShard): SherdError {
  return new SherdError('SHERD_DATABASE_MISSING', {
    message: `The database ${shard.name} of shard group ${shard.group} is not on server ${shard.server.id}.`,
    details: { shard: shard.name, server: shard.server.id, shardGroup: shard.group },
  })
}
