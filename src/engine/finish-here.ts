import type { ResultCallback, RowMaker } from '../drivers/driver.ts'
import type { RawColumn } from '../drivers/raw-rows.ts'
import { foldRows, groupTypes, makeFolds, mayFold } from '../merge/fold-rows.ts'
import { type GroupTerm, sortIntoGroups } from '../merge/sort-into-groups.ts'
import type { FinishMerge, LocalFinish, SortKey } from '../plan/scatter-plan.ts'
import { rewriteFields } from '../rewrite/rewrite-scatter.ts'
import { answerOnce } from './answer-once.ts'
import { askFields } from './ask-fields.ts'
import type { GatheredRows } from './gather-shards.ts'
import { findTerms } from './order-facts.ts'
import { type KnownFields, hasFields, recallFields, rememberFields } from './remembered-fields.ts'
import { finishFailed } from './scatter-errors.ts'
import type { ScatterRun } from './scatter-run.ts'

/** Partial rows that are all here. */
export interface Shipment {
  readonly run: ScatterRun
  readonly merge: FinishMerge
  readonly local: LocalFinish
  readonly parts: readonly GatheredRows[]
}

type TermsCallback = (terms: readonly GroupTerm[] | undefined) => void

/**
 * Computes the answer in this process, without the last statement, and lets the library make its values with the options of
 * the caller. Calls `elsewhere` where a type or a value is not known to come out as on a server.
 */
export function finishHere(
  shipment: Shipment,
  elsewhere: (done: ResultCallback) => void,
  done: ResultCallback,
): void {
  const { run, merge, local, parts } = shipment
  const columns = sameColumns(parts, merge)
  // Rows of the binary protocol would be other packets.
  if (run.request.protocol !== 'text' || columns === undefined || !mayFold(local, columns))
    return elsewhere(done)
  const once = answerOnce(run, done)
  findGroupTerms(shipment, columns, (terms) => {
    if (terms === undefined) return elsewhere(once)
    findFields(shipment, columns, (error, known) => {
      if (known === undefined) return once(error)
      const shown = run.engine.driver.describeFields(known.fields)
      const folds = makeFolds(local, columns, shown)
      const raw = parts.flatMap((part) => part.raw)
      const groups = folds && sortIntoGroups(terms, raw)
      const rows = folds && groups && foldRows(folds, groups)
      if (rows === undefined || known.makeRows === undefined) return elsewhere(once)
      try {
        known.makeRows(known.fields, rows, run.request.options, once)
      } catch (error_) {
        once(error_)
      }
    })
  })
}

/** The columns of all shards, when they are of the same types. One without rows in its groups tells its types too. */
function sameColumns(
  parts: readonly GatheredRows[],
  { columns: partials }: FinishMerge,
): readonly RawColumn[] | undefined {
  const [first, ...others] = parts.map(({ columns }) => columns)
  const isSame = others.every((columns) =>
    partials.every(({ value }) => {
      const [one, other] = [first?.[value], columns[value]]
      return (
        one?.typeCode === other?.typeCode &&
        one?.type === other?.type &&
        one?.isUnsigned === other?.isUnsigned &&
        one?.decimals === other?.decimals
      )
    }),
  )
  return isSame ? first : undefined
}

/** How groups are told apart; undefined where only a server can, as of a string whose weight was not asked for. */
function findGroupTerms(
  { run, merge, local, parts }: Shipment,
  columns: readonly RawColumn[],
  callback: TermsCallback,
): void {
  const keys = local.keys.map((key): SortKey => {
    const { weight, collation } = merge.columns[key] ?? {}
    return {
      value: key,
      isDescending: false,
      ...(weight === undefined ? {} : { weight }),
      ...(collation === undefined ? {} : { collation }),
    }
  })
  const types = keys.flatMap(({ value }) => columns[value]?.type ?? [])
  if (types.length < keys.length || !types.every((type) => groupTypes.has(type))) return callback(undefined)
  findTerms(run, keys, parts, (refusal, terms) => {
    if (refusal || terms === undefined) return callback(undefined)
    callback(
      terms.flatMap((term, index) => {
        const [key, type] = [keys[index], types[index]]
        return key === undefined || type === undefined ? [] : { value: key.value, type, term }
      }),
    )
  })
}

/** The fields that one database would show: of an earlier answer of the same columns, or asked. */
function findFields(
  { run, merge, parts }: Shipment,
  partial: readonly RawColumn[],
  callback: (error: unknown, known?: KnownFields) => void,
): void {
  const home = parts[0]?.statement.shard
  if (home === undefined) throw new TypeError('a scatter was answered by no shard')
  const columns = { partial, computed: [] }
  const known = hasFields(run, merge, home) ? recallFields(merge, home, columns) : undefined
  if (known !== undefined) return callback(null, known)
  const shown = rewriteFields(run.plan, merge, home, run.request.values, run.engine.topology.dialect)
  askFields(run, shown, (error, fields, makeRows?: RowMaker) => {
    if (error) return callback(finishFailed(run, home, error))
    rememberFields(run, merge, home, columns, fields, makeRows)
    // The fields of every driver are objects.
    callback(null, { fields: fields as readonly object[], makeRows })
  })
}
