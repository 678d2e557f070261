import type { ResultCallback } from '../drivers/driver.ts'
import { mergeRows } from '../merge/merge-rows.ts'
import type { RowsMerge } from '../plan/scatter-plan.ts'
import { rewriteRows } from '../rewrite/rewrite-scatter.ts'
import { findTerms } from './order-facts.ts'
import { gatherShards } from './gather-shards.ts'
import { readWindow } from './read-window.ts'
import type { ScatterRun } from './scatter-run.ts'

/** Rows of all shards in one order, cut by LIMIT and OFFSET. */
export function runScatterRows(run: ScatterRun, merge: RowsMerge, done: ResultCallback): void {
  const { plan, shards, request, engine } = run
  const window = readWindow(run, merge.limit)
  const statements = shards.map((shard) =>
    rewriteRows(plan, merge, shard, request.values, window.perShard, engine.topology.dialect),
  )
  gatherShards(run, statements, merge.hiddenCount, (error, parts) => {
    if (parts === undefined) return done(error)
    findTerms(run, merge.sortKeys, parts, (refusal, terms) => {
      if (terms === undefined) return done(refusal)
      done(null, mergeRows(parts, terms, window), parts[0]?.fields)
    })
  })
}
