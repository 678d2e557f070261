import type { ResultCallback } from '../drivers/driver.ts'
import type { RawColumn } from '../drivers/raw-rows.ts'
import { type ReadOptions, requireSameTypes } from '../merge/compare-fields.ts'
import { nestRows } from '../merge/nest-rows.ts'
import type { FinishMerge } from '../plan/scatter-plan.ts'
import type { FilledText } from '../rewrite/compose-text.ts'
import { rewriteFields, rewriteFinish } from '../rewrite/rewrite-scatter.ts'
import type { LogicalShard } from '../topology/topology.ts'
import { answerOnce } from './answer-once.ts'
import { askFields } from './ask-fields.ts'
import { cutWhenSilent } from './cut-when-silent.ts'
import { runInSeat } from './run-in-seat.ts'
import { finishFailed } from './scatter-errors.ts'
import type { ScatterRequest, ScatterRun } from './scatter-run.ts'
import { type AnswerColumns, hasFields, recallFields, rememberFields } from './remembered-fields.ts'
import { type SeatCallback, takeSeat } from './seat.ts'

/** The partial rows that the last statement takes. */
export interface Partials {
  /** For a server of some version. */
  readonly texts: (version: string) => readonly FilledText[]
  /** The logical shards that are read by these texts; none when their rows stand in them. */
  readonly shards: readonly LogicalShard[]
  /** Their columns, where they were read. */
  readonly columns: readonly RawColumn[]
}

/**
 * Runs the last statement on the server of `home`, with the options of the caller, and shows its columns as one
 * database would: those of an earlier answer of the same columns, or asked side by side, in a transaction before.
 */
export function sendFinish(
  run: ScatterRun,
  merge: FinishMerge,
  home: LogicalShard,
  partials: Partials,
  done: ResultCallback,
): void {
  const once = answerOnce(run, done)
  const fail = (error: unknown): void => once(finishFailed(run, home, error))
  const dialect = run.engine.topology.dialect
  const compute = (next: ResultCallback): void => computeRows(run, merge, home, partials, next)
  const ask = (next: (fields: unknown) => void): void => {
    const shown = rewriteFields(run.plan, merge, home, run.request.values, dialect)
    askFields(run, shown, (error, fields) => (error ? fail(error) : next(fields)))
  }
  const { describeFields } = run.engine.driver
  const columnsOf = (computed: unknown): AnswerColumns => ({
    partial: partials.columns,
    computed: describeFields(computed),
  })
  const give = (rows: unknown, columns: AnswerColumns, fields: unknown): void => {
    try {
      requireSameTypes(describeFields(fields), columns.computed, readOptions(run.request))
    } catch (refusal) {
      return once(refusal)
    }
    const nesting = nestingOf(run.request)
    once(null, nesting === undefined ? rows : nestRows(rows, fields, nesting), fields)
  }
  const finish = (rows: unknown, computed: unknown, fields: unknown): void => {
    const columns = columnsOf(computed)
    rememberFields(run, merge, home, columns, fields)
    give(rows, columns, fields)
  }
  if (hasFields(run, merge, home))
    return compute((error, rows, computed) => {
      if (error) return fail(error)
      const columns = columnsOf(computed)
      const known = recallFields(merge, home, columns)
      if (known !== undefined) give(rows, columns, known.fields)
      else ask((asked) => finish(rows, computed, asked))
    })
  if (run.session.transaction !== undefined)
    return ask((fields) =>
      compute((error, rows, computed) => (error ? fail(error) : finish(rows, computed, fields))),
    )
  let known: { readonly fields: unknown } | undefined
  let answer: readonly [rows: unknown, computed: unknown] | undefined
  ask((fields) => {
    known = { fields }
    if (answer !== undefined) finish(...answer, fields)
  })
  compute((error, rows, computed) => {
    if (error) return fail(error)
    answer = [rows, computed]
    if (known !== undefined) finish(rows, computed, known.fields)
  })
}

function computeRows(
  run: ScatterRun,
  merge: FinishMerge,
  { server, name }: LogicalShard,
  partials: Partials,
  done: ResultCallback,
): void {
  const { engine, session, plan } = run
  const { dialect } = engine.topology
  const request = withoutCommand(run.request)
  const use: SeatCallback = (error, seat) => {
    if (seat === undefined) return done(error)
    const version = dialect === 'sqlite' ? '' : seat.connection.facts.version
    const { text, values } = rewriteFinish(plan, merge, partials.texts(version), request.values, dialect)
    const statement = { text, values, isOnce: true }
    const answered = cutWhenSilent(run, seat)
    const needs = plan.copies && { shards: partials.shards, tables: plan.copies }
    const seated = { engine, session, server, seat, isRead: true, request, statement, shard: name, needs }
    runInSeat(seated, (failure, rows, fields) => {
      answered()
      done(failure, rows, fields)
    })
  }
  takeSeat(engine, session, server, true, use, request.scope?.reads)
}

function readOptions({ options = {} }: ScatterRequest): ReadOptions {
  return {
    hasTypeCast: 'typeCast' in options && typeof options.typeCast === 'function',
    hasBigStrings: 'bigNumberStrings' in options && options.bigNumberStrings === true,
  }
}

/** Rows under the tables of their columns are made here: to the server that computes them, all are of one table. */
export function nestingOf({ options = {} }: Pick<ScatterRequest, 'options'>): string | true | undefined {
  const nesting = 'nestTables' in options ? options.nestTables : undefined
  return nesting === true || (typeof nesting === 'string' && nesting !== '') ? nesting : undefined
}

/** A streamed command would tell rows before anybody could look at their types. */
function withoutCommand(request: ScatterRequest): ScatterRequest {
  const isNested = nestingOf(request) !== undefined
  const options = isNested ? { ...request.options, nestTables: false, rowsAsArray: true } : request.options
  return { ...request, options, command: undefined, isStreamed: false }
}
