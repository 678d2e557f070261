import type { Query, Select, SetOperation, Span } from '../sql/ast.ts'
import type { Analysis } from './analysis.ts'
import { type HiddenTerm, hideTerms, plainTerms, spanOf } from './hidden-columns.ts'
import { itemAtPosition, ownName } from './item-names.ts'
import { keepNames } from './keep-names.ts'
import type { KeyNode } from './key-graph.ts'
import { replaceParts } from './replace-parts.ts'
import { limitPart, limitReplaced, readLimit } from './scatter-limit.ts'
import type { OrderedText, RowsMerge } from './scatter-plan.ts'
import { shapeError } from './shape-refusal.ts'
import { branchesOf, checkBranch, unionBody } from './union-branches.ts'

/** UNION ALL of SELECTs whose rows are those of the shards. Its ORDER BY sees the columns of the result only, so it goes around. */
export function planUnionRows(analysis: Analysis, query: SetOperation, roots: readonly KeyNode[]): RowsMerge {
  const selects = branchesOf(analysis, query)
  for (const select of selects) checkBranch(analysis, select, roots)
  const { sql } = analysis.statement
  const limit = readLimit(query.limit)
  const own = limit ? { limit } : {}
  if (query.orderBy.length === 0)
    return Object.freeze({
      kind: 'rows',
      shardText: Object.freeze(
        replaceParts({ start: 0, end: sql.length }, [
          ...keepNames(analysis, query),
          ...limitReplaced(query.limit),
        ]),
      ),
      hiddenCount: 0,
      sortKeys: [],
      ...own,
    })
  if (query.with !== undefined) throw shapeError('its WITH beside UNION and ORDER BY', query.with.start)
  const terms = query.orderBy.map((term): HiddenTerm => {
    const name = nameOfTerm(sql, selects[0], term.expression)
    return { term, text: ['sherd_rows.', name], mayBeText: true }
  })
  const plain = plainTerms(terms, analysis.modes.dialect)
  return Object.freeze({
    kind: 'rows',
    ...orderText(analysis, query, terms),
    ...(plain ? { plain: Object.freeze(orderText(analysis, query, plain)) } : {}),
    isWrapped: true,
    ...own,
  })
}

function orderText(analysis: Analysis, query: SetOperation, terms: readonly HiddenTerm[]): OrderedText {
  const { items, orderBy, sortKeys, count } = hideTerms(terms, analysis.modes.dialect)
  return {
    shardText: Object.freeze([
      'SELECT sherd_rows.*',
      ...items,
      ' FROM (',
      ...replaceParts(unionBody(analysis, query), keepNames(analysis, query)),
      `) AS sherd_rows ORDER BY ${orderBy}`,
      ...(query.limit ? [' ', limitPart] : []),
    ]),
    hiddenCount: count,
    sortKeys: Object.freeze(sortKeys),
  }
}

/** The column of a UNION that an ORDER BY term names, as a text for a table around it. */
function nameOfTerm(
  sql: string,
  first: Select | undefined,
  term: Query['orderBy'][number]['expression'],
): Span {
  const items = first?.items ?? []
  const item = itemAtPosition(sql, items, term)
  const name = item && ownName(item)
  const column = term.kind === 'column' && term.table === undefined ? term.column : name
  if (column === undefined)
    throw shapeError(
      'an expression in the ORDER BY of its UNION',
      term.start,
      'Order by a column of the result.',
    )
  return spanOf(column)
}
