import type { SqlModes } from '../sql/modes.ts'
import type { Topology } from '../topology/topology.ts'
import { findRepeatedValues } from './collapse-values.ts'
import type { DirectPlan, Plan, RefusePlan, SubsetPlan } from './plan.ts'
import { defaultMaxTextLength, PlanCache, type PlanCacheOptions, type PlanCacheStats } from './plan-cache.ts'
import { planBroadcast } from './plan-broadcast.ts'
import { planScatter } from './plan-scatter.ts'
import { planStatement } from './plan-statement.ts'
import { repeatRows } from './repeat-rows.ts'
import type { BroadcastPlan, ScatterPlan } from './scatter-plan.ts'

/** Plans for one topology and one set of modes, each made once while it is kept. */
export class Planner {
  readonly #topology: Topology
  readonly #modes: SqlModes
  readonly #cache: PlanCache
  readonly #collapseLength: number
  /** Second plans, made when first needed; they live as long as the first ones. */
  readonly #scatters = new WeakMap<DirectPlan | SubsetPlan, ScatterPlan | RefusePlan>()
  readonly #broadcasts = new WeakMap<DirectPlan | SubsetPlan, BroadcastPlan | RefusePlan>()

  constructor(topology: Topology, modes: SqlModes, options: PlanCacheOptions = {}) {
    this.#topology = topology
    this.#modes = modes
    this.#cache = new PlanCache(options)
    this.#collapseLength = options.maxTextLength ?? defaultMaxTextLength
  }

  /** What to do with a text; never throws, a refusal is a plan. */
  find(sql: string): Plan {
    const repeated = sql.length > this.#collapseLength ? this.#findRepeated(sql) : undefined
    return repeated ?? this.#cache.get(sql) ?? this.#make(sql)
  }

  /** How the statement of a plan is asked of several shards; never throws. */
  scatter(plan: DirectPlan | SubsetPlan): ScatterPlan | RefusePlan {
    const known = this.#scatters.get(plan) ?? planScatter(plan, this.#topology, this.#modes)
    this.#scatters.set(plan, known)
    return known
  }

  /** How an UPDATE or DELETE without the key runs on every shard; never throws. */
  broadcast(plan: DirectPlan | SubsetPlan): BroadcastPlan | RefusePlan {
    const known = this.#broadcasts.get(plan) ?? planBroadcast(plan, this.#topology, this.#modes)
    this.#broadcasts.set(plan, known)
    return known
  }

  stats(): PlanCacheStats {
    return this.#cache.stats()
  }

  /** Texts too long to be kept that are one tuple many times share the plan of their shape. */
  #findRepeated(sql: string): Plan | undefined {
    const shape = findRepeatedValues(sql)
    if (shape === undefined || shape.template.length > this.#collapseLength) return undefined
    const plan = this.#cache.get(shape.template) ?? this.#make(shape.template)
    return repeatRows(plan, sql, shape)
  }

  #make(sql: string): Plan {
    const plan = planStatement(sql, this.#topology, this.#modes)
    this.#cache.keep(sql, plan)
    return plan
  }
}
