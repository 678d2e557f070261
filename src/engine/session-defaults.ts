import { readModes } from '../drivers/server-flavour.ts'
import { SherdError } from '../errors/sherd-error.ts'
import { type SqlModes, sqliteModes } from '../sql/modes.ts'
import type { Endpoint, Topology } from '../topology/topology.ts'

/** What every connection has in common, so that a text is read and written the same wherever it goes. */
export interface SessionDefaults {
  readonly modes: SqlModes
  /** How dates in values are written: `local`, `Z` or `+09:00`. */
  readonly timezone: string
}

/**
 * Told by the config alone, so that planning needs no server; each connection is held against it when it is made.
 * Throws SHERD_CONFIG_VALUE when servers differ.
 */
export function sessionDefaults(topology: Topology): SessionDefaults {
  const endpoints = topology.servers.flatMap((server) => [server.primary, ...server.replicas])
  const timezone = requireOne(endpoints, 'timezone', (endpoint) => endpoint.options.timezone)
  if (topology.dialect === 'sqlite') return { modes: sqliteModes, timezone }
  const sqlMode = requireOne(endpoints, 'sqlMode', (endpoint) => endpoint.options.sqlMode ?? '')
  // mysql2 connects with CLIENT_IGNORE_SPACE, which the server turns into the mode.
  return { modes: { ...readModes(new Set(sqlMode.split(','))), ignoreSpace: true }, timezone }
}

function requireOne(
  endpoints: readonly Endpoint[],
  option: string,
  read: (endpoint: Endpoint) => string,
): string {
  const [first] = endpoints
  const other = endpoints.find((endpoint) => first !== undefined && read(endpoint) !== read(first))
  if (first === undefined || other === undefined) return first === undefined ? '' : read(first)
  throw new SherdError('SHERD_CONFIG_VALUE', {
    message: `The option ${option} of ${other.id} differs from that of ${first.id}, so a statement could mean two things.`,
    remedy: `Give all databases and servers the same ${option}.`,
    details: { server: other.id },
  })
}
