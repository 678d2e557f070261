import type { DirectPlan, Plan, SubsetPlan } from '../plan/plan.ts'
import { templateOf } from '../plan/repeat-rows.ts'
import { checkRewrite } from '../rewrite/check-rewrite.ts'
import { rewriteForShard } from '../rewrite/rewrite-for-shard.ts'
import { rewriteSubset } from '../rewrite/rewrite-subset.ts'
import type { ShardStatement } from '../rewrite/shard-statement.ts'
import type { OfflineEngine } from './engine.ts'
import type { Route } from './route-plan.ts'

/** A route that needs no merge but joining and adding. */
export type PlainRoute = Exclude<Route, { kind: 'many' | 'each' }>

/** The statements of a route, one for each logical shard. */
export function rewriteRoute(
  engine: OfflineEngine,
  plan: DirectPlan | SubsetPlan,
  route: PlainRoute,
  values: readonly unknown[],
): readonly ShardStatement[] {
  if (route.kind === 'one') {
    const text = rewriteForShard(plan, route.shard, engine.topology.dialect)
    const statement = { shard: route.shard, text, values, copies: plan.copies }
    checkOnce(engine, plan, statement)
    return [statement]
  }
  if (plan.kind === 'direct') return []
  const statements = rewriteSubset(plan, route.parts, values, engine.topology.dialect)
  for (const statement of statements) checkOnce(engine, plan, statement)
  return statements
}

/** What makes two texts of one plan differ in more than the database and the number of parts. */
type Shape = 'whole' | 'one part' | 'several parts'

const checked = new WeakMap<Plan, Set<Shape>>()

/** The first text of each shape made from a plan is read again and compared with what was planned. */
export function checkOnce(
  engine: OfflineEngine,
  plan: DirectPlan | SubsetPlan,
  { text, kept }: ShardStatement,
): void {
  const template = templateOf(plan)
  const shape = shapeOf(kept)
  const known = checked.get(template)
  if (known?.has(shape) === true) return
  checkRewrite(plan, text, engine.defaults.modes, kept)
  if (known === undefined) checked.set(template, new Set([shape]))
  else known.add(shape)
}

function shapeOf(kept: ShardStatement['kept']): Shape {
  if (kept === undefined) return 'whole'
  return kept.length === 1 ? 'one part' : 'several parts'
}
