import type { Query, SelectItem } from '../sql/ast.ts'
import { walkExpression } from '../sql/walk.ts'
import type { Analysis } from './analysis.ts'
import { quotedName } from './item-names.ts'
import type { Replaced } from './replace-parts.ts'

/**
 * The names of columns without an alias, put behind those with a table inside: a server names them by their text, in
 * which the logical database would stand.
 */
export function keepNames(analysis: Analysis, query: Query): readonly Replaced[] {
  if (query.kind === 'setOperation') return keepNames(analysis, query.left)
  if (query.kind !== 'select') return []
  return query.items
    .filter((item) => item.alias === undefined && readsTable(item))
    .map((item): Replaced => {
      const { statement, modes } = analysis
      const name = ` AS ${quotedName(statement.sql, item, modes.dialect)}`
      return { start: item.end, end: item.end, by: [name] }
    })
}

function readsTable({ expression }: SelectItem): boolean {
  let isFound = false
  walkExpression(expression, {
    query: () => {
      isFound = true
    },
  })
  return isFound
}
