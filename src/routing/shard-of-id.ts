import { SherdError } from '../errors/sherd-error.ts'
import { idLayouts, readId } from '../ids/id-layout.ts'
import type { ShardKey } from '../keys/shard-key.ts'
import type { IdLayoutName } from '../topology/table-kinds.ts'
import type { ShardGroup } from '../topology/topology.ts'

/** The column an id stands in, for errors. */
export interface IdColumn {
  readonly table: string
  readonly column: string
}

/**
 * Nothing of this library made an id in its first month of moments. So numbers of AUTO_INCREMENT, which would be read as ids of
 * the first logical shard, are known for what they are.
 */
const firstMs = 31 * 86_400_000

/** The index of the logical shard that an id carries. SHERD_FOREIGN_ID when no generator of the layout made it for this group. */
export function shardOfId(
  id: ShardKey,
  layoutName: IdLayoutName,
  group: ShardGroup,
  where: IdColumn,
): number {
  const layout = idLayouts[layoutName]
  const parts = typeof id === 'string' ? undefined : readId(layout, BigInt(id))
  if (parts !== undefined && parts.unit * layout.unitMs >= firstMs && parts.shard < group.shards.length)
    return parts.shard
  throw new SherdError('SHERD_FOREIGN_ID', {
    message: `A value for ${where.table}.${where.column} is no ${layoutName} id of shard group ${group.name}, so it does not tell a logical shard.`,
    details: { ...where, shardGroup: group.name },
  })
}
