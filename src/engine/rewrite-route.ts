import type { SqlText } from '../drivers/driver.ts'
import type { DirectPlan, Plan, SubsetPlan } from '../plan/plan.ts'
import { templateOf } from '../plan/repeat-rows.ts'
import { checkRewrite } from '../rewrite/check-rewrite.ts'
import { rewriteForShard } from '../rewrite/rewrite-for-shard.ts'
import { rewriteSubset } from '../rewrite/rewrite-subset.ts'
import type { ShardStatement } from '../rewrite/shard-statement.ts'
import type { OfflineEngine } from './engine.ts'
import type { Route } from './route-plan.ts'

/** The statements of a route, one for each logical shard. */
export function rewriteRoute(
  engine: OfflineEngine,
  plan: DirectPlan | SubsetPlan,
  route: Route,
  values: readonly unknown[],
): readonly ShardStatement[] {
  if (route.kind === 'one') {
    const text = rewriteForShard(plan, route.shard, engine.topology.dialect)
    checkOnce(engine, plan, text)
    return [{ shard: route.shard, text, values }]
  }
  if (plan.kind === 'direct') return []
  const statements = rewriteSubset(plan, route.parts, values, engine.topology.dialect)
  for (const statement of statements) checkOnce(engine, plan, statement.text)
  return statements
}

const checked = new WeakSet<Plan>()

/** The first text made from a plan is read again and compared with what was planned; later ones differ in the database, or the number of equal rows, only. */
function checkOnce(engine: OfflineEngine, plan: DirectPlan | SubsetPlan, text: SqlText): void {
  const template = templateOf(plan)
  if (checked.has(template)) return
  checkRewrite(plan, text, engine.defaults.modes)
  checked.add(template)
}
