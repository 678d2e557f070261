import type { DeleteStatement, UpdateStatement } from '../sql/ast.ts'
import type { SqlModes } from '../sql/modes.ts'
import type { Topology } from '../topology/topology.ts'
import { analyzeStatement } from './analyze-statement.ts'
import { aggregateFunctions, chanceFunctions, rowFunctions } from './function-lists.ts'
import type { DirectPlan, Refusal, RefusePlan, SubsetPlan } from './plan.ts'
import { refusal, refuse } from './refusals.ts'
import type { BroadcastPlan } from './scatter-plan.ts'

/**
 * An UPDATE or DELETE without the key, for every shard as it stands: what the shards then do is what one database
 * would have done. Pure.
 */
export function planBroadcast(
  plan: DirectPlan | SubsetPlan,
  topology: Topology,
  modes: SqlModes,
): BroadcastPlan | RefusePlan {
  const { statement, shardGroup, qualified } = plan
  if (statement.kind !== 'update' && statement.kind !== 'delete')
    return refuse(shape('its kind, which is neither UPDATE nor DELETE', statement.start))
  const { analysis, scope } = analyzeStatement(statement, topology, modes)
  const isolated = analysis.occurrences.find(({ declaration }) => declaration?.kind === 'isolated')
  if (isolated !== undefined)
    return refuse(shape(`the isolated table ${isolated.name.table.name}`, isolated.name.start))
  const obstacle = findObstacle(statement)
  if (obstacle !== undefined) return refuse(obstacle)
  // Every row written is of a table that the statement names outside of its subqueries.
  const isTogether = (scope?.sources ?? []).some(
    ({ sharded, isNullable }) =>
      sharded !== undefined && !isNullable && analysis.graph.isReachedFrom([sharded.node]),
  )
  if (!isTogether)
    return refuse(
      shape(
        'how it puts its tables together',
        statement.start,
        'Compare the keys of its sharded tables in every join and subquery.',
      ),
    )
  return Object.freeze({ kind: 'broadcast', statement, shardGroup, qualified })
}

function findObstacle(statement: UpdateStatement | DeleteStatement): Refusal | undefined {
  const { with: list, orderBy, limit, returning, variables, calls, start } = statement
  if (list !== undefined) return shape('its WITH', list.start)
  if (orderBy[0] !== undefined) return shape('its ORDER BY', orderBy[0].start)
  if (limit !== undefined) return shape('its LIMIT', limit.start)
  if (returning[0] !== undefined) return shape('its RETURNING', returning[0].start)
  if (variables[0] !== undefined) return shape('its variable', variables[0].start)
  // Aggregates stand in subqueries here.
  const isKnown = (name: string): boolean => rowFunctions.has(name) || aggregateFunctions.has(name)
  const call = calls.find((name) => !isKnown(name) || chanceFunctions.has(name))
  return call === undefined ? undefined : shape(`its ${call.toUpperCase()}()`, start)
}

function shape(what: string, offset: number, remedy?: string): Refusal {
  const message = `The statement cannot be run on several shards as on one database because of ${what}.`
  return refusal('SHERD_SCATTER_SHAPE', message, { offset }, remedy)
}
