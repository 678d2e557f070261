import type { ReferenceLimits } from '../../src/reference/sync-context.ts'
import type { ConvergenceAddress } from './convergence-config.ts'

/** What a supervisor process is given when it starts. */
export interface SupervisorPlace extends ConvergenceAddress {
  readonly locks: 'database' | 'redis'
  readonly lockUrl: string
  readonly redisUrl: string
  readonly leaseMs: number
  readonly limits: ReferenceLimits
  readonly seed: number
  /** Does not look whether it still holds its locks, so that nothing but the fencing number keeps it from writing. */
  readonly isReckless: boolean
}

/** Where the process ends or stands still: at which statement, counted from the message on. */
export interface Disturbance {
  readonly kind: 'disturb'
  readonly step: number
  readonly moment: 'before' | 'sent' | 'after' | 'acquired'
  readonly action: 'SIGKILL' | 'SIGSTOP'
}

export interface CopyName {
  readonly table: string
  readonly shard: string
}

export type SupervisorOrder =
  | Disturbance
  | { readonly kind: 'work' }
  | { readonly kind: 'rest' }
  /** Takes one copy next. */
  | ({ readonly kind: 'take' } & CopyName)
  /** Goes over all copies, syncing or comparing, until nothing is left to do. */
  | { readonly kind: 'settle'; readonly compares: boolean }

export type SupervisorMessage =
  | { readonly kind: 'ready' | 'resting' }
  /** With the copies whose locks it has now. */
  | { readonly kind: 'disturbed'; readonly held: readonly CopyName[] }
  /** With the copies that are not called fresh and equal. */
  | { readonly kind: 'settled'; readonly stale: readonly string[] }
  | ({ readonly kind: 'synced' | 'compared'; readonly rows: number } & CopyName)
  | ({
      readonly kind: 'failed'
      readonly code: string
      /** As the error says itself. */
      readonly isRetryable: boolean
      readonly text: string
    } & CopyName)
