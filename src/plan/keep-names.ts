import type { Query, SelectItem } from '../sql/ast.ts'
import { walkExpression } from '../sql/walk.ts'
import type { Analysis } from './analysis.ts'
import { hasCertainName, quotedName } from './item-names.ts'
import type { Replaced } from './replace-parts.ts'

/** Text that is put into a statement. */
export interface Insertion {
  readonly at: number
  readonly text: string
}

/** The same for the text of one shard: a name that is not certain stays as the server makes it. */
export function namesToKeep(analysis: Analysis, query: Query): readonly Insertion[] {
  return unnamedItems(query).flatMap((item) => {
    const { statement, modes } = analysis
    if (!hasCertainName(statement.sql, item)) return []
    return { at: item.end, text: ` AS ${quotedName(statement.sql, item, modes.dialect)}` }
  })
}

/**
 * The names of columns without an alias, put behind those with a table inside: a server names them by their text, in
 * which the logical database would stand.
 */
export function keepNames(analysis: Analysis, query: Query): readonly Replaced[] {
  return unnamedItems(query).map((item): Replaced => {
    const { statement, modes } = analysis
    const name = ` AS ${quotedName(statement.sql, item, modes.dialect)}`
    return { start: item.end, end: item.end, by: [name] }
  })
}

function unnamedItems(query: Query): readonly SelectItem[] {
  if (query.kind === 'setOperation') return unnamedItems(query.left)
  if (query.kind !== 'select') return []
  return query.items.filter((item) => item.alias === undefined && readsTable(item))
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
