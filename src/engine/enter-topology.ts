import type { Scope } from '../session/scopes.ts'
import type { LogicalShard, Topology } from '../topology/topology.ts'
import type { Request } from './request.ts'

/**
 * The request with the logical shards of this topology: a scope that was made before a reload names those of an older one. Nothing
 * to do for nearly all statements.
 */
export function enterTopology(topology: Topology, request: Request): Request {
  const { scope } = request
  if (scope === undefined) return request
  const entered = scopeIn(topology, scope)
  return entered === scope ? request : { ...request, scope: entered }
}

/** The same scope when all its shards are of this topology already. */
export function scopeIn(topology: Topology, scope: Scope): Scope {
  for (const shard of scope.shards.values())
    if (shardIn(topology, shard) !== shard) return translate(topology, scope)
  return scope
}

function translate(topology: Topology, scope: Scope): Scope {
  const shards = [...scope.shards].map(([group, shard]) => [group, shardIn(topology, shard)] as const)
  const { named } = scope
  return {
    ...scope,
    shards: new Map(shards),
    ...(named === undefined ? {} : { named: shardIn(topology, named) }),
  }
}

/** No reload takes a logical shard away, see checkReload. */
function shardIn(topology: Topology, shard: LogicalShard): LogicalShard {
  return topology.shardGroups.get(shard.group)?.shards[shard.index] ?? shard
}
