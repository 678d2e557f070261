import type { Driver, DriverConnection } from '../drivers/driver.ts'
import type { RawCell } from '../drivers/raw-rows.ts'
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

/** One row, its cells as text by the names of their columns. NULL is undefined. */
export type TextRow = Readonly<Record<string, string | undefined>>

/** Rows as texts, whatever the options of the endpoint. */
export function readTexts(connection: DriverConnection, text: string): Promise<readonly TextRow[]> {
  const isSqlite = connection.endpoint.port === 0
  return new Promise((resolve, reject) => {
    let names: readonly string[] = []
    const rows: TextRow[] = []
    connection.readRows({ text: { segments: [text], sql: text }, values: [], protocol: 'text' }, 'all', {
      onColumns: (_fields, raw) => {
        names = raw.map(({ name }) => name)
      },
      onRow: (_row, raw) => {
        rows.push(
          Object.fromEntries(
            raw.map((cell, index) => [names[index] ?? '', readCell(cell, isSqlite)] as const),
          ),
        )
      },
      onEnd: (error) => (error ? reject(error as Error) : resolve(rows)),
    })
  })
}

/** A server's bytes come as one character each. */
function readCell(cell: RawCell, isSqlite: boolean): string | undefined {
  if (cell === null) return undefined
  const text = String(cell)
  return isSqlite ? text : Buffer.from(text, 'latin1').toString('utf8')
}
