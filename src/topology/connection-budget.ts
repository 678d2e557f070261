import { alignColumns } from './align-columns.ts'
import { defaultPreparedStatementLimit } from './connection-options.ts'
import type { Endpoint, Topology } from './topology.ts'

/** What a server allows, as it says itself: `@@max_connections`, `@@max_prepared_stmt_count`. */
export interface ServerAllowance {
  readonly maxConnections: number
  readonly maxPreparedStatements?: number
}

export interface ConnectionBudgetOptions {
  /** Processes that use this config at the same time, workers and those of a rolling restart included. At least 1. */
  readonly processes: number
  /** What servers allow, by address (`host:port`). Default: not known. */
  readonly allowances?: ReadonlyMap<string, ServerAllowance>
}

/** How many connections all processes together may open, by server. */
export interface ConnectionBudget {
  readonly processes: number
  readonly servers: readonly ServerBudget[]
  /** Addresses of the servers that would be overrun, in connections or in prepared statements. */
  readonly overrun: readonly string[]
}

/** The budget of one address, however many endpoints of the config lie there. */
export interface ServerBudget {
  readonly address: string
  /** `product/0/primary`, and others with a pool of their own at this address. */
  readonly endpoints: readonly string[]
  readonly connectionsPerProcess: number
  /** Of all processes, when every pool is full. */
  readonly connections: number
  /** Of all processes, when every connection keeps as many as it may. */
  readonly preparedStatements: number
  readonly allowance: ServerAllowance | undefined
  /** `undefined`: what the server allows is not known. */
  readonly isOverrun: boolean | undefined
}

/**
 * What all processes together may ask of each server: processes × pools at its address × connectionLimit, against
 * what the server allows. Beside these, each process opens a connection for a moment to end a statement or to ask a silent
 * replica, and people and backups need some: the last tenth of `max_connections` counts as theirs.
 */
export function connectionBudget(topology: Topology, options: ConnectionBudgetOptions): ConnectionBudget {
  const { allowances } = options
  const processes = Math.max(Math.trunc(options.processes), 1)
  const byAddress = new Map<string, Endpoint[]>()
  for (const endpoint of topology.servers.flatMap(({ primary, replicas }) => [primary, ...replicas])) {
    const known = byAddress.get(endpoint.address)
    if (known === undefined) byAddress.set(endpoint.address, [endpoint])
    else known.push(endpoint)
  }
  const servers = [...byAddress].map(([address, endpoints]) =>
    budgetOf(address, endpoints, processes, allowances?.get(address)),
  )
  const overrun = servers.filter(({ isOverrun }) => isOverrun === true).map(({ address }) => address)
  return { processes, servers, overrun }
}

function budgetOf(
  address: string,
  endpoints: readonly Endpoint[],
  processes: number,
  allowance: ServerAllowance | undefined,
): ServerBudget {
  let connectionsPerProcess = 0
  let statementsPerProcess = 0
  for (const { options } of endpoints) {
    const { connectionLimit, preparedStatementLimit = defaultPreparedStatementLimit } = options
    connectionsPerProcess += connectionLimit
    statementsPerProcess += connectionLimit * preparedStatementLimit
  }
  const connections = processes * connectionsPerProcess
  const preparedStatements = processes * statementsPerProcess
  return {
    address,
    endpoints: endpoints.map(({ id }) => id),
    connectionsPerProcess,
    connections,
    preparedStatements,
    allowance,
    isOverrun: allowance === undefined ? undefined : isOver(connections, preparedStatements, allowance),
  }
}

function isOver(connections: number, preparedStatements: number, allowance: ServerAllowance): boolean {
  const { maxConnections, maxPreparedStatements = Infinity } = allowance
  return connections > usable(maxConnections) || preparedStatements > maxPreparedStatements
}

function usable(maxConnections: number): number {
  return Math.floor(maxConnections * 0.9)
}

/** A budget as a text with a table for people. */
export function printConnectionBudget({ processes, servers, overrun }: ConnectionBudget): string {
  const heading = ['SERVER', 'POOLS', 'EACH PROCESS', 'ALL', 'ALLOWED', 'PREPARED', 'ALLOWED', '']
  const rows = servers.map((server) => [
    server.address,
    server.endpoints.join(', '),
    String(server.connectionsPerProcess),
    String(server.connections),
    server.allowance === undefined ? '?' : String(server.allowance.maxConnections),
    String(server.preparedStatements),
    String(server.allowance?.maxPreparedStatements ?? '?'),
    server.isOverrun === undefined ? 'not known' : server.isOverrun ? 'TOO MANY' : 'fits',
  ])
  const table = alignColumns([heading, ...rows])
  const told = overrun.length === 0 ? '' : `\n\n${overrunText(overrun)}`
  return `Connections of ${processes} ${processes === 1 ? 'process' : 'processes'}\n\n${table}${told}\n`
}

function overrunText(overrun: readonly string[]): string {
  return (
    `Too many for ${overrun.join(', ')}: lower connectionLimit or preparedStatementLimit, run fewer processes,\n` +
    'or raise max_connections or max_prepared_stmt_count there. A tenth of max_connections is left for others.'
  )
}
