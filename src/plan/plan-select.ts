import type { Query, SelectStatement } from '../sql/ast.ts'
import type { Analysis } from './analysis.ts'
import { tablesOf } from './from-tables.ts'
import { makeDirectPlan } from './group-plan.ts'
import { isPlainRead } from './is-plain-read.ts'
import type { Plan } from './plan.ts'
import { splitByKeys } from './split-by-keys.ts'

/** A SELECT on one shard; or on some, when it lists keys and its rows may simply be joined. */
export function planSelect(analysis: Analysis, { query }: SelectStatement, group: string): Plan {
  const direct = makeDirectPlan(analysis, group, { isRead: isPlainRead(analysis) })
  const select = query.kind === 'select' ? query : undefined
  return splitByKeys(analysis, direct, {
    where: select?.where,
    tables: tablesOf(select?.from),
    obstacle: obstacleIn(query),
  })
}

const harmlessOptions: ReadonlySet<string> = new Set([
  'all',
  'high_priority',
  'sql_no_cache',
  'straight_join',
])

/** Each row of a SELECT without one of these belongs to one key, and neither order nor number matter. */
function obstacleIn(query: Query): string | undefined {
  if (query.kind !== 'select') return 'its set operation'
  if (query.with !== undefined) return 'its WITH'
  if (query.isDistinct) return 'its DISTINCT'
  if (query.groupBy.length > 0 || query.hasRollup) return 'its GROUP BY'
  if (query.having !== undefined) return 'its HAVING'
  if (query.windows.length > 0) return 'its WINDOW'
  if (query.orderBy.length > 0) return 'its ORDER BY'
  if (query.limit !== undefined) return 'its LIMIT'
  if (query.locking.length > 0) return 'its lock'
  if (query.into !== undefined) return 'its INTO'
  const option = query.options.find((word) => !harmlessOptions.has(word))
  return option && `its ${option.toUpperCase()}`
}
