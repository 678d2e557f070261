import type { ScatterPlan } from '../plan/scatter-plan.ts'
import type { ScatterPermission } from '../session/scatter-options.ts'
import type { Session } from '../session/session.ts'
import type { LogicalShard } from '../topology/topology.ts'
import type { Cancellation } from './cancellation.ts'
import type { Deadlines, Expiring } from './deadlines.ts'
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

/** Until when a read over several shards has time, by the clock of the deadlines. */
export interface TimeLimit {
  readonly dueAt: number
  /** Said by `deadlineMs` of the scatter, and not by the call, the scope or a server. */
  readonly isOwn: boolean
}

/** The end of the time a statement may take; never comes when there is no limit. */
export class Deadline {
  readonly #deadlines: Deadlines
  readonly #limit: TimeLimit | undefined
  readonly #expiring: Expiring | undefined
  readonly #listeners = new Set<() => void>()

  constructor(deadlines: Deadlines, limit: TimeLimit | undefined) {
    this.#deadlines = deadlines
    this.#limit = limit
    if (limit === undefined) return
    this.#expiring = { dueAt: limit.dueAt, expire: () => this.#pass() }
    deadlines.add(this.#expiring)
  }

  /** True from the deadline on, even before anybody was woken. */
  get isOver(): boolean {
    return this.#limit !== undefined && this.#deadlines.now() >= this.#limit.dueAt
  }

  /** See TimeLimit. */
  get isOwn(): boolean {
    return this.#limit?.isOwn === true
  }

  /** Gives a function that takes the listener away. */
  onOver(listener: () => void): () => void {
    this.#listeners.add(listener)
    return () => this.#listeners.delete(listener)
  }

  /** To be called when the statement is over. */
  clear(): void {
    if (this.#expiring !== undefined) this.#deadlines.remove(this.#expiring)
    this.#listeners.clear()
  }

  #pass(): void {
    for (const listener of this.#listeners) listener()
  }
}
