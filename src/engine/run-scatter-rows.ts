import type { ResultCallback } from '../drivers/driver.ts'
import { SherdError } from '../errors/sherd-error.ts'
import { mergeRows, requireSameNames } from '../merge/merge-rows.ts'
import type { RowsMerge } from '../plan/scatter-plan.ts'
import { rewriteRows } from '../rewrite/rewrite-scatter.ts'
import { checkRowsOnce } from './check-scatter-once.ts'
import type { Server } from '../topology/topology.ts'
import { findTerms } from './order-facts.ts'
import { gatherShards } from './gather-shards.ts'
import { mustAskAgain, orderedTextOf } from './plain-texts.ts'
import { readWindow } from './read-window.ts'
import { canPass } from './stream-gate.ts'
import { nestingOf } from './send-finish.ts'
import { streamRows } from './stream-rows.ts'
import type { ScatterRun } from './scatter-run.ts'

/** Rows of all shards in one order, cut by LIMIT and OFFSET. */
export function runScatterRows(run: ScatterRun, merge: RowsMerge, done: ResultCallback): void {
  const { plan, shards, request, engine } = run
  if (merge.isWrapped && nestingOf(request) !== undefined) throw nestedUnion(request.sql)
  const window = readWindow(run, merge.limit)
  // Rows of a stream are given before all types are known.
  const isStream = canStream(run)
  const order = isStream ? merge : orderedTextOf(run, merge)
  const { hiddenCount, sortKeys } = order
  const statements = shards.map((shard) =>
    rewriteRows(plan, order, shard, request.values, window.perShard, engine.topology.dialect),
  )
  checkRowsOnce(engine, plan, order, statements)
  if (isStream) return streamRows(run, statements, { hiddenCount, sortKeys, window }, done)
  gatherShards(run, statements, hiddenCount, (error, parts) => {
    if (parts === undefined) return done(error)
    if (mustAskAgain(merge, order !== merge, parts, sortKeys)) return runScatterRows(run, merge, done)
    findTerms(run, sortKeys, parts, (refusal, terms) => {
      if (terms === undefined) return done(refusal)
      try {
        requireSameNames(parts.map(({ fields }) => fields))
      } catch (unequal) {
        return done(unequal)
      }
      done(null, mergeRows(parts, terms, window), parts[0]?.fields)
    })
  })
}

function nestedUnion(sql: string): SherdError {
  return new SherdError('SHERD_SCATTER_VALUE', {
    message: 'Columns of a UNION have no table, under which nestTables would show them.',
    remedy: 'Leave nestTables out for a UNION ALL with ORDER BY.',
    sql,
  })
}

/**
 * Whether the rows may be read while they come: each shard then needs a connection of its own to the end. In a transaction
 * there is one for all, and a shard may be left out only before its first row is given.
 */
function canStream({ request, session, shards, permission, engine }: ScatterRun): boolean {
  if (!request.isStreamed || session.transaction !== undefined || permission.onMissing !== undefined)
    return false
  if (engine.topology.dialect === 'sqlite') return false
  const needs = new Map<Server, number>()
  for (const { server } of shards) needs.set(server, (needs.get(server) ?? 0) + 1)
  return [...needs.values()].every((count) => count <= permission.maxConcurrencyPerServer) && canPass(needs)
}
