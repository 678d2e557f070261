import { type ErrorCode, errorRegistry } from '../errors/registry.ts'
import type { ErrorDetails } from '../errors/sherd-error.ts'
import type { Refusal, RefusePlan } from './plan.ts'

/** An error in waiting; the remedy is the registry's when none is given. */
export function refusal(
  code: ErrorCode,
  message: string,
  details: ErrorDetails = {},
  remedy: string = errorRegistry[code].remedy,
): Refusal {
  return Object.freeze({ code, message, remedy, details: Object.freeze(details) })
}

/** The plan of a statement that is not run. */
export function refuse(reason: Refusal): RefusePlan {
  return Object.freeze({ kind: 'refuse', refusal: reason })
}

/** `orders`, `orders and users`, `orders, users and items`. */
export function listNames(names: Iterable<string>): string {
  const all = [...new Set(names)]
  if (all.length < 2) return all.join('')
  return `${all.slice(0, -1).join(', ')} and ${all.at(-1)}`
}
