import type { Driver, DriverConnection } from '../drivers/driver.ts'
import type { RawColumn } from '../drivers/raw-rows.ts'
import { type TextRow, toTextRow } from '../drivers/text-rows.ts'
import type { Endpoint } from '../topology/topology.ts'

export interface AskLimits {
  /** For everything that one endpoint is asked. */
  readonly timeoutMs: number
  readonly signal: AbortSignal | undefined
}

/** Thrown when an endpoint did not answer in its time, or the caller gave up. */
export class Silent extends Error {
  override readonly name = 'Silent'
}

/**
 * Gives `body` a connection of its own, past pools and their conditions: a server that sherd would refuse must be looked at, too.
 * The connection is closed afterwards, and cut when the time is over.
 */
export async function askEndpoint<T>(
  driver: Driver,
  endpoint: Endpoint,
  databases: readonly string[],
  limits: AskLimits,
  body: (connection: DriverConnection) => Promise<T>,
): Promise<T> {
  const timeout = AbortSignal.timeout(limits.timeoutMs)
  const signal = limits.signal === undefined ? timeout : AbortSignal.any([timeout, limits.signal])
  if (signal.aborted) throw new Silent()
  const silent = new Promise<never>((_, reject) => {
    signal.addEventListener('abort', () => reject(new Silent()), { once: true })
  })
  // Nobody may be waiting for it any more when the time is over.
  silent.catch(() => undefined)
  const connection = await Promise.race([connect(driver, endpoint, databases, signal), silent])
  connection.onLost(() => undefined)
  try {
    const answer = await Promise.race([body(connection), silent])
    connection.end(() => undefined)
    return answer
  } catch (error) {
    connection.destroy()
    throw error
  }
}

function connect(
  driver: Driver,
  endpoint: Endpoint,
  databases: readonly string[],
  signal: AbortSignal,
): Promise<DriverConnection> {
  return new Promise((resolve, reject) => {
    driver.connect(endpoint, { databases, signal }, (error, connection) => {
      if (connection === undefined) reject(error as Error)
      else resolve(connection)
    })
  })
}

/** Rows as texts, whatever the options of the endpoint. */
export function readTexts(connection: DriverConnection, text: string): Promise<readonly TextRow[]> {
  const dialect = connection.endpoint.port === 0 ? 'sqlite' : 'mysql'
  return new Promise((resolve, reject) => {
    let columns: readonly RawColumn[] = []
    const rows: TextRow[] = []
    connection.readRows({ text: { segments: [text], sql: text }, values: [], protocol: 'text' }, 'all', {
      onColumns: (_fields, raw) => {
        columns = raw
      },
      onRow: (_row, raw) => void rows.push(toTextRow(dialect, columns, raw)),
      onEnd: (error) => (error ? reject(error as Error) : resolve(rows)),
    })
  })
}
