import { readOptions } from './connection-options.ts'
import { placeShards } from './place-shards.ts'
import { readRouting } from './read-routing.ts'
import { readReads } from './read-options.ts'
import { type ReadServer, readServer } from './read-server.ts'
import { checkIdentifier, readArray, readKnownObject, readWholeNumber } from './read-value.ts'
import { joinPath, type ReportProblem } from './report-problem.ts'
import type { RoutingDeclaration } from './routing-declaration.ts'

/** A shard group as read; parts with a mistake are undefined. */
export interface ReadGroup {
  readonly name: string
  readonly path: string
  readonly databaseName: string | undefined
  readonly routing: RoutingDeclaration | undefined
  /** In the order of the config. */
  readonly servers: readonly (ReadServer | undefined)[]
  /** Number of the server of each logical shard. */
  readonly placement: readonly number[] | undefined
}

const groupNames = ['databaseName', 'logicalShards', 'routing', 'options', 'reads', 'servers']
const mostShards = 65_536

/** Reads one shard group. */
export function readGroup(
  name: string,
  value: unknown,
  databases: ReadonlySet<string>,
  report: ReportProblem,
): ReadGroup {
  const path = joinPath('shardGroups', name)
  checkIdentifier(name, path, report)
  if (name === 'all') {
    const remedy = "Name it otherwise: reference('all') means all groups."
    report('SHERD_CONFIG_NAME', path, 'A shard group cannot be called "all".', remedy)
  }
  const object = readKnownObject(value, groupNames, path, report)
  if (object === undefined) {
    return { name, path, databaseName: undefined, routing: undefined, servers: [], placement: undefined }
  }
  const countPath = joinPath(path, 'logicalShards')
  const logicalShards = readWholeNumber(object['logicalShards'], [1, mostShards], countPath, report)
  const databaseName = readDatabaseName(object['databaseName'], logicalShards ?? 1, path, report)
  const shards = logicalShards ?? mostShards
  const routing = readRouting(object['routing'], {
    path: joinPath(path, 'routing'),
    logicalShards: shards,
    databases,
    report,
  })
  const options = readOptions(object['options'], joinPath(path, 'options'), report)
  const reads = readReads(object['reads'], joinPath(path, 'reads'), report)
  const serversPath = joinPath(path, 'servers')
  const list = readServerList(object['servers'], serversPath, report)
  const servers = list.map((server, index) => {
    const at = { path: joinPath(serversPath, index), id: `${name}/${index}` }
    return readServer(server, { ...at, inherited: [options], reads, namesDatabase: false }, report, [
      'logicalShards',
    ])
  })
  const isPlaceable = logicalShards !== undefined && list.length > 0
  const placement = isPlaceable ? placeShards(logicalShards, list, serversPath, report) : undefined
  return { name, path, databaseName, routing, servers, placement }
}

function readServerList(value: unknown, path: string, report: ReportProblem): readonly unknown[] {
  const list = readArray(value, path, report)
  if (list?.length === 0) {
    const remedy = 'Add at least { primary: url }.'
    report('SHERD_CONFIG_VALUE', path, 'The shard group has no servers.', remedy)
  }
  return list ?? []
}

function readDatabaseName(
  value: unknown,
  logicalShards: number,
  groupPath: string,
  report: ReportProblem,
): string | undefined {
  const path = joinPath(groupPath, 'databaseName')
  if (typeof value !== 'string') {
    const problem = 'The first part of the database names is missing.'
    report('SHERD_CONFIG_VALUE', path, problem, "Write databaseName: 'product' for product_0, product_1 …")
    return undefined
  }
  // 64 characters are the longest name of a database in MySQL and MariaDB.
  const room = 64 - `_${logicalShards - 1}`.length
  return checkIdentifier(value, path, report, room) ? value : undefined
}
