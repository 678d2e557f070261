import { SherdError } from '../errors/sherd-error.ts'

/** The refusal of a statement without the shard key, with what helps in the models of the ORM that sent it. */
export function addRemedy(error: unknown, remedy: string): unknown {
  if (!(error instanceof SherdError) || error.code !== 'SHERD_NO_SHARD_KEY') return error
  const { code, details, sql, cause } = error
  const message = error.message.slice(0, -` ${error.remedy}`.length)
  return new SherdError(code, {
    message,
    remedy: `${remedy} ${error.remedy}`,
    details,
    cause,
    ...(sql === undefined ? {} : { sql }),
  })
}
