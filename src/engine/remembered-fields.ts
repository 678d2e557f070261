import type { RowMaker } from '../drivers/driver.ts'
import type { RawColumn } from '../drivers/raw-rows.ts'
import type { FinishMerge } from '../plan/scatter-plan.ts'
import type { LogicalShard } from '../topology/topology.ts'
import type { ScatterRun } from './scatter-run.ts'

/**
 * How long fields are taken for true. Types that change show at once in the answers; this is for what does not show
 * there, such as an index by which a server sets a flag of a field.
 */
const lifetimeMs = 1_000

/** The columns of what one answer was made of: those of its partial rows, where they were read, and of its finish. */
export interface AnswerColumns {
  readonly partial: readonly RawColumn[]
  readonly computed: readonly RawColumn[]
}

/** The fields of an answer, and what makes rows of them where the library can. */
export interface KnownFields {
  readonly fields: readonly object[]
  readonly makeRows?: RowMaker | undefined
}

interface Remembered extends AnswerColumns, KnownFields {
  readonly dueAt: number
}

const remembered = new WeakMap<FinishMerge, Map<LogicalShard, Remembered>>()

/** Whether there is something to hold an answer against; only an answer tells whether it still holds. */
export function hasFields(run: ScatterRun, merge: FinishMerge, home: LogicalShard): boolean {
  const known = remembered.get(merge)?.get(home)
  return known !== undefined && known.dueAt > run.engine.deadlines.now() && maySettle(run, merge)
}

/** The fields that a shard told for an earlier answer of the same columns; undefined when it must be asked again. */
export function recallFields(
  merge: FinishMerge,
  home: LogicalShard,
  { partial, computed }: AnswerColumns,
): KnownFields | undefined {
  const known = remembered.get(merge)?.get(home)
  if (known === undefined) return undefined
  const isSame = areSame(known.partial, partial) && areSame(known.computed, computed)
  // Callers may change what they are given.
  return isSame ? { fields: copyFields(known.fields), makeRows: known.makeRows } : undefined
}

/** Keeps the fields of an answer for those that follow. */
export function rememberFields(
  run: ScatterRun,
  merge: FinishMerge,
  home: LogicalShard,
  columns: AnswerColumns,
  fields: unknown,
  makeRows?: RowMaker,
): void {
  if (!maySettle(run, merge) || !Array.isArray(fields)) return
  const byShard = remembered.get(merge) ?? new Map<LogicalShard, Remembered>()
  remembered.set(merge, byShard)
  const dueAt = run.engine.deadlines.now() + lifetimeMs
  // The fields of every driver are objects.
  byShard.set(home, { ...columns, fields: copyFields(fields as readonly object[]), makeRows, dueAt })
}

/** Settings of a session, such as `div_precision_increment`, make other types of the same text. */
function maySettle({ session }: ScatterRun, merge: FinishMerge): boolean {
  return merge.hasSteadyFields === true && session.signature === ''
}

function areSame(known: readonly RawColumn[], found: readonly RawColumn[]): boolean {
  return known.length === found.length && known.every((column, index) => isSame(column, found[index]))
}

function isSame(one: RawColumn, other: RawColumn | undefined): boolean {
  return (
    other !== undefined &&
    one.typeCode === other.typeCode &&
    one.type === other.type &&
    one.isUnsigned === other.isUnsigned &&
    one.decimals === other.decimals &&
    one.length === other.length
  )
}

function copyFields(fields: readonly object[]): readonly object[] {
  // Of the class of the library's own, whose getters read what is copied. Spread, and the class put under it afterwards:
  // copied into an object that has the class already, each field takes V8 (Node 20) six times as long.
  return fields.map(
    (field) => Object.setPrototypeOf({ ...field }, Object.getPrototypeOf(field) as object) as object,
  )
}
