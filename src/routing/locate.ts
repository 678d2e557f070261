import { SherdError } from '../errors/sherd-error.ts'
import { canonicalKey } from '../keys/canonical-key.ts'
import { requireShardGroup } from '../topology/find-shard.ts'
import type { KeyType } from '../topology/table-kinds.ts'
import type { LogicalShard, ShardGroup, Topology } from '../topology/topology.ts'
import { createStrategy } from './create-strategy.ts'
import { groupKeyColumn } from './group-key.ts'

/** How `locate` reads the key. */
export interface LocateOptions {
  /** Default: the key type of the group's tables; `integer` if they differ or there are none. */
  readonly keyType?: KeyType
}

/**
 * The logical shard of a key, worked out from the config alone: no connection is made.
 * Throws SHERD_UNKNOWN_GROUP, SHERD_KEY_FORM, and SHERD_UNKNOWN_KEY for a key that only the table of a
 * directory knows.
 */
export function locate(
  topology: Topology,
  groupName: string,
  key: unknown,
  options: LocateOptions = {},
): LogicalShard {
  const group = requireShardGroup(topology, groupName)
  const { table, column, keyType } = groupKeyColumn(topology, groupName)
  const canonical = canonicalKey(key, options.keyType ?? keyType, { table, column })
  const index = createStrategy(group).locate(canonical)
  if (index === undefined) throw onlyInTable(group)
  const shard = group.shards[index]
  if (shard !== undefined) return shard
  throw new SherdError('SHERD_INTERNAL', {
    message: `The routing of shard group ${groupName} gave index ${index}, and the group has ${group.shards.length} logical shards.`,
  })
}

function onlyInTable(group: ShardGroup): SherdError {
  return new SherdError('SHERD_UNKNOWN_KEY', {
    message: `The key is not among the pins of shard group ${group.name}, and the table of its directory cannot be read without a connection.`,
    remedy: 'Ask through a running sherd, which reads the table, or pin the key.',
    details: { shardGroup: group.name },
  })
}
