/**
 * Number of the server of each logical shard: contiguous ranges, as even as they can be, the first servers
 * taking one more. 10 on 3 gives 0 0 0 0 1 1 1 2 2 2.
 */
export function dealShards(logicalShards: number, servers: number): readonly number[] {
  const each = Math.floor(logicalShards / servers)
  const withOneMore = logicalShards % servers
  const counts = Array.from({ length: servers }, (_, server) => each + (server < withOneMore ? 1 : 0))
  return counts.flatMap((count, server) => Array.from({ length: count }, () => server))
}
