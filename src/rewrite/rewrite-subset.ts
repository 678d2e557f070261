import type { SubsetPlan } from '../plan/plan.ts'
import type { SqlDialect } from '../sql/modes.ts'
import type { LogicalShard } from '../topology/topology.ts'
import { meansSameInParts } from './means-same-in-parts.ts'
import { rewriteForShard } from './rewrite-for-shard.ts'
import type { ShardStatement } from './shard-statement.ts'
import { type Kept, cutText, findCuts, joinPieces } from './splice.ts'

/**
 * The statement of each shard: only the rows, or the items of the list, that belong to it; or the whole list,
 * where an item alone would be compared otherwise. `assignments` gives the indexes of the shard's rows, or of
 * its keys in the list, in any order; a shard without any gets no statement.
 */
export function rewriteSubset(
  plan: SubsetPlan,
  assignments: ReadonlyMap<LogicalShard, readonly number[]>,
  values: readonly unknown[],
  dialect: SqlDialect,
): readonly ShardStatement[] {
  const { statement, qualified, split, copies } = plan
  const total = split.by === 'rows' ? split.rows.length : split.items.length
  const isWhole = split.by === 'list' && !meansSameInParts(split, values)
  const cuts = findCuts(qualified, statement.markers)
  const statements: ShardStatement[] = []
  for (const [shard, indexes] of assignments) {
    if (indexes.length === 0) continue
    const kept = keptIndexes(plan, indexes)
    if (isWhole || kept.length === total) {
      statements.push({ shard, text: rewriteForShard(plan, shard, dialect), values, copies })
      continue
    }
    const { pieces, markers } = cutText(statement.sql, cuts, keptParts(plan, kept))
    const text = joinPieces(pieces, shard.name, dialect)
    statements.push({ shard, text, values: markers.map((marker) => values[marker.index]), copies, kept })
  }
  return statements
}

function keptIndexes({ split }: SubsetPlan, indexes: readonly number[]): readonly number[] {
  const own = split.by === 'rows' ? indexes : new Set(indexes.flatMap((index) => split.owners[index] ?? []))
  return [...own].toSorted((a, b) => a - b)
}

/** The text before the first part, the parts of the shard, the text behind the last part. */
function keptParts({ statement, split }: SubsetPlan, indexes: readonly number[]): readonly Kept[] {
  const parts = split.by === 'rows' ? split.rows : split.items
  const before = split.by === 'rows' ? ', ' : split.separator
  const { sql } = statement
  const own = indexes.flatMap((index) => parts.at(index) ?? [])
  return [
    { start: 0, end: parts.at(0)?.start ?? 0 },
    ...own.map((part, position): Kept => (position === 0 ? part : { ...part, before })),
    { start: parts.at(-1)?.end ?? sql.length, end: sql.length },
  ]
}
