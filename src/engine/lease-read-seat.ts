import type { DriverConnection } from '../drivers/driver.ts'
import { SherdError } from '../errors/sherd-error.ts'
import { events } from '../observe/events.ts'
import type { Lease } from '../pools/lease.ts'
import type { ReadScope } from '../pools/read-scope.ts'
import type { ReadLeaseCallback } from '../pools/replica-set.ts'
import type { Replica } from '../pools/replica.ts'
import type { Session } from '../session/session.ts'
import type { Server } from '../topology/topology.ts'
import type { Engine } from './engine.ts'
import { leasedSeat } from './lease-seat.ts'
import { prepareLease } from './prepare-lease.ts'
import type { Seat, SeatCallback } from './seat.ts'

/** A read outside of a transaction. */
interface SeatedRead {
  readonly engine: Engine
  readonly session: Session
  readonly server: Server
  readonly scope: ReadScope | undefined
}

/** A seat on a replica or, when none may serve the read, on the primary. `tried` have failed it already. */
export function leaseReadSeat(read: SeatedRead, tried: readonly Replica[], callback: SeatCallback): void {
  const { engine, session, server, scope } = read
  const use: ReadLeaseCallback = (error, lease, replica) => {
    if (lease === undefined) return callback(error)
    const seat = replica === undefined ? leasedSeat(lease) : new ReplicaSeat(read, lease, replica, tried)
    // As `prepareLease` finds nearly always; said here too because a read should cost no more closures than it must.
    if (lease.connection.settings === session.signature) return callback(null, seat)
    const failed = (failure: unknown): void => {
      if (replica === undefined || !engine.driver.isConnectionLost(failure)) callback(failure)
      else moveOn(read, [...tried, replica], failure, callback)
    }
    prepareLease(lease, session, failed, () => callback(null, seat))
  }
  engine.pools.leaseForRead(server, session.signature, scope, use, tried, session.profile)
}

/** A seat of a read on a replica, which can be lost without harm. */
class ReplicaSeat implements Seat {
  readonly connection: DriverConnection
  readonly #read: SeatedRead
  readonly #lease: Lease
  readonly #replica: Replica
  readonly #tried: readonly Replica[]

  constructor(read: SeatedRead, lease: Lease, replica: Replica, tried: readonly Replica[]) {
    this.connection = lease.connection
    this.#read = read
    this.#lease = lease
    this.#replica = replica
    this.#tried = tried
  }

  leave(): void {
    this.#lease.release()
  }

  abandon(): void {
    this.#lease.destroy()
  }

  elsewhere(loss: unknown, callback: SeatCallback): void {
    if (this.#lease.isLost) moveOn(this.#read, [...this.#tried, this.#replica], loss, callback)
    else callback(loss)
  }
}

/** Another seat for a read that lost the last of `tried` under it. */
function moveOn(read: SeatedRead, tried: readonly Replica[], loss: unknown, callback: SeatCallback): void {
  tried.at(-1)?.health.record(false)
  leaseReadSeat(read, tried, (failure, seat) => {
    const from = tried.at(-1)?.endpoint.id ?? ''
    if (seat !== undefined)
      events.retry.publish({ server: read.server.id, from, to: seat.connection.endpoint.id })
    callback(isClosed(failure) ? loss : failure, seat)
  })
}

function isClosed(error: unknown): boolean {
  return error instanceof SherdError && error.code === 'SHERD_POOL_CLOSED'
}
