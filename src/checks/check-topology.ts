import type { Driver } from '../drivers/driver.ts'
import { loadMysqlDriver } from '../drivers/mysql2.ts'
import { loadSqliteDriver } from '../drivers/sqlite.ts'
import { SherdError } from '../errors/sherd-error.ts'
import type { Topology } from '../topology/topology.ts'
import { checkMysql } from './check-mysql.ts'
import { checkSqlite } from './check-sqlite.ts'
import { type Finding, gatherFindings, type Observation } from './finding.ts'

export interface CheckOptions {
  /** Processes that use the config at the same time, for the limits of connections. Default 1. */
  readonly processes?: number
  /** For all questions to one server, in milliseconds. Default 30,000. Too low calls a busy server silent; too high waits for a dead one. */
  readonly timeoutMs?: number
  /** Endpoints that are asked at once. Default 8. Too high is a burst of connections. */
  readonly concurrency?: number
  /** Findings to leave out: a name, or `name:subject` as in `unique-key-without-shard-key:orders.token`. Default none. */
  readonly ignore?: readonly string[]
  /** Ends the check. */
  readonly signal?: AbortSignal
}

export interface CheckReport {
  /** Errors first. */
  readonly findings: readonly Finding[]
  readonly errors: number
  readonly warnings: number
  readonly notes: number
  /** What was looked at; a server that did not answer is in `findings`. */
  readonly endpoints: number
  readonly logicalShards: number
  readonly tables: number
}

/** What the checks of an engine need. */
export interface CheckContext {
  readonly topology: Topology
  readonly driver: Driver
  readonly processes: number
  readonly timeoutMs: number
  readonly concurrency: number
  readonly signal: AbortSignal | undefined
  readonly now: () => number
}

/**
 * Looks at every server, database and table of a config, and tells what is not as sherd needs it. Reads only, on connections of its own that are
 * closed at the end. A server that is down is a finding. Throws SHERD_PEER_MISSING, and the reason of `signal` when that aborts.
 */
export async function checkTopology(topology: Topology, options: CheckOptions = {}): Promise<CheckReport> {
  const { processes = 1, timeoutMs = 30_000, concurrency = 8, ignore = [], signal } = options
  for (const [name, value] of Object.entries({ processes, timeoutMs, concurrency })) requireCount(name, value)
  const driver = await (topology.dialect === 'sqlite' ? loadSqliteDriver() : loadMysqlDriver())
  const context: CheckContext = { topology, driver, processes, timeoutMs, concurrency, signal, now: Date.now }
  const observations = await (topology.dialect === 'sqlite' ? checkSqlite(context) : checkMysql(context))
  signal?.throwIfAborted()
  return makeReport(topology, observations, ignore)
}

function makeReport(
  topology: Topology,
  observations: readonly Observation[],
  ignore: readonly string[],
): CheckReport {
  const findings = gatherFindings(
    observations.filter(
      ({ name, subject }) => !ignore.includes(name) && !ignore.includes(`${name}:${subject}`),
    ),
  )
  const count = (severity: Finding['severity']): number =>
    findings.filter((finding) => finding.severity === severity).length
  const groups = [...topology.shardGroups.values()]
  return {
    findings,
    errors: count('error'),
    warnings: count('warning'),
    notes: count('note'),
    endpoints: topology.servers.reduce((sum, { replicas }) => sum + 1 + replicas.length, 0),
    logicalShards: groups.reduce((sum, { shards }) => sum + shards.length, 0),
    tables: topology.tables.size,
  }
}

function requireCount(name: string, value: number): void {
  if (Number.isSafeInteger(value) && value >= 1) return
  throw new SherdError('SHERD_CONFIG_VALUE', {
    message: `The option ${name} of checkTopology is no whole number of at least 1.`,
    details: { path: name },
  })
}
