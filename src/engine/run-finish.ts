import type { ResultCallback, SqlText } from '../drivers/driver.ts'
import type { RawColumn } from '../drivers/raw-rows.ts'
import { SherdError } from '../errors/sherd-error.ts'
import { requireSameColumns, type ShardRows } from '../merge/merge-rows.ts'
import { writeTuples, writeValues } from '../merge/ship-rows.ts'
import { writeSqliteTuples } from '../merge/ship-sqlite-rows.ts'
import type { FinishMerge } from '../plan/scatter-plan.ts'
import type { FilledText } from '../rewrite/compose-text.ts'
import { rewritePartial, rewriteTypes } from '../rewrite/rewrite-scatter.ts'
import type { ShardStatement } from '../rewrite/shard-statement.ts'
import type { LogicalShard } from '../topology/topology.ts'
import { askFields } from './ask-fields.ts'
import { checkPartialOnce } from './check-scatter-once.ts'
import { gatherShards } from './gather-shards.ts'
import { finishFailed, tooManyRows } from './scatter-errors.ts'
import type { ScatterRun } from './scatter-run.ts'
import { sendFinish } from './send-finish.ts'

/** Of the partial rows as text; half of what servers take by default (`max_allowed_packet`). */
const maxShippedBytes = 8 * 1024 * 1024

/**
 * Computes the answer on one server from the partial rows of all shards, with the caller's own options, so that server
 * and driver make the same values as from one database. Partial rows of other servers are written out.
 */
export function runFinish(run: ScatterRun, merge: FinishMerge, done: ResultCallback): void {
  const partials = partialsOf(run, merge)
  checkPartialOnce(run.engine, run.plan, merge, partials)
  const home = leastBusy(run, run.shards)
  const isTogether = run.shards.every(({ server }) => server === home.server)
  // Without carrying them nobody would know which shard failed.
  if (isTogether && run.permission.onMissing === undefined)
    return requireNoEnum(run, merge, home, (refusal) =>
      refusal ? done(refusal) : sendFinish(run, merge, home, () => partials, done),
    )
  gatherShards(asPartial(run), partials, 'all', (error, parts) => {
    if (parts === undefined) return done(error)
    const answered = leastBusy(
      run,
      parts.map(({ statement }) => statement.shard),
    )
    requireNoEnum(run, merge, answered, (refusal) =>
      refusal ? done(refusal) : finishShipped(run, merge, answered, parts, done),
    )
  })
}

function partialsOf(run: ScatterRun, merge: FinishMerge): readonly ShardStatement[] {
  const { plan, shards, request, engine } = run
  return shards.map((shard) => rewritePartial(plan, merge, shard, request.values, engine.topology.dialect))
}

/**
 * Partial rows are read as they are: no option of the caller concerns them. His protocol does, because a number is a
 * DOUBLE as a value of a prepared statement, and by its digits as a literal.
 */
function asPartial(run: ScatterRun): ScatterRun {
  return {
    ...run,
    request: { ...run.request, command: undefined, options: undefined, isStreamed: false },
  }
}

/** From a derived table an ENUM comes as a string, and would be ordered as one. */
function requireNoEnum(
  run: ScatterRun,
  merge: FinishMerge,
  shard: LogicalShard,
  callback: (error: unknown) => void,
): void {
  const { engine, plan, request } = run
  const types = rewriteTypes(plan, merge, shard, request.values, engine.topology.dialect)
  if (types === undefined) return callback(null)
  askFields(run, types, (error, fields) => {
    if (error) return callback(finishFailed(run, shard, error))
    const described = engine.driver.describeFields(fields)
    callback(findEnum(merge, described) ?? null)
  })
}

function findEnum({ columns }: FinishMerge, types: readonly RawColumn[]): SherdError | undefined {
  const isEnum = columns.some(
    ({ field, isCompared }) => isCompared && field !== undefined && types[field]?.type === 'enum',
  )
  if (!isEnum) return undefined
  return new SherdError('SHERD_SCATTER_VALUE', {
    message:
      'The statement orders by an ENUM or SET, or computes with it, and the server does so by the number of the word.',
    remedy: 'Use the column + 0, or CAST(column AS CHAR), in the statement.',
  })
}

function finishShipped(
  run: ScatterRun,
  merge: FinishMerge,
  home: LogicalShard,
  parts: readonly ShardRows[],
  done: ResultCallback,
): void {
  const { engine } = run
  const rows = parts.flatMap(({ raw }) => raw)
  let tuples: readonly string[]
  try {
    const columns = requireSameColumns(parts)
    tuples =
      engine.topology.dialect === 'sqlite'
        ? writeSqliteTuples(rows, (cell) => engine.driver.escape(cell))
        : writeTuples(columns, rows, merge.columns)
  } catch (error) {
    return done(error)
  }
  const bytes = tuples.reduce((sum, tuple) => sum + tuple.length, 0)
  if (bytes > maxShippedBytes) return done(tooManyRows(run, `${maxShippedBytes} bytes of partial rows`))
  const branches = (version: string): readonly FilledText[] => {
    const types = emptyPartial(run, merge, home)
    return tuples.length === 0 ? [types] : [types, { text: valuesText(tuples, version), values: [] }]
  }
  sendFinish(run, merge, home, branches, done)
}

/** The partial rows of any shard, but none of them: first in the UNION, they give it their types. */
function emptyPartial(run: ScatterRun, merge: FinishMerge, shard: LogicalShard): FilledText {
  const { engine, plan, request } = run
  const { text, values } = rewritePartial(plan, merge, shard, request.values, engine.topology.dialect)
  const last = text.segments.length - 1
  const segments = text.segments.map((segment, index) => {
    const before = index === 0 ? 'SELECT * FROM (' : ''
    return before + segment + (index === last ? ') sherd_types LIMIT 0' : '')
  })
  return { text: { segments, sql: segments.join('?') }, values }
}

function valuesText(tuples: readonly string[], version: string): SqlText {
  const sql = writeValues(tuples, version)
  return { segments: [sql], sql }
}

/** A shard on the server that has least to do; the shards of a transaction are all on its own. */
function leastBusy({ engine }: ScatterRun, shards: readonly LogicalShard[]): LogicalShard {
  const [first, ...others] = shards
  if (first === undefined) throw new TypeError('a scatter asks no shard')
  const loadOf = ({ server }: LogicalShard): number => engine.pools.primary(server).load
  return others.reduce((best, shard) => (loadOf(shard) < loadOf(best) ? shard : best), first)
}
