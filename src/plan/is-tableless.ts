import type { PassthroughPlan } from './plan.ts'

/** Whether the statement names no table, so that it may run on any server. */
export function isTableless(plan: Pick<PassthroughPlan, 'isTableless' | 'statement'>): boolean {
  return plan.isTableless === true || plan.statement?.tables.length === 0
}
