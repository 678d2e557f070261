import { SherdError } from '../errors/sherd-error.ts'
import { canonicalKey } from '../keys/canonical-key.ts'
import { groupKeyColumn } from '../routing/group-key.ts'
import { requireShardGroup } from '../topology/find-shard.ts'
import type { LogicalShard } from '../topology/topology.ts'
import type { Engine } from './engine.ts'

/** The logical shard of a key, asking the table of a directory when it must. */
export async function locateKey(engine: Engine, groupName: string, key: unknown): Promise<LogicalShard> {
  const group = requireShardGroup(engine.topology, groupName)
  const { table, column, keyType } = groupKeyColumn(engine.topology, groupName)
  const canonical = canonicalKey(key, keyType, { table, column })
  const strategy = engine.strategies.get(groupName)
  const index = strategy?.locate(canonical) ?? (await strategy?.lookup?.(canonical))
  const shard = index === undefined ? undefined : group.shards[index]
  if (shard !== undefined) return shard
  throw new SherdError('SHERD_INTERNAL', {
    message: `The routing of shard group ${groupName} gave no logical shard.`,
  })
}
