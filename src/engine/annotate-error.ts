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
