import { createSherd } from '../../src/facade/create-sherd.ts'
import type { Sherd } from '../../src/facade/sherd.ts'
import { type HalfOpenProxy, startHalfOpenProxy } from '../../src/testing/servers/half-open-proxy.ts'
import { type ServerSet, type ServerSite, startServers } from '../../src/testing/servers/start-servers.ts'
import type { ConnectionOptionsConfig, ServerConfig } from '../../src/topology/config.ts'
import { defineConfig } from '../../src/topology/define-config.ts'
import { sharded } from '../../src/topology/table-kinds.ts'
import type { Topology } from '../../src/topology/topology.ts'
import { eventsTable } from './load.ts'

/** Two primaries with a replica each, of this suite alone, and wires in front of the primaries that can be broken. */
export interface FaultShop {
  readonly sherd: Sherd
  readonly sites: readonly ServerSite[]
  /** As in the first config. */
  readonly servers: readonly ServerConfig[]
  /** Before each primary, in the order of the sites. */
  readonly wires: readonly HalfOpenProxy[]
  readonly stop: () => Promise<void>
}

/** The config of a shop on servers of any address. */
export function defineShop(options: ConnectionOptionsConfig, servers: readonly ServerConfig[]): Topology {
  return defineConfig({
    shardGroups: { shop: { databaseName: 'faults', logicalShards: 4, options, servers } },
    tables: { events: sharded('shop', 'user_id') },
  })
}

/** `open` makes the sherd of the shop's first config. */
export async function openFaultShop(
  options: ConnectionOptionsConfig,
  open: (config: Topology) => Promise<Sherd> = createSherd,
): Promise<FaultShop> {
  const set: ServerSet = await startServers({ primaries: 2, replicasPerPrimary: 1 })
  // As applications have it: a primary that is read-only refuses them too.
  const revoke = "REVOKE READ_ONLY ADMIN ON *.* FROM 'sherd'@'127.0.0.1'"
  await Promise.all(set.servers.map(({ primary }) => primary.query('SET sql_log_bin = 0', revoke)))
  const wires = await Promise.all(set.servers.map(({ primary }) => startHalfOpenProxy(primary.port)))
  const servers = set.servers.map(({ primary, replicas }, index) => ({
    primary: primary.url().replace(`:${primary.port}/`, `:${wires[index]?.port}/`),
    replicas: replicas.map((replica) => replica.url()),
  }))
  const sherd = await open(defineShop(options, servers))
  await sherd.createDatabases()
  const connection = sherd.connection()
  for (const { name } of sherd.topology.shardGroups.get('shop')?.shards ?? [])
    await sherd.onShard(name, () => connection.execute(eventsTable))
  connection.release()
  return {
    sherd,
    sites: set.servers,
    servers,
    wires,
    stop: async () => {
      await sherd.close({ timeoutMs: 2_000 })
      await Promise.all(wires.map((wire) => wire.stop()))
      await set.stop()
    },
  }
}
