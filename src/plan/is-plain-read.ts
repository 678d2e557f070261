import type { Statement } from '../sql/ast.ts'
import type { Analysis } from './analysis.ts'
import { aggregateFunctions, rowFunctions, windowFunctions } from './function-lists.ts'

/**
 * May a replica answer? Only a SELECT that locks nothing, keeps nothing and calls nothing but the
 * server's own functions: a stored function may write.
 */
export function isPlainRead({ statement, outputs }: Analysis): boolean {
  if (statement.kind !== 'select' || statement.variables.length > 0) return false
  if (!callsOnly(statement, [rowFunctions, aggregateFunctions, windowFunctions])) return false
  for (const query of outputs.keys())
    if (query.kind === 'select' && (query.locking.length > 0 || query.into !== undefined)) return false
  return true
}

/** True when every function of the statement stands in one of the lists. */
export function callsOnly(statement: Statement, lists: readonly ReadonlySet<string>[]): boolean {
  return statement.calls.every((name) => lists.some((list) => list.has(name)))
}
