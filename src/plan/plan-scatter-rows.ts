import type { Select, Window } from '../sql/ast.ts'
import type { Analysis } from './analysis.ts'
import { type HiddenTerm, hideTerms, mayBeText, plainTerms, spanOf } from './hidden-columns.ts'
import type { KeyNode } from './key-graph.ts'
import { keepNames } from './keep-names.ts'
import { type Replaced, replaceParts } from './replace-parts.ts'
import { limitReplaced, readLimit } from './scatter-limit.ts'
import type { OrderedText, RowsMerge } from './scatter-plan.ts'
import { findAggregate, findCall, includesKey } from './scatter-roots.ts'
import { shapeError } from './shape-refusal.ts'
import { readSortTerms } from './sort-terms.ts'

/** A SELECT whose rows are those of the shards: hidden columns carry what its ORDER BY compares. */
export function planRows(analysis: Analysis, select: Select, roots: readonly KeyNode[]): RowsMerge {
  checkRowByRow(analysis, select, roots)
  const { dialect } = analysis.modes
  const terms = readSortTerms(analysis, select).map(({ term, expression }): HiddenTerm => ({
    term,
    text: [spanOf(expression)],
    mayBeText: mayBeText(expression, dialect),
  }))
  const plain = plainTerms(terms, dialect)
  const limit = readLimit(select.limit)
  return Object.freeze({
    kind: 'rows',
    ...orderText(analysis, select, terms),
    ...(plain ? { plain: Object.freeze(orderText(analysis, select, plain)) } : {}),
    ...(limit ? { limit } : {}),
  })
}

function orderText(analysis: Analysis, select: Select, terms: readonly HiddenTerm[]): OrderedText {
  const { items, orderBy, sortKeys, count } = hideTerms(terms, analysis.modes.dialect)
  const end = select.items.at(-1)?.end ?? select.start
  const [first, last] = [select.orderBy[0], select.orderBy.at(-1)]
  const tail: readonly Replaced[] = [
    ...keepNames(analysis, select),
    { start: end, end, by: items },
    ...(first && last ? [{ start: first.start, end: last.end, by: [count === 0 ? 'NULL' : orderBy] }] : []),
    ...limitReplaced(select.limit),
  ]
  return {
    shardText: Object.freeze(replaceParts({ start: 0, end: analysis.statement.sql.length }, tail)),
    hiddenCount: count,
    sortKeys: Object.freeze(sortKeys),
  }
}

/** Each row of the result must be made of one row of the root: nothing in the SELECT may look at several. */
export function checkRowByRow(analysis: Analysis, select: Select, roots: readonly KeyNode[]): void {
  const { windows, having } = select
  if (select.isDistinct) throw shapeError('a DISTINCT', select.start)
  if (select.groupBy.length > 0) throw shapeError('a GROUP BY', select.groupBy[0]?.start ?? select.start)
  if (having !== undefined)
    throw shapeError('a HAVING without GROUP BY', having.start, 'Write the condition into WHERE.')
  if (windows[0] !== undefined) throw shapeError('its WINDOW', windows[0].start)
  const aggregate = findAggregate(select)
  if (aggregate !== undefined) throw shapeError(`an aggregate`, aggregate.start)
  checkWindows(analysis, select, roots)
}

/** A window must not see rows of two shards: it is partitioned by the key. */
function checkWindows(analysis: Analysis, select: Select, roots: readonly KeyNode[]): void {
  const scope = analysis.scopes.get(select)
  const isTorn = (over: Window): boolean =>
    over.base !== undefined || scope === undefined || !includesKey(analysis, over.partitionBy, scope, roots)
  for (const { expression } of [...select.items, ...select.orderBy]) {
    const call = findCall(expression, ({ over }) => over !== undefined && isTorn(over))
    if (call !== undefined)
      throw shapeError(
        'a window function over the rows of several shards',
        call.start,
        'Partition the window by the shard key.',
      )
  }
}
