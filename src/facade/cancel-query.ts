import type { Cancellation } from '../engine/cancellation.ts'
import { emptyWrite } from '../merge/empty-write.ts'
import type { QueryArguments } from './query-arguments.ts'

/** A virtual connection that can be ended from outside. */
export interface Cancellable {
  /** Ends the statement that runs on it. `told`: its server has heard of it. */
  readonly cancel: (told: () => void) => void
  /** Ends that statement, fails those that wait behind it, and rolls back what is open. */
  readonly kill: (told: () => void) => void
}

/** Thread ids of virtual connections begin here, far above those of servers, so that none is mistaken for the other. */
export const firstVirtualId = 2 ** 40

/** The `signal` of a statement's options. */
export function readSignal({ options }: QueryArguments): AbortSignal | undefined {
  const signal = options !== undefined && 'signal' in options ? options.signal : undefined
  return signal instanceof AbortSignal ? signal : undefined
}

/** Passes the signal on while the statement runs. */
export function obeySignal(
  signal: AbortSignal,
  cancellation: Cancellation | undefined,
  settled: () => void,
): () => void {
  const request = (): void => cancellation?.request()
  if (signal.aborted) request()
  else signal.addEventListener('abort', request, { once: true })
  return () => {
    signal.removeEventListener('abort', request)
    settled()
  }
}

/** What a KILL wants to end, when it names a virtual connection. */
export interface Killed {
  readonly id: number
  readonly isQuery: boolean
}

const letterK = 107

/** A KILL of a server's own thread id is none of ours and goes to the unsharded database. */
export function readKilled(sql: string, values: readonly unknown[]): Killed | undefined {
  if ((sql.charCodeAt(0) | 32) !== letterK) return undefined
  const found = /^kill\s+(?:(query|connection)\s+)?(\d+|\?)\s*;?\s*$/i.exec(sql)
  if (found === null) return undefined
  const id = Number(found[2] === '?' ? values[0] : found[2])
  return id > firstVirtualId ? { id, isQuery: found[1]?.toLowerCase() === 'query' } : undefined
}

/** Ends the statement that runs on a virtual connection, wherever that is, and unless it is KILL QUERY the connection itself. */
export function kill(
  { connections }: { readonly connections: ReadonlyMap<number, Cancellable> },
  { id, isQuery }: Killed,
  done: (error: unknown, packet?: unknown) => void,
): void {
  const connection = connections.get(id)
  const told = (): void => done(null, emptyWrite())
  if (connection === undefined) told()
  else if (isQuery) connection.cancel(told)
  else connection.kill(told)
}
