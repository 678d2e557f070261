import { declarationOf } from '../plan/analysis.ts'
import type { DirectPlan, SubsetPlan } from '../plan/plan.ts'
import { defaultScatter, type ScatterPermission } from '../session/scatter-options.ts'
import type { Topology } from '../topology/topology.ts'
import type { Request } from './request.ts'

/**
 * Whether a statement may ask several logical shards: by `sherd.scatter` around it, its own hint, or the policy of all
 * sharded tables that it names. Writes only by `sherd.scatter` that says so.
 */
export function findPermission(
  topology: Topology,
  plan: DirectPlan | SubsetPlan,
  request: Pick<Request, 'scope'>,
): ScatterPermission | undefined {
  if (!plan.isRead) return request.scope?.scatter?.mayWrite === true ? request.scope.scatter : undefined
  if (request.scope?.scatter !== undefined) return request.scope.scatter
  if (plan.hint?.kind === 'scatter' || isAllowedByTables(topology, plan)) return defaultScatter
  return undefined
}

function isAllowedByTables(topology: Topology, { statement }: DirectPlan | SubsetPlan): boolean {
  const sharded = statement.tables.flatMap((name) => {
    const declaration = declarationOf(name, topology)
    return declaration?.kind === 'sharded' ? declaration : []
  })
  return sharded.length > 0 && sharded.every(({ scatter }) => scatter === 'allow')
}
