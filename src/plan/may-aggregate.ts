import type { Call, Expression, Opaque, Query, Select, TableExpression } from '../sql/ast.ts'
import { childrenOf, queriesIn, walkExpression } from '../sql/walk.ts'
import { rowFunctions } from './function-lists.ts'

/** Names of the tables that the subqueries around an expression read; absent outside of any. */
type InnerNames = ReadonlySet<string> | undefined

/**
 * Whether an aggregate may make one row of a SELECT's rows. Any function but those of one row may be one, of the server or
 * loaded into it. An aggregate in a subquery belongs to the query whose columns it takes, as in
 * `SELECT (SELECT SUM(o.total)) FROM orders o`: one that takes a column which may be ours counts.
 */
export function mayAggregate(select: Select): boolean {
  return clausesOf(select).some((expression) => aggregatesIn(expression, undefined))
}

/** The expressions in which an aggregate may stand. */
export function clausesOf({ items, orderBy, having }: Select): readonly Expression[] {
  const listed = [...items, ...orderBy].map(({ expression }) => expression)
  return having === undefined ? listed : [...listed, having]
}

function aggregatesIn(expression: Expression, inner: InnerNames): boolean {
  const isCall = expression.kind === 'call' || expression.kind === 'opaque'
  if (isCall && !rowFunctions.has(expression.name) && (inner === undefined || takesOuter(expression, inner)))
    return true
  return (
    childrenOf(expression).some((child) => aggregatesIn(child, inner)) ||
    queriesIn(expression).some((query) => aggregatesInQuery(query, inner ?? new Set()))
  )
}

function aggregatesInQuery(query: Query, around: ReadonlySet<string>): boolean {
  if (query.kind === 'setOperation')
    return aggregatesInQuery(query.left, around) || aggregatesInQuery(query.right, around)
  if (query.kind !== 'select') return false
  const inner = new Set([...around, ...namesIn(query.from)])
  const { where, groupBy } = query
  const filters = [...(where ? [where] : []), ...groupBy.map(({ expression }) => expression)]
  return [...clausesOf(query), ...filters].some((expression) => aggregatesIn(expression, inner))
}

/** A column without its table's name may be anybody's. */
function takesOuter(call: Call | Opaque, inner: ReadonlySet<string>): boolean {
  let isFound = false
  walkExpression(call, {
    expression: (node) => {
      if (node.kind === 'column' && !(node.table !== undefined && inner.has(node.table.name.toLowerCase())))
        isFound = true
    },
  })
  return isFound
}

function namesIn(from: TableExpression | undefined): readonly string[] {
  if (from === undefined) return []
  switch (from.kind) {
    case 'join':
      return [...namesIn(from.left), ...namesIn(from.right)]
    case 'table':
      return [(from.alias ?? from.name.table).name.toLowerCase()]
    default:
      return from.alias === undefined ? [] : [from.alias.name.toLowerCase()]
  }
}
