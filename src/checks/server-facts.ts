import type { ServerFacts } from '../drivers/driver.ts'
import type { ServerFlavour } from '../drivers/server-flavour.ts'
import type { Endpoint, Server } from '../topology/topology.ts'
import type { Grant } from './grants.ts'
import type { DatabaseFacts } from '../schema/table-facts.ts'

/** Everything that one endpoint said. */
export interface EndpointFacts {
  readonly server: Server
  readonly endpoint: Endpoint
  readonly flavour: ServerFlavour
  /** As sherd's own connections would have them. */
  readonly connection: ServerFacts
  /** Of the session, lower case names; those that a server does not have are missing. */
  readonly variables: ReadonlyMap<string, string>
  /** The same for every address of one server. */
  readonly identity: string
  readonly clock: ClockFacts
  readonly zone: ZoneFacts
  /** What the user may do; undefined when it cannot be told from SHOW GRANTS. */
  readonly grants: readonly Grant[] | undefined
  /** What the server follows; undefined when the user may not see it. */
  readonly sources: readonly ReplicationSource[] | undefined
  /** Names of all databases that the user can see. */
  readonly databaseNames: ReadonlySet<string>
  /** The databases of the config on this server that are there. Read from primaries only. */
  readonly databases: ReadonlyMap<string, DatabaseFacts>
}

export interface ClockFacts {
  /** The server's clock before the clock here, in milliseconds. */
  readonly aheadMs: number
  /** The true value is so near to it. */
  readonly withinMs: number
}

export interface ZoneFacts {
  /** Seconds east of UTC, now. */
  readonly offsetSeconds: number
  /** `SYSTEM`, `+09:00` or a name. */
  readonly name: string
  /** Whether the server can compute with names such as `Europe/Berlin`. */
  readonly knowsNames: boolean
}

export interface ReplicationSource {
  readonly serverId: string
  readonly isReading: boolean
  readonly isApplying: boolean
  readonly errorNumbers: readonly string[]
  readonly usesGtid: boolean
}

export type EndpointAnswer =
  | { readonly kind: 'facts'; readonly facts: EndpointFacts }
  | { readonly kind: 'failed'; readonly server: Server; readonly endpoint: Endpoint; readonly error: unknown }
