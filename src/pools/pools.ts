import type { Driver, DriverConnection } from '../drivers/driver.ts'
import type { Endpoint, Server } from '../topology/topology.ts'
import { events } from '../observe/events.ts'
import { type CancelTimer, type Clock, systemClock } from './clock.ts'
import { formatPosition, parsePosition, type Position } from './gtid.ts'
import { HangWatch } from './hang-watch.ts'
import { type KnownWrites, type ReadScope } from './read-scope.ts'
import { Replica } from './replica.ts'
import { type ReportChange, ReplicaHealth } from './replica-health.ts'
import { LagWatch, ReplicaLag } from './replica-lag.ts'
import { type ReplicaPosition } from './replica-position.ts'
import { ReplicaPositions } from './replica-positions.ts'
import { type ReadLeaseCallback, ReplicaSet } from './replica-set.ts'
import { ReplicaWait } from './replica-wait.ts'
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
  /** From 0 up to 1, for the choice `random`. Default: `Math.random`. */
  readonly chance?: () => number
  readonly clock?: Clock
}

interface ServerPools {
  readonly primary: ServerPool
  readonly replicas: ReplicaSet
  readonly lagWatch: LagWatch | undefined
}

/** How a replica is, as `sherd.stats()` tells it. */
export interface ReplicaStats {
  readonly endpoint: string
  /** It gave no connection or no answer, and is probed until it does. */
  readonly isEjected: boolean
  /** Milliseconds it is behind its primary, at most; absent when that is not measured or not known yet. */
  readonly lagMs?: number
}

/** All connections of a process: one pool for each endpoint and profile, made when first used. */
export class Pools {
  /** How far the replicas are; the engine notes each write here. */
  readonly positions: ReplicaPositions
  readonly #driver: Driver
  readonly #databasesOf: (server: Server) => readonly string[]
  readonly #chance: () => number
  readonly #clock: Clock
  readonly #servers = new Map<string, ServerPools>()
  #closing: Promise<void> | undefined

  constructor(options: PoolsOptions) {
    this.#driver = options.driver
    this.#databasesOf = options.databasesOf ?? (() => [])
    this.#chance = options.chance ?? Math.random
    this.#clock = options.clock ?? systemClock
    this.positions = new ReplicaPositions((server, endpoint, callback) => {
      this.#askPosition(server, endpoint, callback)
    }, this.#clock)
  }

  primary(server: Server, profile: ConnectionProfile = defaultProfile): ServerPool {
    return this.#poolsOf(server, profile).primary
  }

  /** The replicas of a server, from which reads lease. */
  replicas(server: Server, profile: ConnectionProfile = defaultProfile): ReplicaSet {
    return this.#poolsOf(server, profile).replicas
  }

  /** Leases a connection for a read, see ReplicaSet.lease. `tried` have failed the same read already. */
  leaseForRead(
    server: Server,
    settings: string,
    scope: ReadScope | undefined,
    callback: ReadLeaseCallback,
    tried?: readonly Replica[],
  ): void {
    this.#poolsOf(server, defaultProfile).replicas.lease(settings, scope, callback, tried)
  }

  /** What this process wrote on `servers`, as far as it is known. */
  writes(servers: readonly Server[]): KnownWrites {
    const positions = new Map<string, Position | 'unknown'>()
    for (const server of servers) {
      const { needed, unknownWrites } = this.positions.of(server)
      if (unknownWrites > 0) positions.set(server.id, 'unknown')
      else if (needed !== undefined) positions.set(server.id, needed)
    }
    return { positions, isComplete: true }
  }

  stats(): PoolStats[] {
    return this.#all().map((pool) => pool.stats())
  }

  /** One for each replica that was used. */
  replicaStats(): ReplicaStats[] {
    return [...this.#servers.values()].flatMap(({ replicas }) =>
      replicas.replicas.map(({ endpoint, health, lag }) => ({
        endpoint: endpoint.id,
        isEjected: health.isEjected,
        ...(lag?.lagMs === undefined ? {} : { lagMs: lag.lagMs }),
      })),
    )
  }

  /** The pool of every endpoint of these servers, made now where it was not used yet. */
  of(servers: readonly Server[]): ServerPool[] {
    return servers.flatMap((server) => {
      const { primary, replicas } = this.#poolsOf(server, defaultProfile)
      return [primary, ...replicas.replicas.map(({ pool }) => pool)]
    })
  }

  /** Resolves once no connection is lent, or after `timeoutMs`. */
  async whenAtRest(timeoutMs: number): Promise<void> {
    let cancel: CancelTimer = () => undefined
    const timeIsUp = new Promise<'up'>((resolve) => {
      cancel = this.#clock.setTimer(() => resolve('up'), timeoutMs, 'foreground')
    })
    for (let busy = this.#busy(); busy.length > 0; busy = this.#busy()) {
      const rest = Promise.all(busy.map((pool) => pool.whenAtRest()))
      if ((await Promise.race([rest, timeIsUp])) === 'up') break
    }
    cancel()
  }

  #busy(): ServerPool[] {
    return this.#all().filter((pool) => pool.stats().inUse > 0)
  }

  /** Closes every pool, see ServerPool.close. Afterwards a lease fails with SHERD_POOL_CLOSED. */
  close(options: { readonly timeoutMs?: number } = {}): Promise<void> {
    this.#closing ??= this.#closeAll(options)
    return this.#closing
  }

  async #closeAll(options: { readonly timeoutMs?: number }): Promise<void> {
    this.positions.stop()
    for (const { replicas, lagWatch } of this.#servers.values()) {
      lagWatch?.stop()
      for (const replica of replicas.replicas) replica.stop()
    }
    await Promise.all(this.#all().map((pool) => pool.close(options)))
  }

  #all(): ServerPool[] {
    return [...this.#servers.values()].flatMap(({ primary, replicas }) => [
      primary,
      ...replicas.replicas.map(({ pool }) => pool),
    ])
  }

  #poolsOf(server: Server, profile: ConnectionProfile): ServerPools {
    const key = profile.name === '' ? server.id : `${server.id}\n${profile.name}`
    const known = this.#servers.get(key)
    if (known !== undefined) return known
    const made = this.#makePools(server, profile)
    this.#servers.set(key, made)
    if (this.#closing !== undefined) for (const pool of this.#all()) void pool.close()
    return made
  }

  #makePools(server: Server, profile: ConnectionProfile): ServerPools {
    const primary = this.#makePool(server, server.primary, profile, () => undefined)
    const positions = this.positions.of(server)
    const replicas: Replica[] = []
    for (const endpoint of server.replicas) {
      const position = positions.replicas.get(endpoint.id)
      if (position !== undefined) replicas.push(this.#makeReplica(server, endpoint, profile, position))
    }
    const lagWatch = this.#makeLagWatch(server, replicas)
    const parts = { server, primary, replicas, positions, lagWatch, chance: this.#chance }
    return { primary, replicas: new ReplicaSet(parts), lagWatch }
  }

  #makeReplica(
    server: Server,
    endpoint: Endpoint,
    profile: ConnectionProfile,
    position: ReplicaPosition,
  ): Replica {
    const clock = this.#clock
    const report: ReportChange = (state, reason) =>
      events.replica.publish({ server: server.id, endpoint: endpoint.id, state, reason })
    const pool = this.#makePool(server, endpoint, profile, (connection) => {
      health.record(connection !== undefined)
      const { position: reached = '' } = connection?.facts ?? {}
      if (connection !== undefined) position.reset(parsePosition(reached))
    })
    const health = new ReplicaHealth(
      clock,
      (callback) => {
        pool.lease('', (_error, lease) => {
          lease?.release()
          callback(lease !== undefined)
        })
      },
      report,
    )
    const watch = new HangWatch({
      pool,
      driver: this.#driver,
      clock,
      timeoutMs: server.reads.replicaTimeoutMs,
      onHang: () => health.record(false, 'timeout'),
    })
    const wait = new ReplicaWait(
      position,
      (needed, timeoutMs, callback) => {
        this.#askToWait(replica, needed, timeoutMs, callback)
      },
      clock,
    )
    const askOne = (callback: (found: Position | undefined) => void): void =>
      this.#askPosition(server, endpoint, (text) =>
        callback(text === undefined ? undefined : parsePosition(text)),
      )
    const lag = server.reads.maxLagMs === undefined ? undefined : new ReplicaLag(position, askOne, report)
    const replica = new Replica({ endpoint, pool, health, position, wait, watch, lag })
    return replica
  }

  #makeLagWatch(server: Server, replicas: readonly Replica[]): LagWatch | undefined {
    const { maxLagMs } = server.reads
    if (maxLagMs === undefined) return undefined
    const lags = replicas.map(({ lag }) => lag).filter((lag) => lag !== undefined)
    const askPrimary = (callback: (position: Position | undefined) => void): void =>
      this.#askPosition(server, server.primary, (text) =>
        callback(text === undefined ? undefined : parsePosition(text)),
      )
    return new LagWatch(this.#clock, maxLagMs, askPrimary, lags)
  }

  #makePool(
    server: Server,
    endpoint: Endpoint,
    profile: ConnectionProfile,
    record: (connection: DriverConnection | undefined) => void,
  ): ServerPool {
    return new ServerPool({
      endpoint,
      driver: this.#driver,
      connect: { databases: this.#databasesOf(server), library: profile.library },
      clock: this.#clock,
      onConnect: (_error, connection) => record(connection),
    })
  }

  #askPosition(server: Server, endpoint: Endpoint, callback: (text: string | undefined) => void): void {
    if (this.#closing !== undefined) return callback(undefined)
    const { primary, replicas } = this.#poolsOf(server, defaultProfile)
    const replica = replicas.replicas.find((one) => one.endpoint === endpoint)
    // Only its probes call on a replica that is down, each time after a longer pause.
    if (replica?.health.isEjected === true) return callback(undefined)
    const ask = replica === undefined ? this.#driver.readPosition : this.#driver.readReplicaPosition
    const use: LeaseCallback = (_error, lease) => {
      if (lease === undefined) return callback(undefined)
      ask(lease.connection, (position) => {
        lease.release()
        callback(position)
      })
    }
    if (replica === undefined) primary.lease('', use)
    else replica.lease('', use)
  }

  #askToWait(
    replica: Replica,
    needed: Position,
    timeoutMs: number,
    callback: (isReached: boolean) => void,
  ): void {
    replica.lease('', (_error, lease) => {
      if (lease === undefined) return callback(false)
      this.#driver.waitForPosition(lease.connection, formatPosition(needed), timeoutMs, (isReached) => {
        lease.release()
        callback(isReached)
      })
    })
  }
}
