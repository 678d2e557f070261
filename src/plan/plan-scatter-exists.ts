import type { Exists, Expression, Query, Select } from '../sql/ast.ts'
import { childrenOf } from '../sql/walk.ts'
import type { Analysis } from './analysis.ts'
import { quotedName } from './item-names.ts'
import { spanOf } from './hidden-columns.ts'
import { withoutRows } from './finish-texts.ts'
import { replaceNodes } from './replace-parts.ts'
import type { FinishMerge, TextPart } from './scatter-plan.ts'
import { findAggregate, findAllRoots } from './scatter-roots.ts'
import { shapeError } from './shape-refusal.ts'

/** The EXISTS of a SELECT without FROM; empty when it has anything else that reads a table. */
export function existsIn(select: Select): readonly Exists[] {
  const hasMore = select.where ?? select.having ?? select.limit ?? select.orderBy[0] ?? select.groupBy[0]
  if (select.from !== undefined || hasMore !== undefined || select.with !== undefined) return []
  return select.items.flatMap(({ expression }) => existsInside(expression))
}

function existsInside(expression: Expression): readonly Exists[] {
  return expression.kind === 'exists' ? [expression] : childrenOf(expression).flatMap(existsInside)
}

/** `SELECT EXISTS (…)`: true when it is on one of the shards. */
export function planExists(analysis: Analysis, select: Select): FinishMerge {
  const { sql } = analysis.statement
  const { modes } = analysis
  const found = existsIn(select)
  for (const { query } of found) checkInside(sql, query)
  if (
    findAllRoots(
      analysis,
      found.map(({ query }) => query),
    ) === undefined
  )
    throw shapeError('tables whose keys are not compared with each other', select.start)
  const items = select.items.flatMap((item, index): TextPart[] => [
    ...(index === 0 ? [] : [', ']),
    ...replaceNodes(item.expression, (node) => foldExists(node, found)),
    ` AS ${quotedName(sql, item, modes.dialect)}`,
  ])
  return Object.freeze({
    kind: 'finish',
    partialText: Object.freeze(
      [
        'SELECT ',
        ...found.flatMap((one, index): TextPart[] => [
          index === 0 ? '' : ', ',
          spanOf(one),
          ` AS sherd_${index}`,
        ]),
      ].filter((part) => part !== ''),
    ),
    columns: Object.freeze(found.map((_one, value) => ({ value, isCompared: false }))),
    finishText: Object.freeze(['SELECT ', ...items, ' FROM ', { kind: 'partials' as const }, ' AS sherd']),
    fieldsText: Object.freeze(withoutRows(analysis, select)),
  })
}

function foldExists(node: Expression, found: readonly Exists[]): readonly TextPart[] | undefined {
  if (node.kind === 'exists') return [`MAX(sherd_${found.indexOf(node)})`]
  if (node.kind === 'column' || node.kind === 'star' || node.kind === 'subquery' || node.kind === 'inQuery')
    throw shapeError('what stands beside its EXISTS', node.start)
  return undefined
}

/** A row on one shard must be a row of the whole. */
function checkInside(sql: string, query: Query): void {
  if (query.kind === 'setOperation') {
    if (query.operator !== 'union') throw shapeError(`its ${query.operator.toUpperCase()}`, query.start)
    checkInside(sql, query.left)
    checkInside(sql, query.right)
  } else if (query.kind !== 'select') throw shapeError('its VALUES or TABLE', query.start)
  else if (query.having !== undefined) throw shapeError('a HAVING inside its EXISTS', query.having.start)
  else if (query.groupBy.length === 0 && findAggregate(query) !== undefined)
    throw shapeError('an aggregate inside its EXISTS', query.start)
  const { limit } = query
  const isHarmless = limit?.count?.kind === 'literal' && limit.offset === undefined
  if (limit !== undefined && !(isHarmless && Number(sql.slice(limit.count?.start, limit.count?.end)) > 0))
    throw shapeError('a LIMIT inside its EXISTS', limit.start)
}
