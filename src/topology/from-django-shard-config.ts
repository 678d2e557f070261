import type { RoutingConfig, SherdConfig } from './config.ts'
import { convertDjangoLevel, convertDjangoUrl, levelNames } from './convert-django-options.ts'
import type { DjangoShardConfig } from './django-shard-config.ts'
import { isPlainObject, readArray, readKnownObject, readObject, readWholeNumber } from './read-value.ts'
import type { UnreadObject } from './read-value.ts'
import { createProblemList, joinPath, type ReportProblem, throwProblems } from './report-problem.ts'
import { listNames, suggestName } from './suggest-name.ts'

/** What the old config does not say. */
export interface DjangoShardConfigOptions {
  /**
   * The version of Django-Shard-Library that wrote the data; it decides how keys find their shard: `0.0.5`
   * modulo (also what 0.0.3 to 0.0.9 did), `0.1.3` the ring (0.0.12 and later). The wrong one
   * looks for rows on the wrong shard. 0.0.10 and 0.0.11 hashed otherwise and are not supported.
   */
  readonly version: '0.0.5' | '0.1.3'
  /** `tables` of the new config. Default: none. */
  readonly tables?: SherdConfig['tables']
  /** Routing by shard group, instead of the version's. Default: none. */
  readonly routing?: Readonly<Record<string, RoutingConfig>> | undefined
  /** The Django setting `SHARD_REPLICA_COUNT_SETTING`: virtual shards or nodes by group. Default: 1,024 in 0.0.5, 512 in 0.1.3. */
  readonly replicaCounts?: Readonly<Record<string, number>> | undefined
}

/**
 * Turns a config of Django-Shard-Library into one that `defineConfig` takes. Databases, their places and the
 * logical shard of each key stay as they were.
 *
 * A number of logical shards that does not divide evenly by the servers is refused: the old library made 9 databases
 * of 10 on 3 servers and spread keys over 9, while `defineConfig` deals 10 as 4, 3, 3. Write the number of databases
 * that exist; where they are not in even ranges, write the config for `defineConfig` itself and
 * give each server its `logicalShards`.
 *
 * Throws SHERD_CONFIG with all mistakes of the shape; values are checked by `defineConfig`.
 */
export function fromDjangoShardConfig(
  config: DjangoShardConfig,
  options: DjangoShardConfigOptions,
): SherdConfig {
  const list = createProblemList()
  const converted = convertConfig(config, options, list.report)
  throwProblems(list)
  return converted
}

type Report = ReportProblem

function convertConfig(config: unknown, options: unknown, report: Report): SherdConfig {
  const object = readKnownObject(config, ['unshard', 'shard'], 'config', report) ?? {}
  const optionNames = ['version', 'tables', 'routing', 'replicaCounts']
  const given = readKnownObject(options, optionNames, 'options', report) ?? {}
  const shard = readSection(object['shard'], 'shard', report)
  const names = shard.map(([name]) => name)
  const convertRouting = routingConverter(given, names, report)
  const databases = readSection(object['unshard'], 'unshard', report).map(([name, value]) => {
    return [name, convertServer(value, joinPath('unshard', name), report)]
  })
  const groups = shard.map(([name, value]) => [name, convertGroup(name, value, convertRouting, report)])
  // Whatever is wrong inside is a mistake that defineConfig names with its path.
  return {
    databases: Object.fromEntries(databases),
    shardGroups: Object.fromEntries(groups),
    ...(given['tables'] === undefined ? {} : { tables: given['tables'] }),
  } as SherdConfig
}

function readSection(value: unknown, path: string, report: Report): [string, unknown][] {
  return value === undefined || value === null ? [] : Object.entries(readObject(value, path, report) ?? {})
}

function convertGroup(
  name: string,
  value: unknown,
  convertRouting: (name: string) => unknown,
  report: Report,
): UnreadObject {
  const path = joinPath('shard', name)
  const known = ['shard_options', 'db_options', 'database_name', 'logical_count', 'shards', ...levelNames]
  const group = readKnownObject(value, known, path, report)
  if (group === undefined) return {}
  const nestedPath = joinPath(path, 'shard_options')
  const nestedNames = ['database_name', 'logical_count', ...levelNames.slice(1)]
  const isNested = group['shard_options'] !== undefined
  const nested = isNested
    ? readKnownObject(group['shard_options'], nestedNames, nestedPath, report)
    : undefined
  const shape = { ...nested, ...group }
  const list = readArray(group['shards'], joinPath(path, 'shards'), report) ?? []
  checkEven(
    shape['logical_count'],
    list.length,
    joinPath(isNested ? nestedPath : path, 'logical_count'),
    report,
  )
  const options = {
    ...convertDjangoLevel(nested ?? {}, nestedPath, report),
    ...convertDjangoLevel(group, path, report, 'db_options'),
    ...convertDjangoLevel(group, path, report),
  }
  const servers = list.map((server, index) =>
    convertServer(server, joinPath(joinPath(path, 'shards'), index), report),
  )
  return {
    databaseName: shape['database_name'],
    logicalShards: shape['logical_count'],
    routing: convertRouting(name),
    options,
    servers,
  }
}

function checkEven(count: unknown, servers: number, path: string, report: Report): void {
  const shards = readWholeNumber(count, [1, 65_536], path, report)
  if (shards === undefined || servers === 0 || shards % servers === 0) return
  const existing = Math.floor(shards / servers) * servers
  const problem = `${shards} logical shards do not divide by ${servers} servers: the old library made ${existing} databases and spread keys over ${existing}.`
  const remedy =
    existing === 0
      ? 'Take servers away: with fewer logical shards than servers there were no databases.'
      : `Write ${existing} to find the rows where they are; more logical shards are a move of data.`
  report('SHERD_CONFIG_PLACEMENT', path, problem, remedy)
}

function convertServer(value: unknown, path: string, report: Report): unknown {
  const server = readKnownObject(value, ['master', 'slaves', ...levelNames], path, report)
  if (server === undefined) return {}
  const slavesPath = joinPath(path, 'slaves')
  const slaves = server['slaves'] ?? []
  if (server['master'] === undefined || server['master'] === null) {
    report('SHERD_CONFIG_NO_PRIMARY', joinPath(path, 'master'), 'The master is missing.', 'Give it a URL.')
  }
  const list = readArray(slaves, slavesPath, report) ?? []
  return {
    primary: convertEndpoint(server['master'], joinPath(path, 'master'), report),
    replicas: list.map((slave, index) => convertEndpoint(slave, joinPath(slavesPath, index), report)),
    options: convertDjangoLevel(server, path, report),
  }
}

function convertEndpoint(value: unknown, path: string, report: Report): unknown {
  if (!isPlainObject(value)) return convertDjangoUrl(value)
  const endpoint = readKnownObject(value, ['url', ...levelNames], path, report) ?? {}
  return { url: convertDjangoUrl(endpoint['url']), options: convertDjangoLevel(endpoint, path, report) }
}

/** Checks the options on routing once; gives the routing of each group. */
function routingConverter(
  options: UnreadObject,
  groups: readonly string[],
  report: Report,
): (group: string) => unknown {
  const { version } = options
  if (version !== '0.0.5' && version !== '0.1.3') {
    const problem = 'The version of Django-Shard-Library is missing or unknown; it decides where keys are.'
    report(
      'SHERD_CONFIG_VALUE',
      'options.version',
      problem,
      "Write '0.0.5' for modulo or '0.1.3' for the ring.",
    )
  }
  const readByGroup = (name: string): UnreadObject => {
    const path = joinPath('options', name)
    const entries = readSection(options[name], path, report)
    for (const [group] of entries.filter(([known]) => !groups.includes(known))) {
      const remedy = `${suggestName(group, groups)}Known: ${listNames(groups)}.`
      report('SHERD_CONFIG_UNKNOWN_GROUP', joinPath(path, group), 'There is no such shard group.', remedy)
    }
    return Object.fromEntries(entries)
  }
  const routing = readByGroup('routing')
  const counts = readByGroup('replicaCounts')
  return (group) => {
    if (routing[group] !== undefined) return routing[group]
    const count = counts[group]
    return version === '0.0.5'
      ? { strategy: 'modulo', virtualShards: count ?? 1024 }
      : { strategy: 'ring', virtualNodes: count ?? 512 }
  }
}
