import type { SelectItem, SetOperation } from '../sql/ast.ts'
import type { Analysis } from './analysis.ts'
import { spanOf } from './hidden-columns.ts'
import { itemAtPosition, itemsNamed, quotedName } from './item-names.ts'
import { keepNames } from './keep-names.ts'
import type { KeyNode } from './key-graph.ts'
import { withoutRows } from './finish-texts.ts'
import { replaceParts } from './replace-parts.ts'
import type { FinishMerge, PartialColumn, TextPart } from './scatter-plan.ts'
import { shapeError } from './shape-refusal.ts'
import { branchesOf, checkBranch, unionBody } from './union-branches.ts'

/** UNION: each shard makes its rows distinct, the finish does so once more. */
export function planUnion(analysis: Analysis, query: SetOperation, roots: readonly KeyNode[]): FinishMerge {
  const { sql } = analysis.statement
  const { dialect } = analysis.modes
  const selects = branchesOf(analysis, query)
  for (const select of selects) checkBranch(analysis, select, roots)
  if (query.with !== undefined) throw shapeError('its WITH beside UNION', query.with.start)
  const items = selects[0]?.items ?? []
  const names = items.map((item) => nameOf(sql, item, dialect))
  const collations = dialect === 'mysql' ? names : []
  const columns = names.map((_name, value): PartialColumn => ({
    value,
    ...(dialect === 'mysql' ? { collation: names.length + value } : {}),
    // An ENUM is a string in a UNION already.
    isCompared: false,
  }))
  const values = names.map((name, index) => `${index === 0 ? '' : ', '}sherd_rows.${name} AS sherd_${index}`)
  const weights = collations.map(
    (name, index) => `, COLLATION(sherd_rows.${name}) AS sherd_${names.length + index}`,
  )
  const shown = names.map((name, index) => `${index === 0 ? '' : ', '}sherd_${index} AS ${name}`)
  return Object.freeze({
    kind: 'finish',
    partialText: Object.freeze([
      `SELECT ${[...values, ...weights].join('')} FROM (`,
      ...replaceParts(unionBody(analysis, query), keepNames(analysis, query)),
      ') AS sherd_rows',
    ]),
    columns: Object.freeze(columns),
    finishText: Object.freeze([
      `SELECT DISTINCT ${shown.join('')} FROM `,
      { kind: 'partials' },
      ' AS sherd',
      orderOf(sql, query, items),
      ...(query.limit ? [' ', spanOf(query.limit)] : []),
    ] satisfies (TextPart | { kind: 'partials' })[]),
    fieldsText: Object.freeze(withoutRows(analysis, query)),
  })
}

function nameOf(sql: string, item: SelectItem, dialect: 'mysql' | 'sqlite'): string {
  if (item.expression.kind === 'star')
    throw shapeError('a star beside UNION', item.start, 'Name the columns.')
  return quotedName(sql, item, dialect)
}

function orderOf(sql: string, { orderBy }: SetOperation, items: readonly SelectItem[]): string {
  const terms = orderBy.map(({ expression, isDescending, nulls, start }) => {
    const isName = expression.kind === 'column' && expression.table === undefined
    const named = isName ? itemsNamed(items, expression.column.name) : []
    const item = itemAtPosition(sql, items, expression) ?? (named.length === 1 ? named[0] : undefined)
    if (item === undefined)
      throw shapeError(
        'an expression in the ORDER BY of its UNION',
        start,
        'Order by a column of the result.',
      )
    const direction = `${isDescending ? ' DESC' : ''}${nulls === undefined ? '' : ` NULLS ${nulls.toUpperCase()}`}`
    return `${items.indexOf(item) + 1}${direction}`
  })
  return terms.length === 0 ? '' : ` ORDER BY ${terms.join(', ')}`
}
