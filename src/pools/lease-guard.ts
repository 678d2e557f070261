import type { Lease } from './lease.ts'

/** Bounds the time of whoever asks for a connection, and is told which he got, so that it can be cut under him. */
export interface LeaseGuard {
  /** By the clock of the pools. No wait for a connection is longer. */
  readonly dueAt: number
  readonly hold: (lease: Lease) => void
}
