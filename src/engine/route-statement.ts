import type { DirectPlan, SubsetPlan } from '../plan/plan.ts'
import { applyHint } from './apply-hint.ts'
import { catchInto } from './catch-into.ts'
import type { OfflineEngine } from './engine.ts'
import type { Request } from './request.ts'
import { type RouteCallback, routePlan } from './route-plan.ts'

/** The route of a statement, in the scope of its hint if it has one. */
export function routeStatement(
  engine: OfflineEngine,
  plan: DirectPlan | SubsetPlan,
  request: Request,
  callback: RouteCallback,
): void {
  if (plan.hint === undefined || plan.hint.kind === 'scatter')
    return routePlan(engine, plan, request, callback)
  let isLater = false
  applyHint(engine, plan.hint, plan.shardGroup, request, (error, hinted) => {
    if (hinted === undefined) return callback(error)
    const route = (): void => routePlan(engine, plan, hinted, callback)
    return isLater ? catchInto(callback, route) : route()
  })
  isLater = true
}
