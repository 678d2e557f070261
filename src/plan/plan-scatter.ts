import { SherdError } from '../errors/sherd-error.ts'
import type { Query } from '../sql/ast.ts'
import type { SqlModes } from '../sql/modes.ts'
import type { Topology } from '../topology/topology.ts'
import type { Analysis } from './analysis.ts'
import { analyzeStatement } from './analyze-statement.ts'
import { chanceFunctions } from './function-lists.ts'
import type { DirectPlan, KeyClass, RefusePlan, SubsetPlan } from './plan.ts'
import { refuseOuterAggregates } from './outer-aggregates.ts'
import { existsIn, planExists } from './plan-scatter-exists.ts'
import { type PlannedFinish, planFinish } from './plan-scatter-finish.ts'
import { planRows } from './plan-scatter-rows.ts'
import { planUnion } from './plan-scatter-union.ts'
import { planUnionRows } from './plan-union-rows.ts'
import { refusal, refuse } from './refusals.ts'
import type { RowsMerge, ScatterPlan } from './scatter-plan.ts'
import { findAggregate, findRoots } from './scatter-roots.ts'
import { shapeError, shapeRefusal } from './shape-refusal.ts'

/**
 * How a read is answered by several shards, or why it cannot be. Pure; made only when a scatter is allowed and the key
 * does not lead to one shard.
 */
export function planScatter(
  plan: DirectPlan | SubsetPlan,
  topology: Topology,
  modes: SqlModes,
): ScatterPlan | RefusePlan {
  const { analysis } = analyzeStatement(plan.statement, topology, modes)
  try {
    return planAnalyzed(plan, analysis)
  } catch (error) {
    if (!(error instanceof SherdError)) throw error
    const { code, details, remedy, message } = error
    return refuse(refusal(code, message.replace(` ${remedy}`, ''), details, remedy))
  }
}

function planAnalyzed(plan: DirectPlan | SubsetPlan, analysis: Analysis): ScatterPlan {
  const { statement, shardGroup, qualified, copies } = plan
  if (statement.kind !== 'select' || !plan.isRead)
    throw shapeError('what it does besides reading', statement.start)
  const isolated = analysis.occurrences.find(({ declaration }) => declaration?.kind === 'isolated')
  if (isolated !== undefined)
    throw shapeError(`the isolated table ${isolated.name.table.name}`, isolated.name.start)
  refuseOuterAggregates(analysis)
  const { merge, aliases } = planQuery(analysis, statement.query)
  const offset = statement.query.start
  return Object.freeze({
    kind: 'scatter',
    statement,
    shardGroup,
    qualified,
    keys: Object.freeze([narrow(plan.keys)] as const),
    merge,
    ...(copies === undefined ? {} : { copies }),
    ...(aliases.length === 0 ? {} : { assumption: assume(aliases, offset) }),
  })
}

function assume(aliases: readonly string[], offset: number): NonNullable<ScatterPlan['assumption']> {
  const what = `GROUP BY ${aliases.join(', ')}, which is an alias and a column of a table`
  const remedy = 'Give the alias a name that no table has as a column, or group by what the alias stands for.'
  return Object.freeze({ aliases: Object.freeze(aliases), refusal: shapeRefusal(what, offset, remedy) })
}

/** Constraints of one class narrow the shards; of several, each may hold for its own tables only. */
function narrow(keys: readonly KeyClass[]): KeyClass {
  const [first, ...others] = keys
  if (first === undefined) throw new RangeError('a plan for a shard group has a class of keys')
  if (others.length === 0) return first
  const tables = Object.freeze([...new Set(keys.flatMap((key) => key.tables))])
  return Object.freeze({ ...first, tables, constraints: Object.freeze([]) })
}

interface Planned {
  readonly merge: RowsMerge | PlannedFinish['merge']
  readonly aliases: readonly string[]
}

function planQuery(analysis: Analysis, query: Query): Planned {
  if (query.kind === 'values' || query.kind === 'tableQuery')
    throw shapeError('its VALUES or TABLE', query.start)
  if (query.kind === 'select' && existsIn(query).length > 0)
    return { merge: planExists(analysis, query), aliases: [] }
  const roots = findRoots(analysis, query)
  if (roots === undefined) throw notTogether(analysis, query)
  if (query.kind === 'setOperation')
    return {
      merge: query.isAll ? planUnionRows(analysis, query, roots) : planUnion(analysis, query, roots),
      aliases: [],
    }
  const option = query.options.find((word) => !harmlessOptions.has(word))
  if (option !== undefined) throw shapeError(`its ${option.toUpperCase()}`, query.start)
  const isGrouped = query.isDistinct || query.groupBy.length > 0 || query.having !== undefined
  if (isGrouped || findAggregate(query) !== undefined) return planFinish(analysis, query)
  const chance = analysis.statement.calls.find((name) => chanceFunctions.has(name))
  if (chance !== undefined && query.orderBy.length > 0)
    throw shapeError(`its ${chance.toUpperCase()}()`, query.start)
  return { merge: planRows(analysis, query, roots), aliases: [] }
}

const harmlessOptions: ReadonlySet<string> = new Set([
  'all',
  'high_priority',
  'sql_no_cache',
  'sql_cache',
  'sql_big_result',
  'sql_buffer_result',
  'sql_small_result',
  'straight_join',
])

/** Rows of the result would be made of rows of several shards, or come from each of them. */
function notTogether({ occurrences }: Analysis, query: Query): SherdError {
  const names = occurrences.flatMap(({ declaration }) =>
    declaration?.kind === 'sharded' ? declaration.table : [],
  )
  const tables = [...new Set(names)].join(', ')
  return shapeError(
    `how it puts ${tables} together`,
    query.start,
    'Compare the keys of its sharded tables in every join and subquery, and let no derived table group, limit or make distinct without the key; a reference table may not be the side of an outer join that is kept.',
  )
}
