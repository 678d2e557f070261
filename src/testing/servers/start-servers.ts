import { randomBytes } from 'node:crypto'
import { mkdtemp } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import { findMariadb, type FindOptions } from './find-programs.ts'
import type { ServerIdentity } from './mariadb-flags.ts'
import { startSupervisor } from './supervisor.ts'
import { copyTemplate, prepareTemplate } from './template-directory.ts'
import { TestReplica } from './test-replica.ts'
import { type ServerSetting, TestServer } from './test-server.ts'

export interface StartServersOptions extends FindOptions {
  readonly primaries: number
  readonly replicasPerPrimary: number
  /** More flags for every server, after ours and so stronger. Default: none. */
  readonly flags?: readonly string[]
  /** Where the set makes its own directory. Default: the system's directory for temporary files. */
  readonly directory?: string
  /** How long one server may take until it answers. Default: 30 s; less makes a busy machine fail. */
  readonly readyTimeoutMs?: number
}

export interface ServerSite {
  readonly primary: TestServer
  readonly replicas: readonly TestReplica[]
}

/** Running servers. Whoever started the set stops it; if this process dies first, they are ended all the same. */
export interface ServerSet {
  readonly servers: readonly ServerSite[]
  readonly user: string
  readonly password: string
  /** Ends all servers at once and removes their directories. */
  readonly stop: () => Promise<void>
}

/** A path in `sockaddr_un` has 108 bytes on Linux and 104 on macOS, the closing zero included. */
const maxSocketBytes = 103

/**
 * Starts private MariaDB servers on free ports of 127.0.0.1, each primary with its replicas, wired by GTID.
 * Throws SHERD_TEST_SERVER_MISSING without MariaDB, SHERD_PEER_MISSING without mysql2, and
 * SHERD_TEST_SERVER_FAILED when a server does not come up; nothing is left running then.
 */
export async function startServers(options: StartServersOptions): Promise<ServerSet> {
  const programs = findMariadb(options)
  const template = await prepareTemplate(programs)
  const home = await mkdtemp(join(options.directory ?? tmpdir(), 'sherd-'))
  const socketHome = await chooseSocketHome(home)
  const supervisor = startSupervisor(socketHome === home ? [home] : [home, socketHome])
  const setting: ServerSetting = {
    program: programs.server,
    flags: options.flags ?? [],
    user: 'sherd',
    password: randomBytes(12).toString('hex'),
    supervisor,
    readyTimeoutMs: options.readyTimeoutMs ?? 30_000,
  }
  const servers = listSites(options, home, socketHome, setting)
  const stop = async () => {
    await Promise.all(listServers(servers).map((server) => server.kill()))
    await supervisor.finish()
  }
  // All must have settled before the directories go: a server that is still starting would make files.
  const starts = await Promise.allSettled(servers.map((site) => startSite(site, template, home, setting)))
  const failure = starts.find((start) => start.status === 'rejected')
  if (failure !== undefined) {
    await stop()
    throw failure.reason
  }
  return { servers, user: setting.user, password: setting.password, stop }
}

async function startSite(
  site: ServerSite,
  template: string,
  home: string,
  setting: ServerSetting,
): Promise<void> {
  await settleAll(
    listServers([site]).map(async (server) => {
      await copyTemplate(template, join(home, server.name))
      await server.start()
    }),
  )
  const source = { port: site.primary.port, user: setting.user, password: setting.password }
  await settleAll(site.replicas.map((replica) => replica.follow(source)))
}

/** Like Promise.all, but fails only when all have settled. */
async function settleAll(promises: readonly Promise<void>[]): Promise<void> {
  const results = await Promise.allSettled(promises)
  const failure = results.find((result) => result.status === 'rejected')
  if (failure !== undefined) throw failure.reason
}

function listServers(sites: readonly ServerSite[]): readonly TestServer[] {
  return sites.flatMap((site) => [site.primary, ...site.replicas])
}

function listSites(
  options: StartServersOptions,
  home: string,
  socketHome: string,
  setting: ServerSetting,
): readonly ServerSite[] {
  const identify = (site: number, replica: number): ServerIdentity => {
    const name = replica === 0 ? `primary-${site}` : `replica-${site}-${replica}`
    return {
      name,
      directory: join(home, name),
      socket: join(socketHome, `${name}.sock`),
      initFile: join(home, `${name}.sql`),
      serverId: site * 100 + replica,
      gtidDomainId: site,
      isReplica: replica > 0,
    }
  }
  return countFrom1(options.primaries).map((site) => ({
    primary: new TestServer(identify(site, 0), setting),
    replicas: countFrom1(options.replicasPerPrimary).map(
      (replica) => new TestReplica(identify(site, replica), setting),
    ),
  }))
}

function countFrom1(count: number): readonly number[] {
  return Array.from({ length: count }, (_, index) => index + 1)
}

/** The set's own directory, or a short one beside it when socket paths would be too long (macOS, deep trees). */
async function chooseSocketHome(home: string): Promise<string> {
  const longest = join(home, 'replica-999-99.sock')
  return Buffer.byteLength(longest) <= maxSocketBytes ? home : mkdtemp('/tmp/sherd-sockets-')
}
