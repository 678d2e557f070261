import type { Endpoint } from '../topology/topology.ts'
import type { HangWatch } from './hang-watch.ts'
import type { LeaseGuard } from './lease-guard.ts'
import type { ReplicaHealth } from './replica-health.ts'
import type { ReplicaLag } from './replica-lag.ts'
import type { ReplicaPosition } from './replica-position.ts'
import type { ReplicaWait } from './replica-wait.ts'
import type { LeaseCallback, ServerPool } from './server-pool.ts'

export interface ReplicaParts {
  readonly endpoint: Endpoint
  readonly pool: ServerPool
  readonly health: ReplicaHealth
  readonly position: ReplicaPosition
  readonly wait: ReplicaWait
  readonly watch: HangWatch
  /** Absent: lag is not measured. */
  readonly lag: ReplicaLag | undefined
}

/** A replica with all that is known of it. */
export class Replica {
  readonly endpoint: Endpoint
  readonly weight: number
  readonly pool: ServerPool
  readonly health: ReplicaHealth
  readonly position: ReplicaPosition
  readonly wait: ReplicaWait
  readonly lag: ReplicaLag | undefined
  readonly #watch: HangWatch

  constructor(parts: ReplicaParts) {
    this.endpoint = parts.endpoint
    this.weight = parts.endpoint.weight ?? 1
    this.pool = parts.pool
    this.health = parts.health
    this.position = parts.position
    this.wait = parts.wait
    this.lag = parts.lag
    this.#watch = parts.watch
  }

  get load(): number {
    return this.pool.load
  }

  /** It answers, and is not known to be too far behind. */
  get isUp(): boolean {
    return (
      !this.health.isEjected &&
      (this.lag === undefined || this.lag.lagMs === undefined || this.lag.isWithinLimit)
    )
  }

  /** It may be chosen: it answers, and where lag is limited, it is known to be within the limit. */
  get isReadable(): boolean {
    return !this.health.isEjected && (this.lag === undefined || this.lag.isWithinLimit)
  }

  /** A connection whose statement is looked after: if the server hangs, it is cut. */
  lease(settings: string, callback: LeaseCallback, guard?: LeaseGuard): void {
    this.#watch.start()
    this.pool.lease(settings, callback, guard)
  }

  stop(): void {
    this.health.stop()
    this.#watch.stop()
  }
}
