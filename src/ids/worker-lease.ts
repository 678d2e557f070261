import { randomUUID } from 'node:crypto'

import { SherdError } from '../errors/sherd-error.ts'

/**
 * A worker number that nobody else has, and the stretch of time it is good for. Ids carry moments from `fromMs` up to `untilMs` only;
 * whoever gets the number next starts where this stretch ends, so that neither a clock that went back nor a
 * process that slept past its lease can make an id twice.
 */
export interface WorkerLease {
  readonly worker: number
  /** Milliseconds since 1970. */
  readonly fromMs: number
  /** Milliseconds since 1970. */
  readonly untilMs: number
  /** Moves the end of the stretch on. False: the number has gone to somebody else, and another one must be taken. */
  readonly renew: (untilMs: number) => Promise<boolean>
  /** Gives the number back. The store keeps how far it may have been used. */
  readonly release: () => Promise<void>
}

/** Gives out worker numbers. Errors of the store pass through as they are. */
export interface WorkerLeases {
  /** The free number whose stretch ended first. Undefined: all are taken. */
  readonly acquire: (wanted: WantedWorker) => Promise<WorkerLease | undefined>
}

export interface WantedWorker {
  /** Numbers are 0 … `workers` - 1. */
  readonly workers: number
  /** A number whose holder was not heard of for so long, by the clock of the store, is free again. */
  readonly leaseMs: number
  /** How long the first stretch is. */
  readonly stretchMs: number
  /** The present moment of the caller, in milliseconds since 1970. */
  readonly nowMs: number
}

/** What a place that keeps worker numbers must be able to do, each in one step that nobody can come between. */
export interface WorkerStore {
  /** The number and where its stretch begins, which is not before `nowMs`; the end of the stretch is stored with it. */
  readonly take: (
    owner: string,
    wanted: WantedWorker,
  ) => Promise<{ readonly worker: number; readonly fromMs: number } | undefined>
  readonly extend: (owner: string, worker: number, untilMs: number, leaseMs: number) => Promise<boolean>
  readonly free: (owner: string, worker: number) => Promise<void>
}

/** Makes worker numbers of a store. */
export function createWorkerLeases(store: WorkerStore): WorkerLeases {
  return {
    acquire: async (wanted) => {
      const owner = randomUUID()
      const taken = await store.take(owner, wanted)
      if (taken === undefined) return undefined
      const { worker, fromMs } = taken
      return {
        worker,
        fromMs,
        untilMs: fromMs + wanted.stretchMs,
        renew: (untilMs) => store.extend(owner, worker, untilMs, wanted.leaseMs),
        release: () => store.free(owner, worker),
      }
    },
  }
}

/**
 * One number for ever, for those who number their processes themselves (the ordinal of a pod). Nothing is stored: a process that
 * starts again must not find the clock behind the last id it made, and no two may have one number at the same time.
 */
export function fixedWorker(worker: number): WorkerLeases {
  return {
    acquire: ({ workers, stretchMs, nowMs }) => {
      if (!Number.isInteger(worker) || worker < 0 || worker >= workers)
        throw new SherdError('SHERD_ID_RANGE', {
          message: `The worker number is none of the ${workers} that the layout has.`,
          remedy: `Give a whole number from 0 to ${workers - 1}.`,
        })
      return Promise.resolve({
        worker,
        fromMs: nowMs,
        untilMs: nowMs + stretchMs,
        renew: () => Promise.resolve(true),
        release: () => Promise.resolve(),
      })
    },
  }
}
