import type { TestProject } from 'vitest/node'

import { startRedis } from '../../src/testing/servers/start-redis.ts'
import { startServers } from '../../src/testing/servers/start-servers.ts'
import type { TestServer } from '../../src/testing/servers/test-server.ts'

/** What a suite needs to reach one of the shared servers. */
export interface SharedServer {
  readonly name: string
  readonly port: number
  /** For administration as root; see `databases.ts`. */
  readonly socket: string
  /** Ends in `/`: add a database's name, or nothing. */
  readonly url: string
}

export interface SharedSite {
  readonly primary: SharedServer
  readonly replicas: readonly SharedServer[]
}

declare module 'vitest' {
  export interface ProvidedContext {
    /** Two primaries with one replica each, for the whole run. Suites that break servers start their own. */
    readonly sharedSites: readonly SharedSite[]
    readonly sharedUser: string
    readonly sharedPassword: string
    readonly sharedRedisUrl: string
  }
}

/** Run by vitest once before all suites of the project `servers`; what it returns is run after them. */
export async function setup(project: TestProject): Promise<() => Promise<void>> {
  const [set, redis] = await Promise.all([
    startServers({ primaries: 2, replicasPerPrimary: 1 }),
    startRedis(),
  ])
  project.provide(
    'sharedSites',
    set.servers.map((site) => ({
      primary: describeServer(site.primary),
      replicas: site.replicas.map(describeServer),
    })),
  )
  project.provide('sharedUser', set.user)
  project.provide('sharedPassword', set.password)
  project.provide('sharedRedisUrl', redis.url)
  return async () => {
    await Promise.all([set.stop(), redis.stop()])
  }
}

function describeServer(server: TestServer): SharedServer {
  return { name: server.name, port: server.port, socket: server.socket, url: server.url() }
}
