import { SherdError } from '../errors/sherd-error.ts'
import { canonicalKey } from '../keys/canonical-key.ts'
import { isIntegerKeyBeyondInt32 } from '../keys/clamping.ts'
import type { ShardKey } from '../keys/shard-key.ts'
import type { DirectPlan, KeyClass, KeyConstraint, SubsetPlan } from '../plan/plan.ts'
import type { RoutingStrategy } from '../routing/strategy.ts'
import type { SqlModes } from '../sql/modes.ts'
import type { LogicalShard, ShardGroup } from '../topology/topology.ts'
import type { Engine } from './engine.ts'
import { literalKey } from './literal-key.ts'
import { raiseRefusal } from './raise-refusal.ts'
import type { Request } from './request.ts'

/** Where a statement goes: one logical shard, or several with the rows (or list items) that are theirs. */
export type Route =
  | { readonly kind: 'one'; readonly shard: LogicalShard }
  | { readonly kind: 'some'; readonly parts: ReadonlyMap<LogicalShard, readonly number[]> }

export type RouteCallback = (error: unknown, route?: Route) => void

type ShardedPlan = DirectPlan | SubsetPlan

/**
 * From the values of a statement to its logical shards. Refuses keys of a wrong form, keys that lead to
 * different shards, and a scope that says otherwise. Calls back later only when a directory must ask its table.
 */
export function routePlan(
  engine: Engine,
  plan: ShardedPlan,
  request: Request,
  callback: RouteCallback,
): void {
  requireValues(plan, request)
  const group = engine.topology.shardGroups.get(plan.shardGroup)
  const strategy = engine.strategies.get(plan.shardGroup)
  if (group === undefined || strategy === undefined) {
    throw new SherdError('SHERD_INTERNAL', {
      message: `A plan names the shard group ${plan.shardGroup}, which the topology has not.`,
    })
  }
  const context: RouteContext = {
    plan,
    group,
    strategy,
    scoped: request.scope?.shards.get(group.name),
    sql: request.sql,
    modes: engine.defaults.modes,
  }
  const keys = readKeys(context, request.values)
  const missing = keys
    .flatMap((classKeys) => classKeys.alternatives)
    .filter((key) => strategy.locate(key) === undefined)
  if (missing.length === 0) return callback(null, routeKeys(context, keys))
  lookUp(strategy, missing).then(
    (known) => answer(context, keys, known, callback),
    (error: unknown) => callback(error),
  )
}

interface RouteContext {
  readonly plan: ShardedPlan
  readonly group: ShardGroup
  readonly strategy: RoutingStrategy
  readonly scoped: LogicalShard | undefined
  readonly sql: string
  readonly modes: SqlModes
}

/** What a class leaves possible: its keys, in the order of the statement. Empty: nothing was said, only the scope can tell. */
interface ClassKeys {
  readonly keyClass: KeyClass
  readonly alternatives: readonly ShardKey[]
}

function answer(
  context: RouteContext,
  keys: readonly ClassKeys[],
  known: ReadonlyMap<ShardKey, number>,
  callback: RouteCallback,
): void {
  // The steps behind throw what they refuse, and here nobody else would catch it.
  try {
    callback(null, routeKeys(context, keys, known))
  } catch (error) {
    callback(error)
  }
}

async function lookUp(
  strategy: RoutingStrategy,
  keys: readonly ShardKey[],
): Promise<ReadonlyMap<ShardKey, number>> {
  const { lookup } = strategy
  if (lookup === undefined) {
    throw new SherdError('SHERD_INTERNAL', {
      message: 'A routing strategy neither located a key nor can look it up.',
    })
  }
  return new Map(await Promise.all(keys.map(async (key) => [key, await lookup(key)] as const)))
}

function readKeys(context: RouteContext, values: readonly unknown[]): readonly ClassKeys[] {
  return context.plan.keys.map((keyClass) => ({
    keyClass,
    alternatives: readClass(context, keyClass, values),
  }))
}

function readClass(
  context: RouteContext,
  keyClass: KeyClass,
  values: readonly unknown[],
): readonly ShardKey[] {
  const [first, ...others] = keyClass.constraints.map((constraint) =>
    readConstraint(context, keyClass, constraint, values),
  )
  if (first === undefined) return []
  if (others.length === 0) return first
  const common = first.filter((key) => others.every((other) => other.includes(key)))
  // `k = 1 AND k = 2` matches nothing on any shard, so the shard of the first key answers it rightly.
  return common.length > 0 ? common : first.slice(0, 1)
}

function readConstraint(
  context: RouteContext,
  keyClass: KeyClass,
  constraint: KeyConstraint,
  values: readonly unknown[],
): readonly ShardKey[] {
  const where = { table: keyClass.tables[0] ?? '', column: keyClass.column }
  const keys = constraint.sources.map((source) =>
    source.kind === 'marker'
      ? canonicalKey(values[source.index], keyClass.keyType, where)
      : literalKey(context.plan.statement.sql, source, keyClass.keyType, context.modes, where),
  )
  if (context.plan.mayClampKey && keys.some(isIntegerKeyBeyondInt32)) throw clampedKey(where)
  return keys
}

function routeKeys(
  context: RouteContext,
  keys: readonly ClassKeys[],
  known?: ReadonlyMap<ShardKey, number>,
): Route {
  const { plan, scoped } = context
  const shardOf = (key: ShardKey): LogicalShard =>
    shardAt(context, context.strategy.locate(key) ?? known?.get(key))
  if (plan.kind === 'subset') {
    const parts = groupByShard((keys[0]?.alternatives ?? []).map(shardOf))
    const [only] = parts.keys()
    requireScope(context, [...parts.keys()])
    if (only !== undefined && parts.size === 1) return { kind: 'one', shard: only }
    if (parts.size > 1) return { kind: 'some', parts }
  }
  let found: LogicalShard | undefined
  for (const { keyClass, alternatives } of keys) {
    const shards = alternatives.length === 0 ? [scoped ?? refuseKeyless(context)] : alternatives.map(shardOf)
    for (const shard of shards) {
      found ??= shard
      if (shard !== found) throw severalShards(context, keyClass)
    }
  }
  found ??= scoped ?? refuseKeyless(context)
  requireScope(context, [found])
  return { kind: 'one', shard: found }
}

function groupByShard(shards: readonly LogicalShard[]): Map<LogicalShard, number[]> {
  const parts = new Map<LogicalShard, number[]>()
  shards.forEach((shard, position) => {
    const part = parts.get(shard)
    if (part === undefined) parts.set(shard, [position])
    else part.push(position)
  })
  return parts
}

function shardAt(context: RouteContext, index: number | undefined): LogicalShard {
  const shard = index === undefined ? undefined : context.group.shards[index]
  if (shard !== undefined) return shard
  throw new SherdError('SHERD_INTERNAL', {
    message: `The routing strategy of shard group ${context.group.name} gave no logical shard of the group.`,
  })
}

function requireValues(plan: ShardedPlan, request: Request): void {
  const markers = plan.statement.markers.length
  if (markers === request.values.length) return
  throw new SherdError('SHERD_VALUE_COUNT', {
    message: `The statement has ${markers} markers and was given ${request.values.length} values.`,
    sql: request.sql,
  })
}

function requireScope(context: RouteContext, shards: readonly LogicalShard[]): void {
  const { scoped } = context
  if (scoped === undefined) return
  const other = shards.find((shard) => shard !== scoped)
  if (other === undefined) return
  throw new SherdError('SHERD_SCOPE_CONTRADICTED', {
    message: `The code runs in a scope of logical shard ${scoped.name}, but the statement's key belongs to ${other.name}.`,
    details: { shard: other.name, shardGroup: context.group.name },
    sql: context.sql,
  })
}

function refuseKeyless(context: RouteContext): never {
  const { withoutKey } = context.plan
  if (withoutKey !== undefined) raiseRefusal(withoutKey, context.sql)
  throw new SherdError('SHERD_INTERNAL', {
    message: 'A plan without a key has no refusal either.',
    sql: context.sql,
  })
}

function severalShards(context: RouteContext, keyClass: KeyClass): SherdError {
  return new SherdError('SHERD_SEVERAL_SHARDS', {
    message: `The keys of the statement lead to more than one logical shard of group ${context.group.name} (table ${keyClass.tables.join(', ')}, column ${keyClass.column}).`,
    details: { shardGroup: context.group.name, table: keyClass.tables[0] ?? '', column: keyClass.column },
    sql: context.sql,
  })
}

function clampedKey(where: { table: string; column: string }): SherdError {
  return new SherdError('SHERD_KEY_CLAMPED', {
    message: `With IGNORE the server may store a key of ${where.table}.${where.column} that does not fit its column as another key.`,
    details: where,
  })
}
