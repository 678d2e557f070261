import { SherdError } from '../errors/sherd-error.ts'
import type { Endpoint } from '../topology/topology.ts'
import { noteFault } from './mysql-errors.ts'

/** Number of an error, for those that come from a server. */
function serverNumber(error: unknown): number | undefined {
  if (typeof error !== 'object' || error === null || !('errno' in error)) return undefined
  // Errors of the network have errno too, a negative one.
  return typeof error.errno === 'number' && error.errno > 0 ? error.errno : undefined
}

function codeOf(error: unknown): string {
  const code = typeof error === 'object' && error !== null && 'code' in error ? error.code : undefined
  return typeof code === 'string' ? code : 'no code'
}

/**
 * Says why a connection could not be made, naming server and address but no user or password
 * (the server's own text holds the user name, so it is only the cause). Other errors of the server,
 * such as 1040 "Too many connections", stay what they are.
 */
export function explainConnectError(error: unknown, endpoint: Endpoint): unknown {
  if (error instanceof SherdError) return error
  const details = { server: endpoint.id }
  const place = `Server ${endpoint.id} at ${endpoint.address}`
  switch (serverNumber(error)) {
    case undefined:
      return new SherdError('SHERD_SERVER_UNREACHABLE', {
        message: `${place} cannot be reached (${codeOf(error)}).`,
        details,
        cause: error,
      })
    case 1044:
    case 1045:
    case 1698:
      return new SherdError('SHERD_ACCESS_DENIED', {
        message: `${place} refused the user or password of the config (${codeOf(error)}).`,
        details,
        cause: error,
      })
    case 1049:
      return new SherdError('SHERD_DATABASE_MISSING', {
        message: `${place} has no database named ${endpoint.database ?? '(none)'}.`,
        details,
        cause: error,
      })
    default:
      noteFault(error)
      return error
  }
}
