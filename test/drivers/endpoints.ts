import type { ConnectOptions, Driver, DriverConnection, DriverRequest } from '../../src/drivers/driver.ts'
import type { ConnectionOptions, Endpoint } from '../../src/topology/topology.ts'

export const defaultOptions: ConnectionOptions = {
  charset: 'utf8mb4',
  timezone: 'local',
  tls: 'off',
  connectionLimit: 10,
  connectTimeoutMs: 5_000,
  acquireTimeoutMs: 5_000,
  idleTimeoutMs: 60_000,
}

export interface EndpointParts {
  readonly id?: string
  readonly role?: Endpoint['role']
  readonly port?: number
  readonly address?: string
  readonly database?: string
  readonly user?: string
  readonly password?: string
  readonly options?: Partial<ConnectionOptions>
}

/** An endpoint as a config would give it. */
export function makeEndpoint(parts: EndpointParts = {}): Endpoint {
  const port = parts.port ?? 0
  return {
    id: parts.id ?? 'test/0/primary',
    role: parts.role ?? 'primary',
    address: parts.address ?? (port === 0 ? ':memory:' : `127.0.0.1:${port}`),
    host: '127.0.0.1',
    port,
    ...(parts.database === undefined ? {} : { database: parts.database }),
    options: { ...defaultOptions, ...parts.options },
    user: () => parts.user ?? '',
    password: () => parts.password ?? '',
  }
}

export function connect(
  driver: Driver,
  endpoint: Endpoint,
  options: ConnectOptions = { databases: [] },
): Promise<DriverConnection> {
  return new Promise((resolve, reject) => {
    driver.connect(endpoint, options, (error, connection) => {
      if (connection === undefined) reject(error as Error)
      else resolve(connection)
    })
  })
}

export interface Answer {
  readonly rows: unknown
  readonly fields: unknown
}

/** Runs a request; a plain text needs no more than itself. */
export function run(connection: DriverConnection, request: Partial<DriverRequest> | string): Promise<Answer> {
  const parts = typeof request === 'string' ? { text: request } : request
  const whole: DriverRequest = { text: '', values: [], protocol: 'text', ...parts }
  return new Promise((resolve, reject) => {
    connection.run(whole, (error, rows, fields) => {
      if (error) reject(error as Error)
      else resolve({ rows, fields })
    })
  })
}

/** Statement text cut at its markers; for texts without a `?` in a string. */
export function cut(sql: string): { readonly sql: string; readonly segments: readonly string[] } {
  return { sql, segments: sql.split('?') }
}

export function reset(connection: DriverConnection): Promise<void> {
  return new Promise((resolve, reject) => {
    connection.reset((error) => (error ? reject(error as Error) : resolve()))
  })
}

export function end(connection: DriverConnection): Promise<void> {
  return new Promise((resolve) => connection.end(resolve))
}
