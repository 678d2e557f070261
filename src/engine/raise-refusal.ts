import { SherdError } from '../errors/sherd-error.ts'
import type { Refusal } from '../plan/plan.ts'

/** Raises the error that the plan holds. */
export function raiseRefusal(refusal: Refusal, sql: string): never {
  throw new SherdError(refusal.code, {
    message: refusal.message,
    remedy: refusal.remedy,
    details: refusal.details,
    sql,
  })
}
