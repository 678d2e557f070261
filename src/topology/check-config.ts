import { basename, dirname, extname } from 'node:path'
import type { ReadGroup } from './read-group.ts'
import type { ReadServer } from './read-server.ts'
import { joinPath, type ReportProblem } from './report-problem.ts'
import type { Endpoint, Server, TransactionMode } from './topology.ts'

/** What was read of a config, for checks that need more than one place of it. */
export interface ReadConfig {
  readonly databases: ReadonlyMap<string, ReadServer>
  readonly groups: readonly ReadGroup[]
}

/** SQLITE_MAX_ATTACHED, as SQLite is compiled by default and in libsql 0.5 (it says "max 10"). */
const mostAttached = 10

/** Notes servers of two engines in one config, at the first server that differs from the first of all. */
export function checkEngines({ databases, groups }: ReadConfig, report: ReportProblem): void {
  const servers = [...databases.values(), ...groups.flatMap((group) => group.servers)]
  const known = servers.filter((server) => server !== undefined)
  const first = known[0]
  if (first === undefined) return
  for (const { path, server } of known) {
    for (const endpoint of [server.primary, ...server.replicas]) {
      if (isSqlite(endpoint) === isSqlite(first.server.primary)) continue
      const at = endpoint.role === 'primary' ? joinPath(path, 'primary') : joinPath(path, 'replicas')
      const problem = `SQLite and MySQL or MariaDB are mixed: ${joinPath(first.path, 'primary')} is of the other engine.`
      report('SHERD_CONFIG_ENGINE', at, problem, 'Use URLs of one engine in the whole config.')
      return
    }
  }
}

/** Notes XA on SQLite, which has none. */
export function checkTransactions(
  { databases, groups, transactions }: ReadConfig & { readonly transactions: TransactionMode },
  report: ReportProblem,
): void {
  const servers = [...databases.values(), ...groups.flatMap((group) => group.servers)]
  if (transactions !== 'xa' || !servers.some((read) => read !== undefined && isSqlite(read.server.primary)))
    return
  const remedy = "Use 'one-server' or 'best-effort' on SQLite."
  report('SHERD_CONFIG_ENGINE', 'transactions', 'SQLite has no two-phase commit.', remedy)
}

/**
 * Notes logical shards of two groups with one name. That is a mistake on different servers too, because hints,
 * commands and logs know a logical shard by its name alone. Case does not count: some servers ignore it.
 */
export function checkGroupNames({ groups }: ReadConfig, report: ReportProblem): void {
  const seen = new Map<string, ReadGroup>()
  for (const group of groups) {
    const name = group.databaseName?.toLowerCase()
    if (name === undefined) continue
    const other = seen.get(name)
    if (other === undefined) {
      seen.set(name, group)
      continue
    }
    const problem = `The logical shards would have the names of those of ${other.path}.`
    const remedy = 'Give each shard group a databaseName of its own.'
    report('SHERD_CONFIG_DUPLICATE_SHARD', joinPath(group.path, 'databaseName'), problem, remedy)
  }
}

/** Notes unsharded databases that are at the same time a logical shard. */
export function checkDatabaseNames({ databases, groups }: ReadConfig, report: ReportProblem): void {
  const shards = new Map<string, string>()
  for (const group of groups) {
    for (const [index, place] of (group.placement ?? []).entries()) {
      const server = group.servers[place]?.server
      if (server === undefined || group.databaseName === undefined) continue
      const name = `${group.databaseName}_${index}`
      for (const address of addressesOf(server)) shards.set(placeOf(address, name), name)
    }
  }
  for (const { path, server } of databases.values()) {
    const name = placesOfDatabase(server)
      .map((place) => shards.get(place))
      .find((found) => found !== undefined)
    if (name === undefined) continue
    const problem = `The unsharded database is also the logical shard ${name}.`
    const remedy = 'Give the unsharded database a name of its own.'
    report('SHERD_CONFIG_DUPLICATE_SHARD', joinPath(path, 'primary'), problem, remedy)
  }
}

/** Notes SQLite servers with more logical shards than a connection can attach. */
export function checkAttached(
  groups: readonly ReadGroup[],
  shared: ReadonlyMap<Server, Server>,
  report: ReportProblem,
): void {
  const counts = new Map<Server, number>()
  for (const group of groups) {
    for (const place of group.placement ?? []) {
      const read = group.servers[place]
      if (read === undefined || !isSqlite(read.server.primary)) continue
      const server = shared.get(read.server) ?? read.server
      const count = (counts.get(server) ?? 0) + 1
      counts.set(server, count)
      if (count !== mostAttached + 1) continue
      const problem = `More than ${mostAttached} logical shards in one SQLite folder; SQLite attaches at most ${mostAttached} databases to a connection.`
      const remedy = `Add servers (folders), so that each holds at most ${mostAttached} logical shards.`
      report('SHERD_CONFIG_ENGINE', read.path, problem, remedy)
    }
  }
}

/** Whether an endpoint is a file or folder instead of a server. */
export function isSqlite(endpoint: Endpoint): boolean {
  return endpoint.port === 0
}

function addressesOf(server: Server): readonly string[] {
  const addresses = [server.primary, ...server.replicas].map((endpoint) => endpoint.address)
  // Each `:memory:` is a database of its own.
  return addresses.filter((address) => address !== ':memory:')
}

function placesOfDatabase(server: Server): readonly string[] {
  const { primary } = server
  if (!isSqlite(primary)) {
    return addressesOf(server).map((address) => placeOf(address, primary.database ?? ''))
  }
  const file = primary.address
  return [placeOf(dirname(file), basename(file, extname(file)))]
}

function placeOf(address: string, database: string): string {
  return JSON.stringify([address, database.toLowerCase()])
}
