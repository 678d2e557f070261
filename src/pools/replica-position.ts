import { type Position, hasReachedPosition, mergePositions } from './gtid.ts'
import type { RepeatedQuestion } from './repeated-question.ts'

/** How far one replica is known to be, and whether that is far enough for this process. */
export class ReplicaPosition {
  /** Asks the replica in the background until it is current. */
  readonly question: RepeatedQuestion
  #reached: Position | undefined
  #needed: Position | undefined
  /** The lowest position a read has waited for in vain. */
  #vain: Position | undefined
  #isCurrent = true
  #setbacks = 0

  constructor(question: RepeatedQuestion) {
    this.question = question
  }

  get reached(): Position | undefined {
    return this.#reached
  }

  /** It has all that this process wrote. */
  get isCurrent(): boolean {
    return this.#isCurrent
  }

  /** How often the replica was found behind of where it had been, as after a restore from a backup. */
  get setbacks(): number {
    return this.#setbacks
  }

  has(position: Position): boolean {
    return this.#reached !== undefined && hasReachedPosition(this.#reached, position)
  }

  /** This process wrote: only from `position` on is the replica current. */
  need(position: Position): void {
    this.#needed = position
    this.#isCurrent = this.has(position)
    if (!this.#isCurrent) this.question.start()
  }

  /**
   * An answer of the replica. Two answers may overtake each other, so the farther one holds; true when it
   * told something new.
   */
  reach(position: Position): boolean {
    if (this.has(position)) return false
    this.#set(this.#reached === undefined ? position : mergePositions(this.#reached, position))
    return true
  }

  /**
   * The answer of a connection that was just made. Only here a replica may go back: one that was restored
   * answers on new connections only, so no older answer can be meant.
   */
  reset(position: Position | undefined): void {
    const before = this.#reached
    const isSetback =
      before !== undefined && (position === undefined || !hasReachedPosition(position, before))
    if (!isSetback) {
      if (position !== undefined) this.reach(position)
      return
    }
    this.#setbacks++
    this.#set(position)
    if (!this.#isCurrent) this.question.start()
  }

  /** A read waited for `position` and it did not come. */
  noteVain(position: Position): void {
    if (this.#vain === undefined || !hasReachedPosition(position, this.#vain)) this.#vain = position
  }

  /** True when a read has waited in vain for this position or one before it, and it has not come since. */
  isVain(position: Position): boolean {
    return this.#vain !== undefined && hasReachedPosition(position, this.#vain)
  }

  #set(reached: Position | undefined): void {
    this.#reached = reached
    this.#isCurrent = this.#needed === undefined || this.has(this.#needed)
    if (this.#vain !== undefined && this.has(this.#vain)) this.#vain = undefined
  }
}
