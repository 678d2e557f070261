import type { DriverConnection } from '../drivers/driver.ts'
import type { Lease } from '../pools/lease.ts'
import type { Server } from '../topology/topology.ts'

/** A connection that stays with its session, because something lives there that no other connection has. */
export interface Pin {
  readonly server: Server
  readonly lease: Lease
  /** A procedure ran, so that a transaction may be open that the session has not begun. */
  readonly mayHaveBegun: boolean
}

/** An id that a server generated for the session. */
export interface LastInsert {
  readonly connection: DriverConnection
  /** As text, because libraries give numbers, bigints or strings. */
  readonly id: string
}
