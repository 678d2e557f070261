import { createHash, randomBytes } from 'node:crypto'
import { existsSync } from 'node:fs'
import { mkdir } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import { SherdError } from '../../errors/sherd-error.ts'
import type { Endpoint, Role, Topology } from '../../topology/topology.ts'
import { ping, runAsRoot } from '../servers/administration.ts'
import { findMariadb } from '../servers/find-programs.ts'
import { findFreePort } from '../servers/free-port.ts'
import type { ServerIdentity } from '../servers/mariadb-flags.ts'
import type { Supervisor } from '../servers/supervisor.ts'
import { copyTemplate, prepareTemplate } from '../servers/template-directory.ts'
import { TestReplica } from '../servers/test-replica.ts'
import { type ServerSetting, TestServer } from '../servers/test-server.ts'
import { type DevServerPlan, digestPlan, planDevServers } from './dev-plan.ts'
import { type DevRecord, readRecord, writeRecord } from './dev-record.ts'
import { quoteName } from '../../sql/quote-name.ts'

/** A local server that is running now. */
export interface DevServer {
  /** Of the config. */
  readonly address: string
  readonly role: Role
  readonly port: number
  /** The config's own URLs lead here. */
  readonly isAsConfigured: boolean
  readonly databases: readonly string[]
  /** False: it ran already. */
  readonly isStarted: boolean
}

/** They outlive this process: only `stopDevServers` ends them. */
const nobody: Supervisor = {
  watch: () => undefined,
  forget: () => undefined,
  finish: () => Promise.resolve(),
}

/**
 * Starts a MariaDB server for each address of a topology, with its databases and users, under `home`; those that run already are left
 * alone, so that a second call changes nothing. Throws SHERD_DEV_SERVERS, and what `startServers` throws.
 */
export async function startDevServers(topology: Topology, home: string): Promise<readonly DevServer[]> {
  const plan = planDevServers(topology)
  await mkdir(home, { recursive: true, mode: 0o700 })
  const record = (await readRecord(home)) ?? (await makeRecord(plan, home))
  if (record.plan !== digestPlan(plan))
    throw new SherdError('SHERD_DEV_SERVERS', {
      message: `The servers in ${home} were made for a config with other addresses.`,
      remedy: 'Run sherd dev down --remove, which deletes their data, then sherd dev up.',
    })
  // Before anything is started, so that whatever is started can be found and stopped.
  await writeRecord(home, record)
  const programs = findMariadb()
  const setting: ServerSetting = {
    program: programs.server,
    flags: [],
    user: record.user,
    password: record.password,
    supervisor: nobody,
    readyTimeoutMs: 60_000,
  }
  const start = { plan, record, setting, template: await prepareTemplate(programs) }
  const started: DevServer[] = []
  // Primaries stand before the replicas that follow them.
  for (const index of plan.keys()) started.push(await startOne(start, index))
  return started
}

interface Start {
  readonly plan: readonly DevServerPlan[]
  readonly record: DevRecord
  readonly setting: ServerSetting
  readonly template: string
}

async function startOne({ plan, record, setting, template }: Start, index: number): Promise<DevServer> {
  const [own, place] = [plan[index], record.servers[index]]
  if (own === undefined || place === undefined) throw new TypeError('the record was made for this plan')
  const isRunning = await answers(place.socket)
  if (!isRunning) {
    if (!existsSync(place.directory)) await copyTemplate(template, place.directory)
    const identity = identify(own, place, index)
    const server =
      own.role === 'primary' ? new TestServer(identity, setting) : new TestReplica(identity, setting)
    await server.start(place.port)
    const port = record.servers[own.primary ?? -1]?.port
    if (server instanceof TestReplica && port !== undefined && (await isNew(place.socket)))
      await server.follow({ port, user: setting.user, password: setting.password })
  }
  await prepareContent(own, place.socket)
  const { address, role, databases } = own
  const isAsConfigured = own.port === place.port
  return { address, role, port: place.port, isAsConfigured, databases, isStarted: !isRunning }
}

function identify(own: DevServerPlan, place: DevRecord['servers'][number], index: number): ServerIdentity {
  return {
    name: own.name,
    directory: place.directory,
    socket: place.socket,
    initFile: `${place.directory}.sql`,
    serverId: index + 1,
    gtidDomainId: (own.primary ?? index) + 1,
    isReplica: own.role === 'replica',
  }
}

async function answers(socket: string): Promise<boolean> {
  return ping(socket).then(
    () => true,
    () => false,
  )
}

/** A replica that follows nobody yet. */
async function isNew(socket: string): Promise<boolean> {
  return (await runAsRoot(socket, ['SHOW SLAVE STATUS'])).length === 0
}

/** Users are each server's own; databases come to replicas from their primary. */
async function prepareContent({ role, endpoints, databases }: DevServerPlan, socket: string): Promise<void> {
  const made =
    role === 'primary'
      ? databases.map(
          (name) => `CREATE DATABASE IF NOT EXISTS ${quoteName(name, 'mysql')} CHARACTER SET utf8mb4`,
        )
      : []
  await runAsRoot(socket, [
    ...made,
    'SET sql_log_bin = 0',
    ...endpoints.flatMap((one) => listGrants(one, role)),
  ])
}

function listGrants(endpoint: Endpoint, role: Role): readonly string[] {
  const account = `${quoteText(endpoint.user())}@'127.0.0.1'`
  return [
    `CREATE USER IF NOT EXISTS ${account} IDENTIFIED BY ${quoteText(endpoint.password())}`,
    `ALTER USER ${account} IDENTIFIED BY ${quoteText(endpoint.password())}`,
    `GRANT ALL PRIVILEGES ON *.* TO ${account} WITH GRANT OPTION`,
    // So that a stray write is refused as in real life.
    ...(role === 'replica' ? [`REVOKE READ_ONLY ADMIN ON *.* FROM ${account}`] : []),
  ]
}

function quoteText(text: string): string {
  return `'${text.replaceAll('\\', '\\\\').replaceAll("'", "''")}'`
}

async function makeRecord(plan: readonly DevServerPlan[], home: string): Promise<DevRecord> {
  const sockets = await chooseSocketHome(home)
  const taken = new Set(plan.map(({ port }) => port))
  const servers: DevRecord['servers'][number][] = []
  for (const { name, address, port: own } of plan) {
    let port = own ?? (await findFreePort())
    while (own === undefined && taken.has(port)) port = await findFreePort()
    taken.add(port)
    const directory = join(home, 'dev', name)
    servers.push({ name, address, port, directory, socket: join(sockets, `${name}.sock`) })
  }
  await mkdir(join(home, 'dev'), { recursive: true, mode: 0o700 })
  const urls = plan.flatMap(({ endpoints }, index) =>
    endpoints.map((endpoint) => [endpoint.id, writeUrl(endpoint, servers[index]?.port ?? 0)] as const),
  )
  const password = randomBytes(12).toString('hex')
  return { plan: digestPlan(plan), user: 'sherd_dev', password, servers, urls: Object.fromEntries(urls) }
}

function writeUrl(endpoint: Endpoint, port: number): string {
  const login = `${encodeURIComponent(endpoint.user())}:${encodeURIComponent(endpoint.password())}`
  return `mysql://${login}@127.0.0.1:${port}/${encodeURIComponent(endpoint.database ?? '')}`
}

/** A path of a socket has 103 bytes on macOS and a few more on Linux; deep folders have more. */
async function chooseSocketHome(home: string): Promise<string> {
  const own = join(home, 'dev')
  if (Buffer.byteLength(join(own, 'server-999.sock')) <= 103) return own
  const digest = createHash('sha256').update(home).digest('hex').slice(0, 16)
  const short = join(tmpdir(), `sherd-dev-${digest}`)
  await mkdir(short, { recursive: true, mode: 0o700 })
  return short
}
