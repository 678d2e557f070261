import type { Expression, OrderItem, Select } from '../sql/ast.ts'
import type { Analysis } from './analysis.ts'
import { hasMergedColumns, itemAtPosition, itemsNamed, readsColumn } from './item-names.ts'
import { walkExpression } from '../sql/walk.ts'
import { isSameExpression } from './same-expression.ts'
import { shapeError } from './shape-refusal.ts'

/** What an ORDER BY term means: an expression over the tables; and the item it names, when it names one. */
export interface SortTerm {
  readonly term: OrderItem
  readonly expression: Expression
  /** Index of the item. */
  readonly item?: number
}

/** The terms of ORDER BY, their aliases and positions resolved as servers do: a lone name means an item before a column. */
export function readSortTerms(analysis: Analysis, select: Select): readonly SortTerm[] {
  return select.orderBy
    .filter(({ expression }) => !isNull(expression))
    .map((term): SortTerm => {
      const { expression } = term
      const item =
        itemAtPosition(analysis.statement.sql, select.items, expression) ??
        itemOfName(analysis, select, expression)
      if (item !== undefined) return { term, expression: item.expression, item: select.items.indexOf(item) }
      checkNames(analysis, select, expression)
      return { term, expression }
    })
}

function isNull(expression: Expression): boolean {
  return expression.kind === 'literal' && expression.form === 'null'
}

function itemOfName(
  analysis: Analysis,
  select: Select,
  term: Expression,
): Select['items'][number] | undefined {
  if (term.kind !== 'column' || term.table !== undefined) return undefined
  const [first, ...others] = itemsNamed(select.items, term.column.name)
  if (first === undefined) return undefined
  const { sql } = analysis.statement
  const isMerged = hasMergedColumns(select.from)
  const isOne = others.every(({ expression }) =>
    isSameExpression(sql, analysis.modes, first.expression, expression, isMerged),
  )
  if (!isOne) throw shapeError(`${term.column.name}, which names several columns of the result`, term.start)
  return first
}

/**
 * Inside an expression a name means a column of the tables, and an alias only where no table has it: which of the two
 * cannot be told here, unless both are the same.
 */
export function checkNames(analysis: Analysis, select: Select, expression: Expression): void {
  const { sql } = analysis.statement
  const isMerged = hasMergedColumns(select.from)
  walkExpression(expression, {
    expression: (part) => {
      if (part.kind !== 'column' || part.table !== undefined) return
      for (const { alias, expression: meant } of itemsNamed(select.items, part.column.name)) {
        if (alias === undefined || isSameExpression(sql, analysis.modes, part, meant, isMerged)) continue
        // Where the item reads a column of that name the tables have one.
        if (readsColumn(meant, part.column.name)) continue
        throw shapeError(
          `${part.column.name}, an alias inside an expression`,
          part.start,
          'Write what the alias stands for, or use the alias alone.',
        )
      }
    },
  })
}
