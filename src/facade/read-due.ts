import type { Engine } from '../engine/engine.ts'
import type { Scope } from '../session/scopes.ts'

/** Until when a statement has time: the `timeout` of its options, in milliseconds from now, or what its scope says, if that is nearer. */
export function readDueAt(
  engine: Engine,
  options: object | undefined,
  scope: Scope | undefined,
): number | undefined {
  const timeoutMs = options !== undefined && 'timeout' in options ? options.timeout : undefined
  if (typeof timeoutMs !== 'number' || !(timeoutMs > 0)) return scope?.dueAt
  return Math.min(engine.deadlines.now() + timeoutMs, scope?.dueAt ?? Infinity)
}

/** The options without `timeout`: mysql2 would cut the connection and leave the statement running. */
export function withoutTimeout(options: object | undefined): object | undefined {
  if (options === undefined || !('timeout' in options)) return options
  const { timeout: _, ...rest } = options
  return rest
}
