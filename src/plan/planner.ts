import type { SqlModes } from '../sql/modes.ts'
import type { Topology } from '../topology/topology.ts'
import type { Plan } from './plan.ts'
import { PlanCache, type PlanCacheOptions, type PlanCacheStats } from './plan-cache.ts'
import { planStatement } from './plan-statement.ts'

/** Plans for one topology and one set of modes, each made once while it is kept. */
export class Planner {
  readonly #topology: Topology
  readonly #modes: SqlModes
  readonly #cache: PlanCache

  constructor(topology: Topology, modes: SqlModes, options: PlanCacheOptions = {}) {
    this.#topology = topology
    this.#modes = modes
    this.#cache = new PlanCache(options)
  }

  /** What to do with a text; never throws, a refusal is a plan. */
  find(sql: string): Plan {
    return this.#cache.get(sql) ?? this.#make(sql)
  }

  stats(): PlanCacheStats {
    return this.#cache.stats()
  }

  #make(sql: string): Plan {
    const plan = planStatement(sql, this.#topology, this.#modes)
    this.#cache.keep(sql, plan)
    return plan
  }
}
