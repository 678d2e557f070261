/**
 * A worker number that nobody else has, and the stretch of time it is good for. Ids carry moments from `fromMs` up to `untilMs` only;
 * whoever gets the number next starts where this stretch ends, so that neither a clock that went back nor a
 * process that slept past its lease can make an id twice.
 */
export interface WorkerLease {
  readonly number: number
  /** Milliseconds since 1970. */
  readonly fromMs: number
  /** Milliseconds since 1970; grows with each renewal. */
  readonly untilMs: number
  /** Moves `untilMs` on to `untilMs` at least. False: the number has gone to somebody else, and another one must be taken. */
  readonly renew: (untilMs: number) => Promise<boolean>
  /** Gives the number back; the store remembers how far it was used. */
  readonly release: () => Promise<void>
}

/** Gives out worker numbers, 0 … `workers` - 1. */
export interface WorkerLeases {
  /**
   * The free number whose stretch ended longest ago. Undefined: all are taken. A number whose holder was not heard of for `leaseMs`, by
   * the clock of the store, is free again.
   */
  readonly acquire: (options: AcquireWorker) => Promise<WorkerLease | undefined>
}

export interface AcquireWorker {
  readonly workers: number
  readonly leaseMs: number
  /** End of the first stretch, in milliseconds since 1970, if the number is free from before then. */
  readonly untilMs: number
}
