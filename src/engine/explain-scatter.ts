import type { DirectPlan, SubsetPlan } from '../plan/plan.ts'
import { rewriteFinish, rewritePartial, rewriteRows } from '../rewrite/rewrite-scatter.ts'
import type { ShardStatement } from '../rewrite/shard-statement.ts'
import { checkPartialOnce, checkRowsOnce } from './check-scatter-once.ts'
import type { OfflineEngine } from './engine.ts'
import { rolesOf } from './explain-roles.ts'
import type { Explanation } from './explanation.ts'
import { raiseRefusal } from './raise-refusal.ts'
import { readWindow } from './read-window.ts'
import type { Request } from './request.ts'
import type { Route } from './route-plan.ts'

/** What each shard would get, and how the answers would be put together. Throws the plan's refusal. */
export function explainScatter(
  engine: OfflineEngine,
  plan: DirectPlan | SubsetPlan,
  { shards }: Extract<Route, { kind: 'many' }>,
  request: Request,
): Pick<Explanation, 'outcome' | 'runs' | 'notes'> {
  const scatter = engine.planner.scatter(plan)
  if (scatter.kind === 'refuse') return raiseRefusal(scatter.refusal, request.sql)
  const { dialect } = engine.topology
  const { merge } = scatter
  const runsOf = (statements: readonly ShardStatement[]): Explanation['runs'] =>
    statements.map(({ shard, text }) => ({
      shard: shard.name,
      server: shard.server.id,
      roles: rolesOf(shard.server, true, request.scope),
      sql: text.sql,
    }))
  if (merge.kind === 'rows') {
    const window = readWindow({ engine, plan: scatter, request }, merge.limit)
    const statements = shards.map((shard) =>
      rewriteRows(scatter, merge, shard, request.values, window.perShard, dialect),
    )
    checkRowsOnce(engine, scatter, merge, statements)
    const how = merge.sortKeys.length === 0 ? 'one shard after the other' : 'in their common order'
    return { outcome: 'scatter', runs: runsOf(statements), notes: [`The rows are given ${how}.`] }
  }
  const partials = shards.map((shard) => rewritePartial(scatter, merge, shard, request.values, dialect))
  checkPartialOnce(engine, scatter, merge, partials)
  const partialRows = { text: { segments: ['SELECT …'], sql: 'SELECT …' }, values: [] }
  const { text } = rewriteFinish(scatter, merge, [partialRows], request.values, dialect)
  return {
    outcome: 'scatter',
    runs: runsOf(partials),
    notes: [
      `One server computes the answer from these partial rows: ${text.sql}`,
      ...(merge.local === undefined
        ? []
        : [
            'Where the shards are on several servers and its types allow it, this process does so without that statement.',
          ]),
    ],
  }
}
