import type { ServerFault } from '../drivers/driver.ts'

/** What sherd adds to an error of a server, as far as it is known. None of it is enumerable. */
export interface AnnotatedError extends Error {
  /** The logical shard or unsharded database; several, with commas, when a COMMIT failed that had written several. */
  readonly shard?: string
  /** `product/0`. */
  readonly server?: string
  /** What the server says of itself. */
  readonly fault?: ServerFault
  /** The statement, or in a transaction the whole of it, may be tried again: nothing was kept. */
  readonly isRetryable?: true
}

/**
 * Adds shard and server to an error of the server. The same object goes on, because ORMs know it by its class,
 * `code` and `errno`; the properties are not enumerable so that no printer or comparison trips over them.
 */
export function annotateError(error: unknown, shard: string, server: string): unknown {
  if (typeof error !== 'object' || error === null || !Object.isExtensible(error)) return error
  if (!('shard' in error)) Object.defineProperty(error, 'shard', { value: shard, enumerable: false })
  if (!('server' in error)) Object.defineProperty(error, 'server', { value: server, enumerable: false })
  return error
}
