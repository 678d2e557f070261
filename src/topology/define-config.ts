import {
  checkAttached,
  checkDatabaseNames,
  checkEngines,
  checkGroupNames,
  checkTransactions,
  isSqlite,
} from './check-config.ts'
import { checkForeignKeys } from './check-foreign-keys.ts'
import { canonicalPins, checkKeyTypes } from './check-keys.ts'
import type { SherdConfig } from './config.ts'
import { deepFreeze, FrozenMap } from './frozen-map.ts'
import { type ReadGroup, readGroup } from './read-group.ts'
import { type ReadServer, readServer } from './read-server.ts'
import { type ReadTable, readTables } from './read-tables.ts'
import { checkIdentifier, isPlainObject, readChoice, readKnownObject, readObject } from './read-value.ts'
import { createProblemList, joinPath, type ReportProblem, throwProblems } from './report-problem.ts'
import type { RoutingDeclaration } from './routing-declaration.ts'
import { shareServers } from './share-servers.ts'
import type {
  LogicalShard,
  Server,
  ShardGroup,
  Topology,
  TransactionMode,
  UnshardedInTransaction,
} from './topology.ts'
import { hashTopology, topologyToJson } from './topology-json.ts'

interface Reading {
  readonly databases: ReadonlyMap<string, ReadServer>
  readonly groups: readonly ReadGroup[]
  readonly tables: ReadonlyMap<string, ReadTable>
  readonly transactions: TransactionMode
  readonly unshardedInTransaction: UnshardedInTransaction
  /** Each server to the one that stands for it. */
  readonly shared: ReadonlyMap<Server, Server>
}

/**
 * Makes the topology of a config: checked, frozen, without any connection. Throws SHERD_CONFIG with all
 * mistakes, each with its path and remedy. The texts hold no URL, user or password.
 */
export function defineConfig(config: SherdConfig): Topology {
  const list = createProblemList()
  const reading = readConfig(config, list.report)
  throwProblems(list)
  return buildTopology(reading)
}

function readConfig(config: unknown, report: ReportProblem): Reading {
  const names = ['databases', 'shardGroups', 'tables', 'transactions', 'unshardedInTransaction']
  const object = readKnownObject(config, names, '', (code, path, problem, remedy) =>
    report(code, path === '' ? 'config' : path, problem, remedy),
  )
  const databaseConfigs = readSection(object?.['databases'], 'databases', report)
  const groupConfigs = readSection(object?.['shardGroups'], 'shardGroups', report)
  const isEmpty = [object?.['databases'], object?.['shardGroups']].every(isNothing)
  if (object !== undefined && isEmpty) {
    const remedy = 'Add shardGroups, databases, or both.'
    report('SHERD_CONFIG_VALUE', 'config', 'There is neither a shard group nor a database.', remedy)
  }
  const databaseNames = new Set(databaseConfigs.map(([name]) => name))
  const groupNames = new Set(groupConfigs.map(([name]) => name))
  const databases = readDatabases(databaseConfigs, report)
  const groups = groupConfigs.map(([name, value]) => readGroup(name, value, databaseNames, report))
  const tables = readTables(object?.['tables'], { groups: groupNames, databases: databaseNames, report })
  const transactions = readChoice(object?.['transactions'], modes, 'transactions', report)
  const unshardedInTransaction = readChoice(
    object?.['unshardedInTransaction'],
    ['refuse', 'separate'],
    'unshardedInTransaction',
    report,
  )
  return checkReading({ databases, groups, tables, transactions, unshardedInTransaction }, report)
}

const modes: readonly [TransactionMode, ...TransactionMode[]] = ['one-server', 'xa', 'best-effort']

function checkReading(reading: Omit<Reading, 'shared'>, report: ReportProblem): Reading {
  const { databases, groups, tables } = reading
  checkEngines(reading, report)
  checkTransactions(reading, report)
  checkGroupNames(reading, report)
  checkDatabaseNames(reading, report)
  checkKeyTypes(groups, tables, report)
  checkForeignKeys(tables, report)
  const servers = [...databases.values(), ...groups.flatMap((group) => group.servers)]
  const shared = shareServers(servers.flatMap((read) => (read === undefined ? [] : [read.server])))
  checkAttached(groups, shared, report)
  const routed = groups.map((group) => ({ ...group, routing: canonicalPins(group, tables, report) }))
  return { ...reading, groups: routed, shared }
}

/** A section that is left out or `{}`; one of a wrong type is a mistake of its own. */
function isNothing(section: unknown): boolean {
  return section === undefined || (isPlainObject(section) && Object.keys(section).length === 0)
}

function readSection(value: unknown, path: string, report: ReportProblem): [string, unknown][] {
  return value === undefined ? [] : Object.entries(readObject(value, path, report) ?? {})
}

function readDatabases(
  configs: readonly (readonly [string, unknown])[],
  report: ReportProblem,
): ReadonlyMap<string, ReadServer> {
  const databases = new Map<string, ReadServer>()
  for (const [name, value] of configs) {
    const path = joinPath('databases', name)
    checkIdentifier(name, path, report)
    const read = readServer(value, { path, id: name, inherited: [], reads: {}, namesDatabase: true }, report)
    if (read !== undefined) databases.set(name, read)
  }
  return databases
}

function buildTopology({ databases, groups, tables, shared, ...options }: Reading): Topology {
  const servers = [...new Set(shared.values())]
  const first = servers[0]
  const content = {
    dialect: first !== undefined && isSqlite(first.primary) ? 'sqlite' : 'mysql',
    databases: new FrozenMap(
      [...databases].map(([name, { server }]) => [name, { name, server: shared.get(server) ?? server }]),
    ),
    shardGroups: new FrozenMap(groups.map((group) => [group.name, buildGroup(group, shared)])),
    tables: new FrozenMap([...tables].map(([name, { declaration }]) => [name, declaration])),
    servers,
    transactions: options.transactions,
    unshardedInTransaction: options.unshardedInTransaction,
  } as const
  const topology: Topology = { version: hashTopology(content), ...content }
  // Not enumerable, so that copies and comparisons see the contract's properties only.
  Object.defineProperty(topology, 'toJSON', { value: () => topologyToJson(topology) })
  return deepFreeze(topology)
}

function buildGroup(group: ReadGroup, shared: ReadonlyMap<Server, Server>): ShardGroup {
  const { name, databaseName, routing, placement } = group
  const servers = group.servers.map((read) => (read === undefined ? undefined : shared.get(read.server)))
  if (databaseName === undefined || routing === undefined || placement === undefined) throw unreported(group)
  const shards = placement.map((place, index): LogicalShard => {
    const server = servers[place]
    if (server === undefined) throw unreported(group)
    return { name: `${databaseName}_${index}`, group: name, index, server }
  })
  const used = new Set(servers.filter((server) => server !== undefined))
  return { name, databaseName, routing: freezePins(routing), shards, servers: [...used] }
}

function freezePins(routing: RoutingDeclaration): RoutingDeclaration {
  return routing.strategy === 'directory' ? { ...routing, pins: new FrozenMap(routing.pins) } : routing
}

/** A part is only missing when a mistake was noted, and then `throwProblems` has thrown. */
function unreported(group: ReadGroup): Error {
  return new Error(
    `The shard group at ${group.path} was not read, and no mistake was noted. This is a bug of sherd.`,
  )
}
