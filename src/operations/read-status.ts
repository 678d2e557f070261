import { readFlavour } from '../drivers/server-flavour.ts'
import type { ServerDoor, ServerSession } from '../engine/run-on-server.ts'
import { hasReachedPosition, parsePosition } from '../pools/gtid.ts'
import { shardsOn } from '../topology/find-shard.ts'
import type { Endpoint, Role, Server, Topology } from '../topology/topology.ts'

/** How one address of the config is. What follows `isReachable` is there only if it is. */
export interface EndpointStatus {
  readonly server: string
  /** `product/0/primary`. */
  readonly endpoint: string
  readonly role: Role
  readonly address: string
  /** Of the server. */
  readonly logicalShards: number
  readonly isReachable: boolean
  readonly version?: string
  readonly isReadOnly?: boolean
  /** Of all programs that are connected now, and what the server allows. */
  readonly connections?: { readonly used: number; readonly allowed: number }
  /** Of a replica. */
  readonly replication?: ReplicationStatus
  /** What is wrong, in a sentence. Absent: nothing. */
  readonly problem?: string
  /** Why it is not reachable. */
  readonly error?: unknown
}

export interface ReplicationStatus {
  /** `unknown`: the user of the config may not ask. */
  readonly state: 'running' | 'stopped' | 'unknown'
  /** As the server says; absent when it does not know. It says 0 while it waits for a primary that hangs, see `isCaughtUp`. */
  readonly lagSeconds?: number
  /** It has all that its primary had a moment before. Absent when one of both does not tell. */
  readonly isCaughtUp?: boolean
}

/** Asks every address of the config, all at once; one that does not answer is told as such. In the order of the servers. */
export async function readServerStatus(
  door: ServerDoor,
  topology: Topology,
): Promise<readonly EndpointStatus[]> {
  const parts = await Promise.all(topology.servers.map((server) => readServer(door, topology, server)))
  return parts.flat()
}

async function readServer(
  door: ServerDoor,
  topology: Topology,
  server: Server,
): Promise<readonly EndpointStatus[]> {
  let position: string | undefined
  const logicalShards = shardsOn(topology, server).length
  const ask = (endpoint: Endpoint): Promise<EndpointStatus> =>
    readEndpoint(door, server, endpoint, logicalShards, position)
  // Its log is read before those of its replicas, so that they are not behind for what was written meanwhile.
  const primary = await ask(server.primary)
  if (primary.isReachable && server.replicas.length > 0) position = await readPosition(door, server)
  return [primary, ...(await Promise.all(server.replicas.map(ask)))]
}

async function readEndpoint(
  door: ServerDoor,
  server: Server,
  endpoint: Endpoint,
  logicalShards: number,
  position: string | undefined,
): Promise<EndpointStatus> {
  const { id, role, address } = endpoint
  const place = { server: server.id, endpoint: id, role, address, logicalShards }
  try {
    return await door.inDatabase({ server, database: server.id, endpoint }, async (session) => {
      const facts =
        door.dialect === 'sqlite' ? { version: session.version } : await readFacts(session, role, position)
      const problem = findProblem(role, facts)
      return { ...place, isReachable: true, ...facts, ...(problem === undefined ? {} : { problem }) }
    })
  } catch (error) {
    return { ...place, isReachable: false, problem: 'It does not answer.', error }
  }
}

type Facts = Pick<EndpointStatus, 'isReadOnly' | 'version' | 'connections' | 'replication'>

async function readFacts(session: ServerSession, role: Role, position: string | undefined): Promise<Facts> {
  const { rows } = await session.rows('SELECT @@global.read_only, @@global.max_connections')
  const used = await session.rows("SHOW GLOBAL STATUS LIKE 'Threads_connected'")
  const facts = {
    version: session.version,
    isReadOnly: String(rows[0]?.[0]) !== '0',
    connections: { used: Number(used.rows[0]?.[1]), allowed: Number(rows[0]?.[1]) },
  }
  return role === 'primary' ? facts : { ...facts, replication: await readReplication(session, position) }
}

/** MySQL renamed the statement and its columns in 8.0.22; MariaDB has both forms of the statement, and the old columns. */
async function readReplication(
  session: ServerSession,
  position: string | undefined,
): Promise<ReplicationStatus> {
  const isMariadb = readFlavour(session.version) === 'mariadb'
  const text = isMariadb ? 'SHOW SLAVE STATUS' : 'SHOW REPLICA STATUS'
  const found = await session.rows(text).catch(() => undefined)
  if (found === undefined) return { state: 'unknown' }
  const [row] = found.rows
  const read = (...names: readonly string[]): string | undefined => {
    const value = row?.[found.columns.findIndex(({ name }) => names.includes(name))]
    return value === null || value === undefined ? undefined : String(value)
  }
  const threads = [
    read('Slave_IO_Running', 'Replica_IO_Running'),
    read('Slave_SQL_Running', 'Replica_SQL_Running'),
  ]
  const lag = read('Seconds_Behind_Master', 'Seconds_Behind_Source')
  const isCaughtUp = isMariadb && position !== undefined ? await hasReached(session, position) : undefined
  return {
    state: threads.every((state) => state === 'Yes') ? 'running' : 'stopped',
    ...(lag === undefined ? {} : { lagSeconds: Number(lag) }),
    ...(isCaughtUp === undefined ? {} : { isCaughtUp }),
  }
}

async function hasReached(session: ServerSession, position: string): Promise<boolean | undefined> {
  const { rows } = await session.rows('SELECT @@gtid_slave_pos')
  const [reached, needed] = [parsePosition(String(rows[0]?.[0])), parsePosition(position)]
  return reached === undefined || needed === undefined ? undefined : hasReachedPosition(reached, needed)
}

async function readPosition(door: ServerDoor, server: Server): Promise<string | undefined> {
  try {
    return await door.inDatabase({ server, database: server.id }, async (session) => {
      if (door.dialect === 'sqlite' || readFlavour(session.version) !== 'mariadb') return undefined
      const { rows } = await session.rows('SELECT @@gtid_binlog_pos')
      return String(rows[0]?.[0])
    })
  } catch {
    // It was there a moment ago; its replicas are then told without this.
    return undefined
  }
}

function findProblem(role: Role, { isReadOnly, replication }: Facts): string | undefined {
  if (role === 'primary') return isReadOnly === true ? 'It takes no writes: read_only is on.' : undefined
  if (replication?.state === 'stopped') return 'It does not replicate.'
  return undefined
}
