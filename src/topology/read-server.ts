import { joinLayers, type OptionsLayer, readOptions, readUrlOptions } from './connection-options.ts'
import { type EndpointUrl, parseEndpointUrl } from './endpoint-url.ts'
import { joinReads, readReads, type ReadsLayer } from './read-options.ts'
import { isPlainObject, readArray, readKnownObject, readWholeNumber } from './read-value.ts'
import { joinPath, type ReportProblem } from './report-problem.ts'
import type { Endpoint, Role, Server } from './topology.ts'

/** A server as read, with its place in the config. */
export interface ReadServer {
  readonly path: string
  readonly server: Server
}

/** What the place of a server says about it. */
export interface ServerPlace {
  readonly path: string
  readonly id: string
  /** Options of the levels above, farthest first. */
  readonly inherited: readonly OptionsLayer[]
  /** Read options of the level above. */
  readonly reads: ReadsLayer
  /** Whether its URLs name a database (unsharded) or must not (logical shards). */
  readonly namesDatabase: boolean
}

const serverNames = ['primary', 'replicas', 'reads', 'options'] as const
const highestWeight = 1_000

/** Reads a primary and its replicas; undefined when something is wrong with the primary. */
export function readServer(
  value: unknown,
  place: ServerPlace,
  report: ReportProblem,
  moreNames: readonly string[] = [],
): ReadServer | undefined {
  const { path, id, inherited } = place
  const object = readKnownObject(value, [...serverNames, ...moreNames], path, report)
  if (object === undefined) return undefined
  const options = readOptions(object['options'], joinPath(path, 'options'), report)
  const reads = readReads(object['reads'], joinPath(path, 'reads'), report)
  const levels: ServerPlace = { ...place, inherited: [...inherited, options] }
  const primaryPath = joinPath(path, 'primary')
  if (object['primary'] === undefined || object['primary'] === null) {
    const remedy = 'Give it a `primary` URL; if that comes from an environment variable, set the variable.'
    report('SHERD_CONFIG_NO_PRIMARY', primaryPath, 'The primary is missing.', remedy)
  }
  const replicas = readReplicas(object['replicas'], levels, report)
  if (object['primary'] === undefined || object['primary'] === null) return undefined
  const at = { path: primaryPath, id: `${id}/primary`, role: 'primary' } as const
  const primary = readEndpoint(object['primary'], at, levels, report)
  if (primary === undefined) return undefined
  checkReplicas(primary, replicas, path, report)
  const endpoints = replicas.filter((replica) => replica !== undefined)
  return { path, server: { id, primary, replicas: endpoints, reads: joinReads([place.reads, reads]) } }
}

function readReplicas(
  value: unknown,
  place: ServerPlace,
  report: ReportProblem,
): readonly (Endpoint | undefined)[] {
  if (value === undefined) return []
  const path = joinPath(place.path, 'replicas')
  const list = readArray(value, path, report) ?? []
  return list.map((item, index) => {
    const at = { path: joinPath(path, index), id: `${place.id}/replica/${index}`, role: 'replica' } as const
    return readEndpoint(item, at, place, report)
  })
}

interface EndpointPlace {
  readonly path: string
  readonly id: string
  readonly role: Role
}

function readEndpoint(
  value: unknown,
  at: EndpointPlace,
  place: ServerPlace,
  report: ReportProblem,
): Endpoint | undefined {
  const isObject = isPlainObject(value)
  const known = at.role === 'replica' ? ['url', 'weight', 'options'] : ['url', 'options']
  const object = isObject ? readKnownObject(value, known, at.path, report) : undefined
  const urlPath = isObject ? joinPath(at.path, 'url') : at.path
  const url = parseEndpointUrl(isObject ? object?.['url'] : value, urlPath, report)
  const options = readOptions(object?.['options'], joinPath(at.path, 'options'), report)
  const weight = readWeight(object?.['weight'], joinPath(at.path, 'weight'), report)
  if (url === undefined) return undefined
  const query = url.dialect === 'mysql' ? url.query : []
  const own = readUrlOptions(query, urlPath, report)
  checkDatabase(url, place.namesDatabase, urlPath, report)
  const layers = [...place.inherited, options, own]
  return {
    id: at.id,
    role: at.role,
    ...toAddress(url),
    ...(weight === undefined ? {} : { weight }),
    options: joinLayers(layers, url.dialect),
  }
}

function readWeight(value: unknown, path: string, report: ReportProblem): number | undefined {
  return value === undefined ? undefined : readWholeNumber(value, [1, highestWeight], path, report)
}

function toAddress(url: EndpointUrl): Omit<Endpoint, 'id' | 'role' | 'options'> {
  if (url.dialect === 'sqlite') {
    return { address: url.file, host: '', port: 0, user: () => '', password: () => '' }
  }
  const { host, port, user, password, database } = url
  const address = host.includes(':') ? `[${host}]:${port}` : `${host}:${port}`
  const secrets = { user: () => user, password: () => password }
  return { address, host, port, ...(database === '' ? {} : { database }), ...secrets }
}

function checkDatabase(url: EndpointUrl, isNeeded: boolean, path: string, report: ReportProblem): void {
  if (url.dialect === 'sqlite' || isNeeded === (url.database !== '')) return
  if (isNeeded) {
    const remedy = 'Write it behind the host: mysql://user:password@host/metadata.'
    report('SHERD_CONFIG_URL', path, 'The URL names no database.', remedy)
    return
  }
  const remedy = 'End the URL with the host and a slash: the databases are those of the logical shards.'
  report('SHERD_CONFIG_URL', path, 'The URL of a server of a shard group names a database.', remedy)
}

function checkReplicas(
  primary: Endpoint,
  replicas: readonly (Endpoint | undefined)[],
  path: string,
  report: ReportProblem,
): void {
  const replicasPath = joinPath(path, 'replicas')
  if (primary.port === 0 && replicas.length > 0) {
    const remedy = 'Leave `replicas` out: SQLite copies no data between files.'
    report('SHERD_CONFIG_ENGINE', replicasPath, 'SQLite has no replicas.', remedy)
    return
  }
  const seen = new Set([primary.address])
  for (const [index, replica] of replicas.entries()) {
    if (replica === undefined) continue
    if (
      replica.database !== undefined &&
      primary.database !== undefined &&
      replica.database !== primary.database
    ) {
      const problem = 'The replica names another database than the primary.'
      const remedy = 'Name the database of the primary: a replica holds a copy of it under the same name.'
      report('SHERD_CONFIG_URL', joinPath(replicasPath, index), problem, remedy)
    }
    if (seen.has(replica.address)) {
      const problem = 'The replica has the address of the primary or of another replica beside it.'
      const remedy =
        'Give the address of a replica, or take this one away: without replicas the primary is read.'
      report('SHERD_CONFIG_DUPLICATE_ENDPOINT', joinPath(replicasPath, index), problem, remedy)
    }
    seen.add(replica.address)
  }
}
