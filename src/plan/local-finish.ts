import type { Select } from '../sql/ast.ts'
import type { FinishMerge, LocalFinish, LocalOutput, TextPart } from './scatter-plan.ts'

/** One item of a SELECT as the finish computes it. */
export interface FoldedItem {
  readonly expression: Select['items'][number]['expression']
  readonly isGroup: boolean
  readonly text: readonly TextPart[]
}

const kinds: Readonly<Record<string, LocalOutput['kind']>> = {
  count: 'count',
  sum: 'sum',
  avg: 'avg',
  min: 'min',
  max: 'max',
  bit_and: 'bit_and',
  bit_or: 'bit_or',
  bit_xor: 'bit_xor',
}

/**
 * What a process without a server needs to know of a finish: each column of the answer is a group or one aggregate of the
 * shards' own, and nothing is left out or ordered afterwards. Undefined for all others.
 */
export function localFinishOf(
  { having, orderBy, limit, isDistinct, groupBy }: Select,
  items: readonly FoldedItem[],
  keys: readonly number[],
): LocalFinish | undefined {
  if (having !== undefined || limit !== undefined || orderBy.length > 0) return undefined
  // DISTINCT alone groups by every item; beside a GROUP BY or an aggregate it is one more step.
  if (isDistinct && (groupBy.length > 0 || items.some(({ isGroup }) => !isGroup))) return undefined
  const outputs = items.flatMap((item) => outputOf(item) ?? [])
  if (outputs.length < items.length) return undefined
  return Object.freeze({ outputs: Object.freeze(outputs), keys: Object.freeze(keys) })
}

function outputOf({ expression, isGroup, text }: FoldedItem): LocalOutput | undefined {
  const [column, count] = columnsOf(text)
  if (column === undefined) return undefined
  if (isGroup) return Object.freeze({ kind: 'group', column })
  // Of distinct values the shards send the values themselves.
  if (expression.kind !== 'call' || expression.isDistinct) return undefined
  const kind = kinds[expression.name]
  if (kind === undefined) return undefined
  if (kind === 'avg') return count === undefined ? undefined : Object.freeze({ kind, column, count })
  return Object.freeze({ kind, column })
}

/** The partial columns that a text of the finish reads, in their order. */
export function columnsOf(text: FinishMerge['finishText']): readonly number[] {
  return text.flatMap((part) =>
    typeof part === 'string' ? [...part.matchAll(/sherd_(\d+)/gu)].map(([, index]) => Number(index)) : [],
  )
}
