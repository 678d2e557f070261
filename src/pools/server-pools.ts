import type { Driver, PositionCallback } from '../drivers/driver.ts'
import { events } from '../observe/events.ts'
import type { Endpoint, Server } from '../topology/topology.ts'
import type { Clock } from './clock.ts'
import { EndpointPool, serverKey } from './endpoint-pool.ts'
import { formatPosition, parsePosition, type Position } from './gtid.ts'
import { HangWatch } from './hang-watch.ts'
import { Replica } from './replica.ts'
import { type Probe, ReplicaHealth, type ReportChange } from './replica-health.ts'
import { LagWatch, ReplicaLag } from './replica-lag.ts'
import type { ReplicaPosition } from './replica-position.ts'
import type { ServerPositions } from './replica-positions.ts'
import { ReplicaSet } from './replica-set.ts'
import { ReplicaWait } from './replica-wait.ts'
import type { LeaseCallback, ServerPool } from './server-pool.ts'

/** Options of the library that hold for a whole connection, under a name; connections of two profiles never mix. */
export interface ConnectionProfile {
  readonly name: string
  readonly library: object
}

export interface ServerPoolsParts {
  readonly server: Server
  /** Logical databases of the server. */
  readonly databases: readonly string[]
  readonly profile: ConnectionProfile
  readonly driver: Driver
  readonly clock: Clock
  readonly chance: () => number
  readonly positions: ServerPositions
  /** Pools of an older topology that serve on, in the order of primary and replicas. */
  readonly taken: readonly (EndpointPool | undefined)[]
  readonly onPrimaryTrouble: () => void
}

/** The pools of one server with what is known of its replicas, for as long as any topology has it unchanged. */
export class ServerPools {
  /** Equal for servers of which all that is known stays true. Absent: of a profile, not handed over to other topologies. */
  readonly key: string | undefined
  readonly endpoints: readonly EndpointPool[]
  readonly primary: ServerPool
  readonly replicas: ReplicaSet
  readonly #parts: ServerPoolsParts
  readonly #lagWatch: LagWatch | undefined
  readonly #stopListening: (() => void)[] = []
  #server: Server
  #isStopped = false

  constructor(parts: ServerPoolsParts) {
    const { server, databases, profile, positions, taken } = parts
    this.#parts = parts
    this.#server = server
    this.key = profile.name === '' ? serverKey(server, databases) : undefined
    const primary = taken[0] ?? this.#makePool(server.primary)
    const endpoints = [primary]
    const replicas: Replica[] = []
    for (const [index, endpoint] of server.replicas.entries()) {
      const position = positions.replicas.get(endpoint.id)
      if (position === undefined) continue
      const own = taken[index + 1] ?? this.#makePool(endpoint)
      endpoints.push(own)
      const replica = this.#makeReplica(endpoint, own, position)
      this.#listen(own, replica)
      replicas.push(replica)
    }
    this.endpoints = endpoints
    this.primary = primary.pool
    this.#lagWatch = this.#makeLagWatch(replicas)
    const { chance } = parts
    const set = { server, primary: primary.pool, replicas, positions, lagWatch: this.#lagWatch, chance }
    this.replicas = new ReplicaSet(set)
  }

  /** As the newest topology has it. */
  get server(): Server {
    return this.#server
  }

  /** The same server, as a new topology has it. */
  follow(server: Server): void {
    this.#server = server
    this.replicas.follow(server)
  }

  /** Asks no more. The pools stay open. */
  stop(): void {
    this.#isStopped = true
    this.#lagWatch?.stop()
    for (const replica of this.replicas.replicas) replica.stop()
    for (const stop of this.#stopListening) stop()
  }

  /** How far the primary or a replica is; `undefined` when it does not tell. */
  askPosition(endpoint: Endpoint, callback: PositionCallback): void {
    if (this.#isStopped) return callback(undefined)
    const { driver } = this.#parts
    const replica = this.replicas.replicas.find((one) => one.endpoint.id === endpoint.id)
    // Only its probes call on a replica that is down, each time after a longer pause.
    if (replica?.health.isEjected === true) return callback(undefined)
    const ask = replica === undefined ? driver.readPosition : driver.readReplicaPosition
    const use: LeaseCallback = (_error, lease) => {
      if (lease === undefined) return callback(undefined)
      ask(lease.connection, (position) => {
        lease.release()
        callback(position)
      })
    }
    if (replica === undefined) this.primary.lease('', use)
    else replica.lease('', use)
  }

  #makePool(endpoint: Endpoint): EndpointPool {
    const { driver, databases, profile, clock, onPrimaryTrouble } = this.#parts
    return new EndpointPool({
      endpoint,
      driver,
      connect: { databases, library: profile.library },
      clock,
      onTrouble: ({ role }) => {
        if (role === 'primary') onPrimaryTrouble()
      },
    })
  }

  #makeReplica(endpoint: Endpoint, { pool }: EndpointPool, position: ReplicaPosition): Replica {
    const { clock, driver, server } = this.#parts
    const { replicaTimeoutMs, maxLagMs } = server.reads
    const report: ReportChange = (state, reason) =>
      events.replica.publish({ server: this.#server.id, endpoint: pool.endpoint.id, state, reason })
    const probe: Probe = (callback) => {
      pool.lease('', (_error, lease) => {
        lease?.release()
        callback(lease !== undefined)
      })
    }
    const health = new ReplicaHealth(clock, probe, report)
    const onHang = (): void => health.record(false, 'timeout')
    const watch = new HangWatch({ pool, driver, clock, timeoutMs: replicaTimeoutMs, onHang })
    const wait = new ReplicaWait(
      position,
      (needed, timeoutMs, callback) => {
        this.#askToWait(replica, needed, timeoutMs, callback)
      },
      clock,
    )
    const lag =
      maxLagMs === undefined
        ? undefined
        : new ReplicaLag(position, (callback) => this.#askParsed(endpoint, callback), report)
    const replica = new Replica({ endpoint, pool, health, position, wait, watch, lag })
    return replica
  }

  /** What connections that are made tell of a replica. */
  #listen(own: EndpointPool, { health, position }: Replica): void {
    const stop = own.listen((_error, connection) => {
      health.record(connection !== undefined)
      const { position: reached = '' } = connection?.facts ?? {}
      if (connection !== undefined) position.reset(parsePosition(reached))
    })
    this.#stopListening.push(stop)
  }

  #makeLagWatch(replicas: readonly Replica[]): LagWatch | undefined {
    const { clock, server } = this.#parts
    const { maxLagMs } = server.reads
    if (maxLagMs === undefined) return undefined
    const lags = replicas.map(({ lag }) => lag).filter((lag) => lag !== undefined)
    return new LagWatch(clock, maxLagMs, (callback) => this.#askParsed(server.primary, callback), lags)
  }

  #askParsed(endpoint: Endpoint, callback: (position: Position | undefined) => void): void {
    this.askPosition(endpoint, (text) => callback(text === undefined ? undefined : parsePosition(text)))
  }

  #askToWait(
    replica: Replica,
    needed: Position,
    timeoutMs: number,
    callback: (isReached: boolean) => void,
  ): void {
    replica.lease('', (_error, lease) => {
      if (lease === undefined) return callback(false)
      this.#parts.driver.waitForPosition(lease.connection, formatPosition(needed), timeoutMs, (isReached) => {
        lease.release()
        callback(isReached)
      })
    })
  }
}
