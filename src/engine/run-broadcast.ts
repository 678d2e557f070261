import type { ResultCallback } from '../drivers/driver.ts'
import type { DirectPlan, SubsetPlan } from '../plan/plan.ts'
import { rewriteForShard } from '../rewrite/rewrite-for-shard.ts'
import type { ShardStatement } from '../rewrite/shard-statement.ts'
import type { Session } from '../session/session.ts'
import type { Engine, OfflineEngine } from './engine.ts'
import { raiseRefusal } from './raise-refusal.ts'
import type { Request } from './request.ts'
import { checkOnce } from './rewrite-route.ts'
import type { Route } from './route-plan.ts'
import { runSplitWrite } from './run-split-write.ts'

type WideRoute = Extract<Route, { kind: 'many' }>

/** Writes on several logical shards as the statement stands, all or none. */
export function runBroadcast(
  engine: Engine,
  session: Session,
  plan: DirectPlan | SubsetPlan,
  route: WideRoute,
  request: Request,
  done: ResultCallback,
): void {
  runSplitWrite(engine, session, rewriteBroadcast(engine, plan, route, request), request, done)
}

/** The statement of each shard. Throws the refusal of a write that would not do on shards what it does on one database. */
export function rewriteBroadcast(
  engine: OfflineEngine,
  plan: DirectPlan | SubsetPlan,
  { shards }: WideRoute,
  { sql, values }: Request,
): readonly ShardStatement[] {
  const broadcast = engine.planner.broadcast(plan)
  if (broadcast.kind === 'refuse') return raiseRefusal(broadcast.refusal, sql)
  const { dialect } = engine.topology
  const { copies } = plan
  const statements = shards.map((shard) => ({
    shard,
    text: rewriteForShard(plan, shard, dialect),
    values,
    copies,
  }))
  for (const statement of statements) checkOnce(engine, plan, statement)
  return statements
}
