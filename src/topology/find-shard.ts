import { SherdError } from '../errors/sherd-error.ts'
import { listNames, quoteName, suggestName } from './suggest-name.ts'
import type { LogicalShard, Server, ShardGroup, Topology } from './topology.ts'

/** The logical shard of a name such as `product_3`, exactly so written. Throws SHERD_UNKNOWN_SHARD. */
export function shardByName(topology: Topology, name: string): LogicalShard {
  const groups = [...topology.shardGroups.values()]
  const split = name.lastIndexOf('_')
  const digits = name.slice(split + 1)
  const group = groups.find(({ databaseName }) => databaseName === name.slice(0, split))
  const shard = group?.shards[/^\d{1,5}$/.test(digits) ? Number(digits) : -1]
  // `product_03` counts as 3 but is not the name.
  if (shard?.name === name) return shard
  const known = groups.map(({ shards }) => `${shards[0]?.name} … ${shards.at(-1)?.name}`)
  throw new SherdError('SHERD_UNKNOWN_SHARD', {
    message: `There is no logical shard ${quoteName(name)}.`,
    remedy: `Use one of ${known.length === 0 ? 'none: the config has no shard groups' : known.join(', ')}.`,
    details: { shard: name.slice(0, 64) },
  })
}

/** The shard group of a name. Throws SHERD_UNKNOWN_GROUP with the names there are. */
export function requireShardGroup(topology: Topology, name: string): ShardGroup {
  const group = topology.shardGroups.get(name)
  if (group !== undefined) return group
  const known = [...topology.shardGroups.keys()]
  const cut = name.slice(0, 64)
  throw new SherdError('SHERD_UNKNOWN_GROUP', {
    message: `There is no shard group ${quoteName(cut)}.`,
    remedy: `${suggestName(cut, known)}Known: ${listNames(known)}.`,
    details: { shardGroup: cut },
  })
}

/** The logical shards of a server, of all groups. */
export function shardsOn(topology: Topology, server: Server): readonly LogicalShard[] {
  const shards = [...topology.shardGroups.values()].flatMap((group) => group.shards)
  return shards.filter((shard) => shard.server === server)
}
