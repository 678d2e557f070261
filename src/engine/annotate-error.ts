/**
 * Adds the shard to an error of the server. The same object goes on, because ORMs know it by its class,
 * `code` and `errno`; the property is not enumerable so that no printer or comparison trips over it.
 */
export function annotateError(error: unknown, shard: string): unknown {
  if (typeof error === 'object' && error !== null && !('shard' in error) && Object.isExtensible(error)) {
    Object.defineProperty(error, 'shard', { value: shard, enumerable: false })
  }
  return error
}
