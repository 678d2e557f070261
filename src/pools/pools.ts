import type { Driver } from '../drivers/driver.ts'
import type { Endpoint, Server } from '../topology/topology.ts'
import { type CancelTimer, type Clock, systemClock } from './clock.ts'
import { type EndpointPool, endpointKey, serverKey } from './endpoint-pool.ts'
import type { Position } from './gtid.ts'
import type { KnownWrites, ReadScope } from './read-scope.ts'
import { ReplicaPositions } from './replica-positions.ts'
import type { ReadLeaseCallback, ReplicaSet } from './replica-set.ts'
import type { Replica } from './replica.ts'
import type { PoolStats, ServerPool } from './server-pool.ts'
import { type ConnectionProfile, ServerPools } from './server-pools.ts'

const defaultProfile: ConnectionProfile = { name: '', library: {} }

export interface PoolsOptions {
  readonly driver: Driver
  /** Logical databases of a server, for SQLite to attach. Default: none. */
  readonly databasesOf?: (server: Server) => readonly string[]
  /** From 0 up to 1, for the choice `random`. Default: `Math.random`. */
  readonly chance?: () => number
  readonly clock?: Clock
  /** Called when a primary cannot be connected to, or says that it takes no writes. Default: nobody. */
  readonly onPrimaryTrouble?: () => void
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
  /** Of servers of later topologies. */
  readonly #databases = new WeakMap<Server, readonly string[]>()
  readonly #chance: () => number
  readonly #clock: Clock
  readonly #onPrimaryTrouble: () => void
  /** The servers of older topologies too: who still holds one finds its pools, or finds them closed. */
  readonly #servers = new WeakMap<Server, ServerPools>()
  readonly #profiles = new Map<string, WeakMap<Server, ServerPools>>()
  readonly #live = new Set<ServerPools>()
  #closing: Promise<void> | undefined

  constructor(options: PoolsOptions) {
    this.#driver = options.driver
    this.#databasesOf = options.databasesOf ?? (() => [])
    this.#chance = options.chance ?? Math.random
    this.#clock = options.clock ?? systemClock
    this.#onPrimaryTrouble = options.onPrimaryTrouble ?? (() => undefined)
    this.positions = new ReplicaPositions((server, endpoint, callback) => {
      this.#poolsOf(server, defaultProfile).askPosition(endpoint, callback)
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
    profile: ConnectionProfile = defaultProfile,
  ): void {
    this.#poolsOf(server, profile).replicas.lease(settings, scope, callback, tried)
  }

  /** What this process wrote on `servers`, as far as it is known. */
  writes(servers: readonly Server[]): KnownWrites {
    const positions = new Map<string, Position | 'unknown'>()
    for (const server of servers) {
      const { needed, unknownWrites } = this.positions.of(server)
      if (unknownWrites > 0) positions.set(server.id, 'unknown')
      else if (needed !== undefined) positions.set(server.id, needed)
    }
    return { positions, isComplete: true, servers }
  }

  stats(): PoolStats[] {
    return this.#all().map((pool) => pool.stats())
  }

  /** One for each replica that was used. */
  replicaStats(): ReplicaStats[] {
    return [...this.#live].flatMap(({ replicas }) =>
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

  /**
   * Takes in the servers of a new topology. One that is the same keeps its pools and all that is known of it; of another, endpoints
   * that are the same keep their connections. Gives those that are not wholly the same. Nothing is closed, see `keepOnly`.
   */
  follow(
    before: readonly Server[],
    servers: readonly Server[],
    databasesOf: (server: Server) => readonly string[],
  ): readonly Server[] {
    // Also those that were not used yet: a statement of the older topology may be just about to.
    for (const server of before) this.#poolsOf(server, defaultProfile)
    const known = [...this.#live].filter(({ key }) => key !== undefined)
    const free = new Set(known.flatMap(({ endpoints }) => endpoints))
    const changed: Server[] = []
    for (const server of servers) {
      const databases = databasesOf(server)
      this.#databases.set(server, databases)
      const key = serverKey(server, databases)
      const same = known.find((pools) => pools.key === key)
      if (same === undefined) changed.push(server)
      else {
        this.positions.carry(same.server, server)
        same.follow(server)
        this.#servers.set(server, same)
        for (const endpoint of same.endpoints) free.delete(endpoint)
      }
    }
    for (const server of changed) {
      this.#servers.delete(server)
      this.positions.reset(server)
      const endpoints = [server.primary, ...server.replicas]
      const taken = endpoints.map((endpoint) => this.#takeSame(server, endpoint, free))
      if (taken.some((pool) => pool !== undefined))
        this.#add(server, this.#makePools(server, defaultProfile, taken))
    }
    return changed
  }

  /**
   * Closes what none of `servers` uses, see ServerPool.close. Connections that are lent are waited for, and cut after `timeoutMs`.
   */
  keepOnly(servers: readonly Server[], timeoutMs: number): void {
    const kept = new Set(servers.map((server) => this.#servers.get(server)))
    const keptEndpoints = new Set([...kept].flatMap((pools) => pools?.endpoints ?? []))
    for (const pools of this.#live) {
      if (kept.has(pools) || (pools.key === undefined && servers.includes(pools.server))) continue
      this.#live.delete(pools)
      pools.stop()
      if (pools.key !== undefined) this.positions.forget(pools.server)
      for (const endpoint of pools.endpoints)
        if (!keptEndpoints.has(endpoint)) void endpoint.pool.close({ timeoutMs })
    }
  }

  async #closeAll(options: { readonly timeoutMs?: number }): Promise<void> {
    this.positions.stop()
    for (const pools of this.#live) pools.stop()
    await Promise.all(this.#all().map((pool) => pool.close(options)))
  }

  /** Each once, though two topologies may share it. */
  #all(): ServerPool[] {
    const endpoints = new Set([...this.#live].flatMap((pools) => pools.endpoints))
    return [...endpoints].map(({ pool }) => pool)
  }

  #poolsOf(server: Server, profile: ConnectionProfile): ServerPools {
    if (profile.name !== '') return this.#poolsOfProfile(server, profile)
    return this.#servers.get(server) ?? this.#add(server, this.#makePools(server, profile))
  }

  #poolsOfProfile(server: Server, profile: ConnectionProfile): ServerPools {
    const servers = this.#profiles.get(profile.name) ?? new WeakMap<Server, ServerPools>()
    this.#profiles.set(profile.name, servers)
    return servers.get(server) ?? this.#add(server, this.#makePools(server, profile), servers)
  }

  #add(server: Server, made: ServerPools, servers = this.#servers): ServerPools {
    servers.set(server, made)
    this.#live.add(made)
    if (this.#closing !== undefined) for (const pool of this.#all()) void pool.close()
    return made
  }

  /** The pool of an endpoint that is the same; of several, the one that was called the same. */
  #takeSame(server: Server, endpoint: Endpoint, free: Set<EndpointPool>): EndpointPool | undefined {
    const key = endpointKey(endpoint, this.#databasesFor(server))
    const same = [...free].filter((one) => one.key === key)
    const found = same.find(({ pool }) => pool.endpoint.id === endpoint.id) ?? same[0]
    if (found === undefined) return undefined
    free.delete(found)
    found.pool.rename(endpoint)
    return found
  }

  #databasesFor(server: Server): readonly string[] {
    return this.#databases.get(server) ?? this.#databasesOf(server)
  }

  /** `taken` are pools that serve on, in the order of primary and replicas. */
  #makePools(
    server: Server,
    profile: ConnectionProfile,
    taken: readonly (EndpointPool | undefined)[] = [],
  ): ServerPools {
    return new ServerPools({
      server,
      databases: this.#databasesFor(server),
      profile,
      driver: this.#driver,
      clock: this.#clock,
      chance: this.#chance,
      positions: this.positions.of(server),
      taken,
      onPrimaryTrouble: this.#onPrimaryTrouble,
    })
  }
}
