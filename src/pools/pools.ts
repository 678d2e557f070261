import type { Driver } from '../drivers/driver.ts'
import { SherdError } from '../errors/sherd-error.ts'
import type { Endpoint, Server } from '../topology/topology.ts'
import { type Clock, systemClock } from './clock.ts'
import { type ReplicaChoice, roundRobin } from './replica-choice.ts'
import { ReplicaHealth } from './replica-health.ts'
import { ReplicaPositions } from './replica-positions.ts'
import { type LeaseCallback, type PoolStats, ServerPool } from './server-pool.ts'

/** Options of the library that hold for a whole connection, under a name; connections of two profiles never mix. */
export interface ConnectionProfile {
  readonly name: string
  readonly library: object
}

const defaultProfile: ConnectionProfile = { name: '', library: {} }

export interface PoolsOptions {
  readonly driver: Driver
  /** Logical databases of a server, for SQLite to attach. Default: none. */
  readonly databasesOf?: (server: Server) => readonly string[]
  /** Makes the choice of one server. Default: `roundRobin`. */
  readonly makeReplicaChoice?: () => ReplicaChoice
  readonly clock?: Clock
}

interface Replica {
  readonly endpoint: Endpoint
  readonly pool: ServerPool
  readonly health: ReplicaHealth
}

interface ServerPools {
  readonly primary: ServerPool
  readonly replicas: readonly Replica[]
  readonly choose: ReplicaChoice
}

/** All connections of a process: one pool for each endpoint and profile, made when first used. */
export class Pools {
  /** How far the replicas are; the engine notes each write here. */
  readonly positions: ReplicaPositions
  readonly #driver: Driver
  readonly #databasesOf: (server: Server) => readonly string[]
  readonly #makeReplicaChoice: () => ReplicaChoice
  readonly #clock: Clock
  readonly #servers = new Map<string, ServerPools>()
  #closing: Promise<void> | undefined

  constructor(options: PoolsOptions) {
    this.#driver = options.driver
    this.#databasesOf = options.databasesOf ?? (() => [])
    this.#makeReplicaChoice = options.makeReplicaChoice ?? roundRobin
    this.#clock = options.clock ?? systemClock
    this.positions = new ReplicaPositions((server, endpoint, callback) => {
      const pool = this.#poolOf(server, endpoint)
      if (pool === undefined) return callback(undefined)
      pool.lease('', (_error, lease) => {
        if (lease === undefined) return callback(undefined)
        const ask = endpoint.role === 'primary' ? this.#driver.readPosition : this.#driver.readReplicaPosition
        ask(lease.connection, (position) => {
          lease.release()
          callback(position)
        })
      })
    }, this.#clock)
  }

  primary(server: Server, profile: ConnectionProfile = defaultProfile): ServerPool {
    return this.#poolsOf(server, profile).primary
  }

  /**
   * The pool for a read: a replica that is well and has what this process wrote (or is at `position`,
   * when given), else the primary. `tried` are pools that have failed the same read already.
   */
  forRead(
    server: Server,
    options: {
      readonly position?: string
      readonly tried?: readonly ServerPool[]
      readonly profile?: ConnectionProfile
    } = {},
  ): ServerPool {
    const { primary, replicas, choose } = this.#poolsOf(server, options.profile ?? defaultProfile)
    const { position, tried } = options
    const candidates: ServerPool[] = []
    for (const { endpoint, pool, health } of replicas) {
      if (health.isEjected || tried?.includes(pool) === true) continue
      const isFarEnough =
        position === undefined
          ? this.positions.isCurrent(server, endpoint)
          : this.positions.hasReached(server, endpoint, position)
      if (isFarEnough) candidates.push(pool)
    }
    return choose(candidates) ?? primary
  }

  /**
   * Leases a connection for a read. While the primary is up, no read fails because a replica is not:
   * when a replica gives no connection the next one is tried, and the primary last.
   */
  leaseForRead(server: Server, settings: string, callback: LeaseCallback, profile?: ConnectionProfile): void {
    const withProfile = profile === undefined ? {} : { profile }
    const attempt = (pool: ServerPool, tried: readonly ServerPool[]): void =>
      pool.lease(settings, (error, lease) => {
        if (lease !== undefined) return callback(null, lease)
        if (pool.endpoint.role === 'primary' || isClosed(error)) return callback(error)
        const failed = [...tried, pool]
        attempt(this.forRead(server, { tried: failed, ...withProfile }), failed)
      })
    attempt(this.forRead(server, withProfile), [])
  }

  stats(): PoolStats[] {
    return this.#all().map((pool) => pool.stats())
  }

  /** Closes every pool, see ServerPool.close. Afterwards a lease fails with SHERD_POOL_CLOSED. */
  close(options: { readonly timeoutMs?: number } = {}): Promise<void> {
    this.#closing ??= this.#closeAll(options)
    return this.#closing
  }

  async #closeAll(options: { readonly timeoutMs?: number }): Promise<void> {
    this.positions.stop()
    for (const { replicas } of this.#servers.values()) for (const { health } of replicas) health.stop()
    await Promise.all(this.#all().map((pool) => pool.close(options)))
  }

  #all(): ServerPool[] {
    return [...this.#servers.values()].flatMap(({ primary, replicas }) => [
      primary,
      ...replicas.map(({ pool }) => pool),
    ])
  }

  #poolsOf(server: Server, profile: ConnectionProfile): ServerPools {
    const key = profile.name === '' ? server.id : `${server.id}\n${profile.name}`
    const known = this.#servers.get(key)
    if (known !== undefined) return known
    const made: ServerPools = {
      primary: this.#makePool(server, server.primary, profile, () => undefined),
      replicas: server.replicas.map((endpoint) => this.#makeReplica(server, endpoint, profile)),
      choose: this.#makeReplicaChoice(),
    }
    this.#servers.set(key, made)
    if (this.#closing !== undefined) for (const pool of this.#all()) void pool.close()
    return made
  }

  #makeReplica(server: Server, endpoint: Endpoint, profile: ConnectionProfile): Replica {
    const pool = this.#makePool(server, endpoint, profile, (isWell) => health.record(isWell))
    const health = new ReplicaHealth(this.#clock, (callback) => {
      pool.lease('', (_error, lease) => {
        lease?.release()
        callback(lease !== undefined)
      })
    })
    return { endpoint, pool, health }
  }

  #makePool(
    server: Server,
    endpoint: Endpoint,
    profile: ConnectionProfile,
    record: (isWell: boolean) => void,
  ): ServerPool {
    return new ServerPool({
      endpoint,
      driver: this.#driver,
      connect: { databases: this.#databasesOf(server), library: profile.library },
      clock: this.#clock,
      onConnect: (error) => record(error === null),
    })
  }

  #poolOf(server: Server, endpoint: Endpoint): ServerPool | undefined {
    if (this.#closing !== undefined) return undefined
    const { primary, replicas } = this.#poolsOf(server, defaultProfile)
    if (endpoint === server.primary) return primary
    return replicas.find((replica) => replica.endpoint === endpoint)?.pool
  }
}

function isClosed(error: unknown): boolean {
  return error instanceof SherdError && error.code === 'SHERD_POOL_CLOSED'
}
