import type { ResultCallback, SqlText } from '../drivers/driver.ts'
import type { RawColumn } from '../drivers/raw-rows.ts'
import { SherdError } from '../errors/sherd-error.ts'
import { requireSameColumns, type ShardRows } from '../merge/merge-rows.ts'
import { writeTuples, writeValues } from '../merge/ship-rows.ts'
import { writeSqliteTuples } from '../merge/ship-sqlite-rows.ts'
import type { FinishMerge, TextPart } from '../plan/scatter-plan.ts'
import type { FilledText } from '../rewrite/compose-text.ts'
import { rewritePartial, rewriteTypes } from '../rewrite/rewrite-scatter.ts'
import type { ShardStatement } from '../rewrite/shard-statement.ts'
import type { LogicalShard } from '../topology/topology.ts'
import { askFields } from './ask-fields.ts'
import { checkPartialOnce } from './check-scatter-once.ts'
import { finishHere } from './finish-here.ts'
import { gatherShards } from './gather-shards.ts'
import { mustAskAgain, partialTextOf } from './plain-texts.ts'
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
  const home = leastBusy(run, run.shards)
  const isTogether = run.shards.every(({ server }) => server === home.server)
  // Without carrying them nobody would know which shard failed.
  if (!isTogether || run.permission.onMissing !== undefined) return gatherPartials(run, merge, done)
  const partials = partialsOf(run, merge, valuesTextOf(merge))
  requireNoEnum(run, merge, home, (refusal) =>
    refusal
      ? done(refusal)
      : sendFinish(run, merge, home, { texts: () => partials, shards: run.shards, columns: [] }, done),
  )
}

function gatherPartials(run: ScatterRun, merge: FinishMerge, done: ResultCallback): void {
  const partialText = partialTextOf(run, merge)
  const partials = partialsOf(run, merge, partialText)
  gatherShards(asPartial(run), partials, 'all', (error, parts) => {
    if (parts === undefined) return done(error)
    if (mustAskAgain(merge, partialText !== merge.partialText, parts, merge.columns))
      return gatherPartials(run, merge, done)
    const answered = leastBusy(
      run,
      parts.map(({ statement }) => statement.shard),
    )
    const ship = (last: ResultCallback): void => shipPartials(run, merge, answered, parts, last)
    if (merge.local === undefined) ship(done)
    else finishHere({ run, merge, local: merge.local, parts }, ship, done)
  })
}

function shipPartials(
  run: ScatterRun,
  merge: FinishMerge,
  home: LogicalShard,
  parts: readonly ShardRows[],
  done: ResultCallback,
): void {
  if (!mayHaveEnum(merge, parts)) return finishShipped(run, merge, home, parts, done)
  requireNoEnum(run, merge, home, (refusal) =>
    refusal ? done(refusal) : finishShipped(run, merge, home, parts, done),
  )
}

function partialsOf(
  run: ScatterRun,
  merge: FinishMerge,
  partialText: readonly TextPart[],
): readonly ShardStatement[] {
  const { plan, shards, request, engine } = run
  const { dialect } = engine.topology
  const partials = shards.map((shard) =>
    rewritePartial(plan, { partialText }, shard, request.values, dialect),
  )
  checkPartialOnce(engine, plan, { ...merge, partialText }, partials)
  return partials
}

/** Only who reads partial rows must know the collations: to the server that computes with them they are known. */
function valuesTextOf({ partialText, plainPartialText }: FinishMerge): readonly TextPart[] {
  return plainPartialText ?? partialText
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

/** A number or a time of a shard was none before either. */
function mayHaveEnum({ columns }: FinishMerge, parts: readonly ShardRows[]): boolean {
  const typed = columns.filter(({ field, isCompared }) => isCompared && field !== undefined)
  const isKnown = (column: RawColumn | undefined): boolean =>
    column !== undefined && surelyNoEnum.has(column.type)
  return parts.some((part) => typed.some(({ value }) => !isKnown(part.columns[value])))
}

const surelyNoEnum: ReadonlySet<RawColumn['type']> = new Set([
  'integer',
  'decimal',
  'double',
  'date',
  'datetime',
  'timestamp',
  'time',
])

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
  let columns: readonly RawColumn[]
  try {
    columns = requireSameColumns(parts, merge.columns)
    tuples =
      engine.topology.dialect === 'sqlite'
        ? writeSqliteTuples(rows, (cell) => engine.driver.escape(cell))
        : writeTuples(columns, rows, merge.columns)
  } catch (error) {
    return done(error)
  }
  const bytes = tuples.reduce((sum, tuple) => sum + tuple.length, 0)
  if (bytes > maxShippedBytes) return done(tooManyRows(run, `${maxShippedBytes} bytes of partial rows`))
  const write = (version: string): readonly FilledText[] => {
    const types = emptyPartial(run, merge, home)
    return tuples.length === 0 ? [types] : [types, { text: valuesText(tuples, version), values: [] }]
  }
  sendFinish(run, merge, home, { texts: write, shards: [], columns }, done)
}

/** The partial rows of any shard, but none of them: first in the UNION, they give it their types. */
function emptyPartial(run: ScatterRun, merge: FinishMerge, shard: LogicalShard): FilledText {
  const { engine, plan, request } = run
  const partialText = valuesTextOf(merge)
  const { text, values } = rewritePartial(
    plan,
    { partialText },
    shard,
    request.values,
    engine.topology.dialect,
  )
  const last = text.segments.length - 1
  const names = merge.columns.map(({ value }) => `sherd_${value}`).join(', ')
  const segments = text.segments.map((segment, index) => {
    const before = index === 0 ? `SELECT ${names} FROM (` : ''
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
