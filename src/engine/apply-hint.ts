import { SherdError } from '../errors/sherd-error.ts'
import type { KeyHint, ShardHint } from '../plan/plan.ts'
import { groupKeyColumn } from '../routing/group-key.ts'
import type { Scope } from '../session/scopes.ts'
import { shardByName } from '../topology/find-shard.ts'
import type { LogicalShard } from '../topology/topology.ts'
import type { OfflineEngine } from './engine.ts'
import { literalKey } from './literal-key.ts'
import type { Request } from './request.ts'

/**
 * The request in the scope its hint asks for, as if `withShardKey` or `onShard` stood around this one statement.
 * Calls back later only when a directory must ask its table. Throws SHERD_HINT_CONTRADICTED and SHERD_KEY_FORM.
 */
export function applyHint(
  engine: OfflineEngine,
  hint: ShardHint | KeyHint,
  shardGroup: string,
  request: Request,
  callback: (error: unknown, request?: Request) => void,
): void {
  if (hint.kind === 'shard') {
    const shard = shardByName(engine.topology, hint.shard)
    return callback(null, enterHint(request, shard, shard))
  }
  const group = engine.topology.shardGroups.get(shardGroup)
  const strategy = engine.strategies.get(shardGroup)
  const key = readKey(engine, hint, shardGroup, request)
  const enter = (index: number | undefined): Request => {
    const shard = index === undefined ? undefined : group?.shards[index]
    if (shard !== undefined) return enterHint(request, shard)
    throw new SherdError('SHERD_INTERNAL', {
      message: `The routing of shard group ${shardGroup} gave no logical shard.`,
    })
  }
  const known = strategy?.locate(key)
  if (known !== undefined || strategy?.lookup === undefined) return callback(null, enter(known))
  strategy
    .lookup(key)
    .then(enter)
    .then(
      (hinted) => callback(null, hinted),
      (error: unknown) => callback(error),
    )
}

/** The scope of a hint around the caller's own. `named` when the hint names the shard itself. */
export function enterHint(request: Request, shard: LogicalShard, named?: LogicalShard): Request {
  const outer = request.scope
  const scoped = outer?.shards.get(shard.group)
  if (scoped !== undefined && scoped !== shard) throw contradictedScope(scoped, shard, request)
  const scope: Scope = {
    ...outer,
    shards: new Map(outer?.shards).set(shard.group, shard),
    ...(named === undefined ? {} : { named }),
  }
  return { ...request, scope }
}

function readKey(
  { topology, defaults }: OfflineEngine,
  hint: KeyHint,
  shardGroup: string,
  { sql }: Request,
): ReturnType<typeof literalKey> {
  const { table, column, keyType } = groupKeyColumn(topology, shardGroup)
  return literalKey(sql, hint.literal, keyType, defaults.modes, { table, column })
}

function contradictedScope(scoped: LogicalShard, shard: LogicalShard, { sql }: Request): SherdError {
  return new SherdError('SHERD_HINT_CONTRADICTED', {
    message: `The code runs in a scope of logical shard ${scoped.name}, but the hint of the statement leads to ${shard.name}.`,
    details: { shard: shard.name, shardGroup: shard.group },
    sql,
  })
}
