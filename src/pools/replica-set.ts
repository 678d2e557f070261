import { SherdError } from '../errors/sherd-error.ts'
import type { ReadPolicy } from '../topology/read-options.ts'
import type { Server } from '../topology/topology.ts'
import { type Position, mergePositions } from './gtid.ts'
import type { Lease } from './lease.ts'
import { type ReadScope, writesOn } from './read-scope.ts'
import { chooseReplica } from './replica-choice.ts'
import type { LagWatch } from './replica-lag.ts'
import type { ServerPositions } from './replica-positions.ts'
import type { Replica } from './replica.ts'
import type { LeaseCallback, ServerPool } from './server-pool.ts'

/** `replica` is the one that gave the lease; absent when the primary did. */
export type ReadLeaseCallback = (error: unknown, lease?: Lease, replica?: Replica) => void

export interface ReplicaSetParts {
  readonly server: Server
  readonly primary: ServerPool
  readonly replicas: readonly Replica[]
  readonly positions: ServerPositions
  readonly lagWatch: LagWatch | undefined
  readonly chance: () => number
}

const noReplicas: readonly Replica[] = []
/** All bits of a small integer of V8: turns begin again at 0 and stay one. */
const longestTurn = 0x3fffffff

/** The replicas of one server, and which of them serves a read. */
export class ReplicaSet {
  readonly replicas: readonly Replica[]
  readonly #parts: ReplicaSetParts
  /** Used again for each read, never kept. */
  readonly #candidates: Replica[] = []
  #turn = 0

  constructor(parts: ReplicaSetParts) {
    this.#parts = parts
    this.replicas = parts.replicas
  }

  /** A replica that may serve the read right now; `undefined`: the primary must, or one may have to be waited for. */
  pick(scope?: ReadScope, tried: readonly Replica[] = noReplicas): Replica | undefined {
    const { server, lagWatch } = this.#parts
    const policy = scope?.policy ?? server.reads.policy
    if (policy === 'primary') return undefined
    lagWatch?.noteRead()
    const candidates = this.#candidates
    candidates.length = 0
    for (const replica of this.replicas) {
      if (!replica.isReadable || tried.includes(replica)) continue
      if (policy === 'replica' || this.#isFarEnough(replica, scope)) candidates.push(replica)
    }
    return this.#choose(scope)
  }

  /**
   * Leases a connection for a read. While the primary is up, no read fails because a replica does not give a
   * connection: the next one is tried, and the primary last, or SHERD_REPLICAS_UNAVAILABLE where the primary is spared.
   */
  lease(
    settings: string,
    scope: ReadScope | undefined,
    callback: ReadLeaseCallback,
    tried: readonly Replica[] = noReplicas,
  ): void {
    const replica = this.pick(scope, tried)
    if (replica !== undefined) return this.#leaseFrom(replica, settings, scope, callback, tried)
    const needed = this.#neededBy(scope)
    const behind = needed === undefined ? undefined : this.#pickBehind(needed, scope, tried)
    if (needed === undefined || behind === undefined) return this.#leaseLast(settings, scope, callback, tried)
    behind.wait.waitFor(needed, this.#parts.server.reads.replicaWaitMs, (isReached) => {
      if (isReached && behind.isReadable) this.#leaseFrom(behind, settings, scope, callback, tried)
      else this.#leaseLast(settings, scope, callback, tried)
    })
  }

  #leaseFrom(
    replica: Replica,
    settings: string,
    scope: ReadScope | undefined,
    callback: ReadLeaseCallback,
    tried: readonly Replica[],
  ): void {
    const { setbacks } = replica.position
    const use: LeaseCallback = (error, lease) => {
      const isAsChosen = replica.position.setbacks === setbacks
      if (lease !== undefined && isAsChosen) return callback(null, lease, replica)
      if (lease === undefined && isOver(error)) return callback(error)
      // Restored from older data while the connection was made: it may no longer have what it was chosen for.
      lease?.release()
      this.lease(settings, scope, callback, [...tried, replica])
    }
    replica.lease(settings, use, scope?.guard)
  }

  #leaseLast(
    settings: string,
    scope: ReadScope | undefined,
    callback: ReadLeaseCallback,
    tried: readonly Replica[],
  ): void {
    const { server, primary } = this.#parts
    // Nobody asks how far replicas are for another process's writes, as long as no read needs to know.
    if (scope?.after !== undefined) for (const { position } of this.replicas) position.question.start()
    const isSpared = server.reads.whenReplicasFail === 'refuse' && this.#policyOf(scope) !== 'primary'
    if (isSpared && !this.replicas.some((replica) => replica.isUp && !tried.includes(replica)))
      return callback(replicasUnavailable(server))
    primary.lease(settings, callback, scope?.guard)
  }

  #policyOf(scope: ReadScope | undefined): ReadPolicy {
    return scope?.policy ?? this.#parts.server.reads.policy
  }

  #isFarEnough(replica: Replica, scope: ReadScope | undefined): boolean {
    const { positions, server } = this.#parts
    if (positions.unknownWrites > 0 || !replica.position.isCurrent) return false
    const after = scope?.after
    if (after === undefined) return true
    const needed = writesOn(after, server)
    return needed === undefined || (needed !== 'unknown' && replica.position.has(needed))
  }

  /** What a replica must be waited for; `undefined` when no waiting would help. */
  #neededBy(scope: ReadScope | undefined): Position | undefined {
    const { server, positions } = this.#parts
    if (server.reads.replicaWaitMs === 0 || positions.unknownWrites > 0) return undefined
    if (this.#policyOf(scope) !== 'causal') return undefined
    const after = writesOn(scope?.after, server)
    if (after === 'unknown') return undefined
    if (after === undefined || positions.needed === undefined) return after ?? positions.needed
    return mergePositions(positions.needed, after)
  }

  /** One worth waiting for: a wait that was in vain is not repeated before the replica has moved that far. */
  #pickBehind(
    needed: Position,
    scope: ReadScope | undefined,
    tried: readonly Replica[],
  ): Replica | undefined {
    const candidates = this.#candidates
    candidates.length = 0
    for (const replica of this.replicas) {
      if (replica.isReadable && !tried.includes(replica) && !replica.position.isVain(needed))
        candidates.push(replica)
    }
    return this.#choose(scope)
  }

  #choose(scope: ReadScope | undefined): Replica | undefined {
    // A turn that nobody takes would let the same one be waited for each time.
    if (this.#candidates.length === 0) return undefined
    this.#turn = (this.#turn + 1) & longestTurn
    const { server, chance } = this.#parts
    return chooseReplica(scope?.choice ?? server.reads.choice, this.#candidates, this.#turn, chance)
  }
}

/** No other endpoint would help. */
function isOver(error: unknown): boolean {
  return (
    error instanceof SherdError && (error.code === 'SHERD_POOL_CLOSED' || error.code === 'SHERD_DEADLINE')
  )
}

function replicasUnavailable(server: Server): SherdError {
  return new SherdError('SHERD_REPLICAS_UNAVAILABLE', {
    message: `No replica of server ${server.id} is up and near enough to its primary, and the primary is spared from reads.`,
    details: { server: server.id },
  })
}
