import type { ScatterPlan } from '../plan/scatter-plan.ts'
import { systemClock } from '../pools/clock.ts'
import type { ScatterPermission } from '../session/scatter-options.ts'
import type { Session } from '../session/session.ts'
import type { LogicalShard } from '../topology/topology.ts'
import type { Cancellation } from './cancellation.ts'
import type { Engine } from './engine.ts'
import type { Request } from './request.ts'

/** A request that can always be ended: by its caller, or when its time is over. */
export type ScatterRequest = Request & { readonly cancellation: Cancellation }

/** One read over several logical shards, on its way. */
export interface ScatterRun {
  readonly engine: Engine
  readonly session: Session
  readonly plan: ScatterPlan
  /** In the order of their index. */
  readonly shards: readonly LogicalShard[]
  readonly permission: ScatterPermission
  readonly request: ScatterRequest
  readonly deadline: Deadline
}

/** The end of the time a statement may take; never comes when there is none. */
export class Deadline {
  readonly #listeners = new Set<() => void>()
  readonly #cancelTimer: () => void
  #isOver = false

  constructor(timeoutMs: number | undefined) {
    this.#cancelTimer =
      timeoutMs === undefined
        ? () => undefined
        : systemClock.setTimer(() => this.#pass(), timeoutMs, 'foreground')
  }

  get isOver(): boolean {
    return this.#isOver
  }

  /** Gives a function that takes the listener away. */
  onOver(listener: () => void): () => void {
    this.#listeners.add(listener)
    return () => this.#listeners.delete(listener)
  }

  /** To be called when the statement is over, else the timer keeps the process alive. */
  clear(): void {
    this.#cancelTimer()
    this.#listeners.clear()
  }

  #pass(): void {
    this.#isOver = true
    for (const listener of this.#listeners) listener()
  }
}
