import { SherdError } from '../errors/sherd-error.ts'
import type { ShardKey } from '../keys/shard-key.ts'
import type { DirectPlan, KeyClass, SubsetPlan } from '../plan/plan.ts'
import { shardOfId } from '../routing/shard-of-id.ts'
import type { RoutingStrategy } from '../routing/strategy.ts'
import type { ScatterPermission } from '../session/scatter-options.ts'
import type { LogicalShard, ShardGroup } from '../topology/topology.ts'
import { catchInto } from './catch-into.ts'
import { checkIds } from './check-ids.ts'
import type { OfflineEngine } from './engine.ts'
import { raiseRefusal } from './raise-refusal.ts'
import { type KeyPlace, readClass, readOnlyKey } from './read-keys.ts'
import type { Request } from './request.ts'
import { findPermission } from './scatter-permission.ts'

/** Where a statement goes: one logical shard, or several with the rows (or list items) that are theirs. */
export type Route =
  /** `isAny`: the shards do not differ in what is asked, so the statement has nothing to do with the transaction. */
  | { readonly kind: 'one'; readonly shard: LogicalShard; readonly isAny?: true }
  /** A change of the schema, for one after the other. */
  | { readonly kind: 'each'; readonly shards: readonly LogicalShard[] }
  | { readonly kind: 'some'; readonly parts: ReadonlyMap<LogicalShard, readonly number[]> }
  /** All of it on each of several shards, whose answers must be merged: allowed, but not yet planned. */
  | {
      readonly kind: 'many'
      readonly shards: readonly LogicalShard[]
      readonly permission: ScatterPermission
    }

export type RouteCallback = (error: unknown, route?: Route) => void

type ShardedPlan = DirectPlan | SubsetPlan

/**
 * From the values of a statement to its logical shards. Refuses keys of a wrong form, keys that lead to
 * different shards, and a scope that says otherwise. Calls back later only when a directory must ask its table.
 */
export function routePlan(
  engine: OfflineEngine,
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
    values: request.values,
    modes: engine.defaults.modes,
    permission: () => findPermission(engine.topology, plan, request),
  }
  const { scope } = request
  if (plan.kind === 'direct' && plan.keyless !== undefined)
    return callback(null, routeKeyless(context, plan.keyless, scope?.named))
  const onlyKey = readOnlyKey(context)
  const [onlyClass] = plan.keys
  const onlyIndex =
    onlyKey === undefined || onlyClass === undefined ? undefined : indexOf(context, onlyClass, onlyKey)
  if (onlyIndex !== undefined)
    return callback(null, checked(context, toOne(context, shardAt(context, onlyIndex))))
  const classes = plan.keys.map((keyClass) => locateClass(context, keyClass))
  const missing = classes.flatMap(({ keys, indexes }) => keys.filter((_, i) => indexes[i] === undefined))
  if (missing.length === 0) return callback(null, checked(context, routeClasses(context, classes)))
  lookUp(strategy, missing).then(
    (known) =>
      catchInto(callback, () => callback(null, checked(context, routeClasses(context, classes, known)))),
    (error: unknown) => callback(error),
  )
}

function checked(context: RouteContext, route: Route): Route {
  if (context.plan.placedIds !== undefined) checkIds(context, context.group, route)
  return route
}

/** A statement about tables, not rows. */
function routeKeyless(
  { group, scoped, plan, sql }: RouteContext,
  keyless: NonNullable<DirectPlan['keyless']>,
  named: LogicalShard | undefined,
): Route {
  const [first] = group.shards
  if (keyless === 'any' && scoped === undefined && first !== undefined)
    return { kind: 'one', shard: first, isAny: true }
  if (scoped === undefined) return { kind: 'each', shards: group.shards }
  if (keyless === 'any' || scoped === named) return { kind: 'one', shard: scoped }
  const { withoutKey } = plan
  throw new SherdError('SHERD_DDL_NEEDS_SHARD', {
    message: `A schema statement stands in the scope of a shard key, which does not say whether logical shard ${scoped.name} or all of group ${group.name} are meant.`,
    remedy:
      'Run it outside of the scope for all logical shards, or in sherd.onShard(name, fn), or with the hint /* sherd: shard=… */, for one.',
    details: withoutKey?.details ?? { shardGroup: group.name },
    sql,
  })
}

interface RouteContext extends KeyPlace {
  readonly group: ShardGroup
  readonly strategy: RoutingStrategy
  readonly scoped: LogicalShard | undefined
  readonly sql: string
  /** Whether several shards may be asked; only looked for where one is not enough. */
  readonly permission: () => ScatterPermission | undefined
}

/** The keys a class leaves possible, and where they lead as far as that is known without asking a directory's table. */
interface LocatedClass {
  readonly keyClass: KeyClass
  readonly keys: readonly ShardKey[]
  readonly indexes: readonly (number | undefined)[]
}

function locateClass(context: RouteContext, keyClass: KeyClass): LocatedClass {
  const keys = readClass(context, keyClass)
  return { keyClass, keys, indexes: keys.map((key) => indexOf(context, keyClass, key)) }
}

/** Where a key leads, or the id that stands for it. Undefined: a directory must ask its table. */
function indexOf({ group, strategy }: RouteContext, keyClass: KeyClass, key: ShardKey): number | undefined {
  const { idLayout, tables, column } = keyClass
  if (idLayout === undefined) return strategy.locate(key)
  return shardOfId(key, idLayout, group, { table: tables[0] ?? '', column })
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

function routeClasses(
  context: RouteContext,
  classes: readonly LocatedClass[],
  known?: ReadonlyMap<ShardKey, number>,
): Route {
  const { plan, scoped } = context
  const shardsOf = ({ keys, indexes }: LocatedClass): readonly LogicalShard[] =>
    keys.map((key, i) => shardAt(context, indexes[i] ?? known?.get(key)))
  const [first] = classes
  if (plan.kind === 'subset' && first !== undefined) {
    const parts = groupByShard(shardsOf(first))
    requireScope(context, [...parts.keys()])
    if (parts.size > 1) return { kind: 'some', parts }
  }
  const wide = scoped === undefined ? routeWide(context, classes, shardsOf) : undefined
  if (wide !== undefined) return wide
  let found: LogicalShard | undefined
  for (const located of classes) {
    const shards = located.keys.length === 0 ? [scoped ?? refuseKeyless(context)] : shardsOf(located)
    for (const shard of shards) {
      found ??= shard
      if (shard !== found) throw severalShards(context, located.keyClass)
    }
  }
  return toOne(context, found ?? scoped ?? refuseKeyless(context))
}

/** Several shards, where that is needed and allowed: those of the keys, or all. */
function routeWide(
  context: RouteContext,
  classes: readonly LocatedClass[],
  shardsOf: (located: LocatedClass) => readonly LogicalShard[],
): Route | undefined {
  const isKeyless = classes.some(({ keys }) => keys.length === 0)
  const named = new Set(classes.flatMap(shardsOf))
  if (!isKeyless && named.size < 2) return undefined
  const permission = context.permission()
  if (permission === undefined) return undefined
  const shards = isKeyless || classes.length > 1 ? context.group.shards : [...named]
  return { kind: 'many', shards: shards.toSorted((a, b) => a.index - b.index), permission }
}

function toOne(context: RouteContext, shard: LogicalShard): Route {
  if (context.scoped !== undefined) requireScope(context, [shard])
  return { kind: 'one', shard }
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
  const code = context.plan.hint === undefined ? 'SHERD_SCOPE_CONTRADICTED' : 'SHERD_HINT_CONTRADICTED'
  const leads =
    context.plan.hint === undefined ? 'The code runs in a scope of' : 'The hint of the statement leads to'
  throw new SherdError(code, {
    message: `${leads} logical shard ${scoped.name}, but the statement's key belongs to ${other.name}.`,
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
  const { plan, group } = context
  const unsplit = plan.kind === 'direct' ? plan.unsplit : undefined
  const reason = unsplit === undefined ? '' : `, and ${unsplit} keeps it from being split`
  return new SherdError('SHERD_SEVERAL_SHARDS', {
    message: `The keys of the statement lead to more than one logical shard of group ${group.name} (table ${keyClass.tables.join(', ')}, column ${keyClass.column})${reason}.`,
    details: { shardGroup: group.name, table: keyClass.tables[0] ?? '', column: keyClass.column },
    sql: context.sql,
  })
}
