import { createHash } from 'node:crypto'
import type { ConnectCallback, ConnectOptions, Driver, ServerFault } from '../drivers/driver.ts'
import type { Endpoint, Server } from '../topology/topology.ts'
import type { Clock } from './clock.ts'
import { ServerPool } from './server-pool.ts'

export interface EndpointPoolParts {
  readonly endpoint: Endpoint
  readonly driver: Driver
  readonly connect: ConnectOptions
  readonly clock: Clock
  /** Called when the endpoint cannot be connected to, or says that it takes no writes. */
  readonly onTrouble: (endpoint: Endpoint) => void
}

const renewalPauseMs = 1_000

/** The connections to one endpoint, for as long as any topology has it. */
export class EndpointPool {
  readonly pool: ServerPool
  /** What another endpoint must have in common with this one to be served by its connections. */
  readonly key: string
  readonly #clock: Clock
  readonly #onTrouble: (endpoint: Endpoint) => void
  /** One for each set of replicas it belongs to. */
  readonly #listeners = new Set<ConnectCallback>()
  #renewedAt = -Infinity

  constructor({ endpoint, driver, connect, clock, onTrouble }: EndpointPoolParts) {
    this.key = endpointKey(endpoint, connect.databases)
    this.#clock = clock
    this.#onTrouble = onTrouble
    this.pool = new ServerPool({
      endpoint,
      driver,
      connect,
      clock,
      onFault: (fault) => this.#noteFault(fault),
      onConnect: (error, connection) => {
        for (const listener of this.#listeners) listener(error, connection)
        if (connection === undefined || connection.facts.isReadOnly) this.#onTrouble(this.pool.endpoint)
      },
    })
  }

  /** Tells of each attempt to connect, until the function given back is called. */
  listen(listener: ConnectCallback): () => void {
    this.#listeners.add(listener)
    return () => this.#listeners.delete(listener)
  }

  /**
   * Behind a name or an address that moves, the next connection may reach the new primary. At most once a second, because a
   * primary that stays read-only would otherwise be connected to anew for each write.
   */
  #noteFault(fault: ServerFault): void {
    if (fault !== 'read-only' || this.pool.endpoint.role !== 'primary') return
    this.#onTrouble(this.pool.endpoint)
    if (this.#clock.now() - this.#renewedAt < renewalPauseMs) return
    this.#renewedAt = this.#clock.now()
    this.pool.renew()
  }
}

/** Equal for endpoints that a connection cannot tell apart. Hashed, because passwords go into it. */
export function endpointKey(endpoint: Endpoint, databases: readonly string[]): string {
  const { role, address, database, options } = endpoint
  const login = [endpoint.user(), endpoint.password()]
  // Of SQLite: what is attached, and in memory each database is one of its own.
  const files = endpoint.port === 0 ? [...databases, address === ':memory:' ? endpoint.id : ''] : []
  return hash([role, address, database ?? null, login, sortedEntries(options), files])
}

/** Equal for servers of which all that is known stays true: same place, same replicas, same data. */
export function serverKey({ id, primary, replicas, reads }: Server, databases: readonly string[]): string {
  const endpoints = [primary, ...replicas].map((endpoint) => [
    endpoint.id,
    endpoint.weight ?? null,
    endpointKey(endpoint, databases),
  ])
  return hash([id, endpoints, sortedEntries(reads), databases])
}

function sortedEntries(options: object): readonly unknown[] {
  return Object.entries(options).toSorted(([left], [right]) => (left < right ? -1 : 1))
}

function hash(parts: readonly unknown[]): string {
  return createHash('sha256').update(JSON.stringify(parts)).digest('base64')
}
