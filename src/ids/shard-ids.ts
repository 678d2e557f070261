import { SherdError } from '../errors/sherd-error.ts'
import { idEpochMs, type IdLayout, packId } from './id-layout.ts'

/** What a generator may use now; a renewal or another worker number changes it. */
export interface IdStretch {
  readonly worker: number
  readonly fromMs: number
  readonly untilMs: number
}

/** The last id of a logical shard. */
interface Last {
  readonly unit: number
  readonly sequence: number
}

/**
 * Makes ids of one layout that carry the logical shard. Each is greater than the one before it on the same shard, whatever the clock does: when
 * it stands or goes back, or a burst has used a moment up, ids borrow from the moments that follow.
 */
export class ShardIds {
  readonly #layout: IdLayout
  readonly #now: () => number
  readonly #last = new Map<number, Last>()
  #stretch: IdStretch
  #latestUnit = 0

  /** `now`: milliseconds since 1970. */
  constructor(layout: IdLayout, stretch: IdStretch, now: () => number) {
    this.#layout = layout
    this.#stretch = stretch
    this.#now = now
  }

  /** The latest moment any id carries, in milliseconds since 1970. */
  get latestMs(): number {
    return idEpochMs + this.#latestUnit * this.#layout.unitMs
  }

  /** Another stretch: later than the one before, or of another worker. */
  use(stretch: IdStretch): void {
    // Sequences belong to the worker number: with another one they may start again, but moments still only grow.
    this.#stretch = stretch
  }

  /** The next id of a logical shard, given by its index. SHERD_ID_LEASE when the moments of the lease are used up. */
  next(shard: number): bigint {
    const { unitMs } = this.#layout
    const { worker, fromMs, untilMs } = this.#stretch
    const first = Math.ceil((fromMs - idEpochMs) / unitMs)
    const present = Math.max(Math.floor((this.#now() - idEpochMs) / unitMs), first)
    const { unit, sequence } = this.#after(this.#last.get(shard), present)
    // The whole moment must lie in the stretch: the next holder starts at its end.
    if (idEpochMs + (unit + 1) * unitMs > untilMs) throw usedUp()
    const id = packId(this.#layout, { unit, shard, worker, sequence })
    this.#last.set(shard, { unit, sequence })
    if (unit > this.#latestUnit) this.#latestUnit = unit
    return id
  }

  #after(last: Last | undefined, present: number): Last {
    if (last === undefined || present > last.unit) return { unit: present, sequence: 0 }
    const { unit, sequence } = last
    const isFull = sequence + 1 === 2 ** this.#layout.sequenceBits
    return isFull ? { unit: unit + 1, sequence: 0 } : { unit, sequence: sequence + 1 }
  }
}

function usedUp(): SherdError {
  return new SherdError('SHERD_ID_LEASE', {
    message: 'The worker number of this process is not good for the present moment any more.',
  })
}
