import type { Expression, Identifier, Select, SelectItem } from '../sql/ast.ts'
import { walkExpression } from '../sql/walk.ts'
import type { SqlDialect } from '../sql/modes.ts'
import { shapeError } from './shape-refusal.ts'
import { quoteName } from '../sql/quote-name.ts'

/** The name a column of the result has by itself: its alias, or the column it shows. */
export function ownName({ alias, expression }: SelectItem): Identifier | undefined {
  return alias ?? (expression.kind === 'column' ? expression.column : undefined)
}

/** The items of a name, whatever its letters. */
export function itemsNamed(items: readonly SelectItem[], name: string): readonly SelectItem[] {
  const wanted = name.toLowerCase()
  return items.filter((item) => ownName(item)?.name.toLowerCase() === wanted)
}

/** Servers cut longer names of columns without an alias. */
const maxNameBytes = 200
const plainForms: ReadonlySet<string> = new Set(['integer', 'decimal'])

/**
 * The name of an item that stands in another text than the caller's, quoted: the one the server would have given it.
 * Without an alias that is the text of the item, which servers change for some literals, comments and markers.
 */
export function quotedName(sql: string, item: SelectItem, dialect: SqlDialect): string {
  const { start, end } = item
  const own = ownName(item)
  if (own !== undefined) {
    const isString = /^['"]/u.test(sql.slice(own.start, own.end))
    if (isString && /['"\\]/u.test(own.name)) throw unclearName(start)
    return quoteName(own.name, dialect)
  }
  if (!hasCertainName(sql, item)) throw unclearName(start)
  return quoteName(sql.slice(start, end), dialect)
}

/** Whether a server names the item, which has no alias, by its very text. */
export function hasCertainName(sql: string, { expression, start, end }: SelectItem): boolean {
  const text = sql.slice(start, end)
  const isPlain = expression.kind !== 'literal' || plainForms.has(expression.form)
  return isPlain && !/\/\*|--|#|\?/u.test(text) && Buffer.byteLength(text) <= maxNameBytes
}

function unclearName(offset: number): Error {
  return shapeError('a column whose name is not certain', offset, 'Give the column a plain alias with AS.')
}

/** Does the expression read a column of this name, so that one of the tables has it? */
export function readsColumn(expression: Expression, name: string): boolean {
  let isRead = false
  walkExpression(expression, {
    expression: (part) => {
      if (part.kind === 'column' && part.column.name.toLowerCase() === name.toLowerCase()) isRead = true
    },
    query: () => false,
  })
  return isRead
}

/** Does a NATURAL join or USING stand in the FROM? It makes columns that belong to no table alone. */
export function hasMergedColumns(from: Select['from']): boolean {
  if (from?.kind !== 'join') return false
  if (from.isNatural || from.using.length > 0) return true
  return hasMergedColumns(from.left) || hasMergedColumns(from.right)
}

/**
 * The item an ORDER BY or GROUP BY term names by its position, checked. Undefined when it is no position.
 * A marker would be a position when its value is written into the text, and a constant when it is bound.
 */
export function itemAtPosition(
  sql: string,
  items: readonly SelectItem[],
  term: Expression,
): SelectItem | undefined {
  if (term.kind === 'marker')
    throw shapeError('a marker as a term to order or group by', term.start, 'Name the column instead.')
  if (term.kind !== 'literal') return undefined
  const position = term.form === 'integer' ? Number(sql.slice(term.start, term.end)) : 0
  const item = items[position - 1]
  const hasStar = items.slice(0, position).some(({ expression }) => expression.kind === 'star')
  if (item === undefined || hasStar)
    throw shapeError('a term to order or group by that is no column', term.start, 'Name the column instead.')
  return item
}
