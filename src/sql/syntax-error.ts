import { SherdError } from '../errors/sherd-error.ts'
import type { ErrorCode } from '../errors/registry.ts'

/**
 * The error for a text that cannot be read with certainty. It tells the place, never the text:
 * what stands there may be a value.
 */
export function createSyntaxError(
  sql: string,
  offset: number,
  problem: string,
  code: ErrorCode = 'SHERD_SQL_SYNTAX',
): SherdError {
  let line = 1
  let lineStart = 0
  for (let at = sql.indexOf('\n'); at !== -1 && at < offset; at = sql.indexOf('\n', lineStart)) {
    line++
    lineStart = at + 1
  }
  const place = `line ${line}, column ${offset - lineStart + 1} (offset ${offset})`
  return new SherdError(code, {
    message: `The statement cannot be read at ${place}: ${problem}.`,
    details: { offset },
  })
}
