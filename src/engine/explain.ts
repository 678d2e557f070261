import { Planner } from '../plan/planner.ts'
import { createStrategy } from '../routing/create-strategy.ts'
import type { RoutingStrategy } from '../routing/strategy.ts'
import type { Scope } from '../session/scopes.ts'
import { shardByName } from '../topology/find-shard.ts'
import type { ShardGroup, Topology } from '../topology/topology.ts'
import type { OfflineEngine } from './engine.ts'
import { explainStatement } from './explain-statement.ts'
import type { Explanation } from './explanation.ts'
import { sessionDefaults } from './session-defaults.ts'

/** How a statement is explained. */
export interface ExplainOptions {
  /** Name of a logical shard: explains the statement as `sherd.onShard(name, …)` would run it. Default: none. */
  readonly onShard?: string
}

/**
 * What would happen to a statement, from the config alone: no connection is made, and servers are taken to
 * be as the config says. Without `values` the shards stay open, unless the text itself has the keys.
 * A key that only the table of a directory knows stays open too, with a note. Lists and objects as values,
 * which the mysql2 pool writes out before it plans, are not taken for keys.
 */
export function explain(
  config: Topology,
  sql: string,
  values?: readonly unknown[],
  options: ExplainOptions = {},
): Explanation {
  const engine = offlineEngine(config)
  const scope = scopeOf(config, options)
  const found = explainNow(engine, { sql, values, scope })
  if (found !== undefined) return found
  const open = explainNow(engine, { sql, values: 'unknown', scope })
  if (open !== undefined) return open
  throw new TypeError('a statement without values was not explained at once')
}

/** The scope that options ask for, around which none stands. */
export function scopeOf(topology: Topology, { onShard }: ExplainOptions, outer?: Scope): Scope | undefined {
  if (onShard === undefined) return outer
  const shard = shardByName(topology, onShard)
  return {
    ...outer,
    shards: new Map(outer?.shards).set(shard.group, shard),
    named: shard,
  }
}

function explainNow(
  engine: OfflineEngine,
  question: Parameters<typeof explainStatement>[1],
): Explanation | undefined {
  let found: Explanation | undefined
  let failure: unknown
  explainStatement(engine, question, (error, explanation) => {
    failure = error
    found = explanation
  })
  if (failure) throw failure
  return found
}

const engines = new WeakMap<Topology, OfflineEngine>()

function offlineEngine(topology: Topology): OfflineEngine {
  const known = engines.get(topology)
  if (known !== undefined) return known
  const defaults = sessionDefaults(topology)
  const groups = [...topology.shardGroups.values()]
  const engine = {
    topology,
    planner: new Planner(topology, defaults.modes),
    strategies: new Map(groups.map((group) => [group.name, offlineStrategy(group)])),
    defaults,
  }
  engines.set(topology, engine)
  return engine
}

/** Nobody answers for the table of a directory. */
function offlineStrategy(group: ShardGroup): RoutingStrategy {
  const strategy = createStrategy(group)
  return { locate: (key) => strategy.locate(key), lookup: () => new Promise(() => {}) }
}
