import type { ReadPolicy, ReplicaChoice } from '../topology/read-options.ts'
import type { Server } from '../topology/topology.ts'
import type { Position } from './gtid.ts'
import type { LeaseGuard } from './lease-guard.ts'

/** What a stretch of code asks of its reads, over the options of the servers. */
export interface ReadScope {
  readonly policy?: ReadPolicy
  readonly choice?: ReplicaChoice
  /** What another process wrote, from its token. */
  readonly after?: KnownWrites
  /** Of a statement with a deadline. */
  readonly guard?: LeaseGuard
}

/** Writes that reads must see, by server. */
export interface KnownWrites {
  /** By id of the server. `unknown`: only the primary has them for certain. */
  readonly positions: ReadonlyMap<string, Position | 'unknown'>
  /** False: there are writes on servers that are not named, so each of those is read on its primary. */
  readonly isComplete: boolean
}

/** What a replica of `server` must have; `undefined` when nothing is. */
export function writesOn(after: KnownWrites | undefined, server: Server): Position | 'unknown' | undefined {
  if (after === undefined) return undefined
  return after.positions.get(server.id) ?? (after.isComplete ? undefined : 'unknown')
}
