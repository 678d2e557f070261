import type { Expression } from '../sql/ast.ts'
import { tokenize } from '../sql/lexer.ts'
import type { SqlModes } from '../sql/modes.ts'
import { tokenKind } from '../sql/tokens.ts'

/**
 * The tokens of an expression, equal for two that are written alike but for spaces, comments and the letters of
 * keywords and functions. Undefined when a marker stands in it: two markers may have two values.
 */
export function writtenForm(sql: string, { start, end }: Expression, modes: SqlModes): string | undefined {
  const text = sql.slice(start, end)
  const { count, kinds, starts, ends, texts } = tokenize(text, modes)
  const tokens: string[] = []
  for (let index = 0; index < count; index += 1) {
    if (kinds[index] === tokenKind.marker) return undefined
    const written = text.slice(starts[index], ends[index])
    // Names of functions and keywords mean the same in all letters, other names need not.
    const isFunction = kinds[index] === tokenKind.word && texts[index + 1] === '('
    tokens.push(isFunction ? written.toLowerCase() : texts[index] || written)
  }
  return JSON.stringify(tokens)
}

/**
 * Do two expressions of one SELECT mean the same? They do when written alike. A column with and without its table
 * does too: were there a second column of that name, the shorter form would be refused as ambiguous; but
 * a NATURAL join or USING makes a third one of two, which `hasMergedColumns` tells.
 */
export function isSameExpression(
  sql: string,
  modes: SqlModes,
  left: Expression,
  right: Expression,
  hasMergedColumns: boolean,
): boolean {
  if (left.kind !== right.kind) return false
  if (left.kind === 'column' && right.kind === 'column') {
    if (left.column.name.toLowerCase() !== right.column.name.toLowerCase()) return false
    if (left.table !== undefined && right.table !== undefined) return left.table.name === right.table.name
    return !hasMergedColumns || (left.table === undefined && right.table === undefined)
  }
  const form = writtenForm(sql, left, modes)
  return form !== undefined && form === writtenForm(sql, right, modes)
}
