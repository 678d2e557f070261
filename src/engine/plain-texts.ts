import type { RawColumn } from '../drivers/raw-rows.ts'
import type { FinishMerge, OrderedText, RowsMerge, TextPart } from '../plan/scatter-plan.ts'
import type { ScatterRun } from './scatter-run.ts'

/** Merges whose last answer had no string that is compared or carried, so that nothing need be asked about strings. */
const withoutStrings = new WeakSet<RowsMerge | FinishMerge>()

/** What to ask the shards for rows in order: without weights and collations where the last answer did not need them. */
export function orderedTextOf(run: ScatterRun, merge: RowsMerge): OrderedText {
  return mayBePlain(run, merge) ? (merge.plain ?? merge) : merge
}

/** The same for partial rows that are read here. */
export function partialTextOf(run: ScatterRun, merge: FinishMerge): readonly TextPart[] {
  return mayBePlain(run, merge) ? (merge.plainPartialText ?? merge.partialText) : merge.partialText
}

/** Whoever was told of shards that are missing must not be told again when the question is repeated. */
function mayBePlain({ permission }: ScatterRun, merge: RowsMerge | FinishMerge): boolean {
  return permission.onMissing === undefined && withoutStrings.has(merge)
}

/**
 * Looks at the types of an answer, which alone decide: a table may have been changed since the last one. True when strings
 * came although nothing had been asked about them, and the whole question must be sent.
 */
export function mustAskAgain(
  merge: RowsMerge | FinishMerge,
  wasPlain: boolean,
  parts: readonly { readonly columns: readonly RawColumn[] }[],
  compared: readonly { readonly value: number }[],
): boolean {
  const hasStrings = parts.some(({ columns }) => compared.some(({ value }) => isString(columns[value])))
  if (hasStrings) withoutStrings.delete(merge)
  else withoutStrings.add(merge)
  return hasStrings && wasPlain
}

function isString(column: RawColumn | undefined): boolean {
  return column === undefined || column.type === 'string' || column.type === 'json'
}
