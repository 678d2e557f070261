import { SherdError } from '../errors/sherd-error.ts'
import type { DirectPlan, KeySource, PlacedIds, SubsetPlan } from '../plan/plan.ts'
import { shardOfId } from '../routing/shard-of-id.ts'
import type { LogicalShard, ShardGroup } from '../topology/topology.ts'
import { type KeyPlace, readInteger } from './read-keys.ts'
import type { Route } from './route-plan.ts'

/** Compares the ids of inserted rows that carry a logical shard with where the rows go. SHERD_MISPLACED_ID, SHERD_FOREIGN_ID. */
export function checkIds(
  place: KeyPlace & { readonly plan: DirectPlan | SubsetPlan },
  group: ShardGroup,
  route: Route,
): void {
  for (const placed of place.plan.placedIds ?? []) {
    if (route.kind === 'one')
      for (const source of placed.sources) checkId(place, group, placed, source, route.shard)
    if (route.kind === 'some')
      for (const [shard, rows] of route.parts)
        for (const row of rows) checkId(place, group, placed, placed.sources[row], shard)
  }
}

function checkId(
  place: KeyPlace,
  group: ShardGroup,
  { table, column, layout }: PlacedIds,
  source: KeySource | undefined,
  shard: LogicalShard,
): void {
  if (source === undefined || isNull(place, source)) return
  const where = { table, column }
  if (shardOfId(readInteger(place, source, where), layout, group, where) === shard.index) return
  throw new SherdError('SHERD_MISPLACED_ID', {
    message: `An id for ${table}.${column} carries another logical shard than ${shard.name}, where the shard key puts its row.`,
    details: { ...where, shard: shard.name, shardGroup: group.name },
  })
}

function isNull({ values }: KeyPlace, source: KeySource): boolean {
  return source.kind === 'marker' && (values[source.index] ?? null) === null
}
