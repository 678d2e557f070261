import { SherdError } from '../errors/sherd-error.ts'

/** The refusal with the statement as its caller wrote it, markers and all: the text that was filled in holds values. */
export function hideValues(error: unknown, sql: string): unknown {
  if (!(error instanceof SherdError) || error.sql === undefined) return error
  const { code, remedy, details, cause } = error
  const message = error.message.slice(0, -` ${remedy}`.length)
  return new SherdError(code, { message, remedy, details, sql, cause })
}
