import { SherdError } from '../errors/sherd-error.ts'
import type { ConnectionProfile } from '../pools/server-pools.ts'
import type { Topology } from '../topology/topology.ts'
import { refuseOtherConnections } from './other-library.ts'

/** What an ORM said of its connections when it made them, as far as it concerns statements and their results. */
export interface Profile {
  /** Options of mysql2 for each query; those of a query itself come first. Absent: none. */
  readonly options: object | undefined
  /** How dates are written and read. Absent: as the config of sherd says. */
  readonly timezone: string | undefined
  /** Objects among the values are written as text, not as `name = value`. */
  readonly stringifyObjects: boolean
  /** Which real connections the statements run on. Absent: the usual ones. */
  readonly connections: ConnectionProfile | undefined
  /** What helps in the models of the ORM where the shard key is missing. Absent: nothing of its own. */
  readonly remedy: string | undefined
}

const queryOptions = [
  'typeCast',
  'dateStrings',
  'supportBigNumbers',
  'bigNumberStrings',
  'timezone',
  'rowsAsArray',
  'nestTables',
] as const

/** mysql2 (3.24) takes these from the connection, not from the query. */
const connectionOptions = ['jsonStrings', 'decimalNumbers'] as const

/**
 * Reads what is given to `createPool` or `createConnection` of mysql2. Where and as whom to connect, TLS and limits are
 * the business of sherd's config and passed over. SHERD_CONNECTION_OPTION for what would change statements or answers otherwise.
 */
export function readProfile(config: object, remedy?: string): Profile {
  // Copied: Knex makes `password` of the object it was given not enumerable and goes on using it.
  const given: Readonly<Record<string, unknown>> = { ...config }
  refuseOtherConnections(given)
  for (const name of ['multipleStatements', 'namedPlaceholders', 'queryFormat'])
    if (given[name] !== undefined && given[name] !== false) throw unavailable(name)
  const set = connectionOptions.filter((name) => given[name] === true)
  const library = { ...pick(given, set), ...readFlags(given['flags']) }
  const { timezone } = given
  return {
    options: orUndefined(pick(given, queryOptions)),
    timezone: typeof timezone === 'string' ? timezone : undefined,
    stringifyObjects: given['stringifyObjects'] === true,
    connections: orUndefined(library) && { name: JSON.stringify(library), library },
    remedy,
  }
}

/**
 * What holds for connections that do not say otherwise. mysql2 reads a BIGINT as a number, and the next smaller one where it fits no number:
 * an id of 63 bits would come back as another id. Where a table is declared to have such ids, it comes as text.
 */
export function connectionDefaults({ tables }: Pick<Topology, 'tables'>): object {
  const hasLongIds = [...tables.values()].some(
    (table) => table.kind === 'sharded' && Object.values(table.ids ?? {}).includes('time'),
  )
  return hasLongIds ? { supportBigNumbers: true } : {}
}

/** FOUND_ROWS decides whether an UPDATE counts the rows it found or those it changed; the server is told when the connection is made. */
function readFlags(given: unknown): object {
  const flags = Array.isArray(given) ? given : typeof given === 'string' ? given.split(/\s*,+\s*/) : []
  const names = flags.map((flag) => String(flag).toUpperCase()).filter((flag) => flag !== '')
  const other = names.find((flag) => flag !== 'FOUND_ROWS' && flag !== '-FOUND_ROWS')
  if (other !== undefined) throw unavailable('flags')
  return names.includes('-FOUND_ROWS') ? { flags: ['-FOUND_ROWS'] } : {}
}

function pick(given: Readonly<Record<string, unknown>>, names: readonly string[]): object {
  return Object.fromEntries(
    names.flatMap((name) => (given[name] === undefined || given[name] === null ? [] : [[name, given[name]]])),
  )
}

function orUndefined<T extends object>(options: T): T | undefined {
  return Object.keys(options).length === 0 ? undefined : options
}

function unavailable(option: string): SherdError {
  return new SherdError('SHERD_CONNECTION_OPTION', {
    message: `The option ${option} was given for the connections of the ORM, and connections through sherd do not have it.`,
    details: { path: option },
  })
}
