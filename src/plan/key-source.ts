import type { Expression } from '../sql/ast.ts'
import type { KeyType } from '../topology/table-kinds.ts'
import type { KeySource } from './plan.ts'

/** A value the key can be read from, or why it cannot. */
export type KeyValue =
  | { readonly source: KeySource; readonly problem?: undefined }
  | { readonly source?: undefined; readonly problem: string }

/**
 * Only forms whose equality on the server is the equality of canonical keys. A number compared with
 * a text column is compared as a float and finds `'05'` and `'5.0'` too.
 */
export function readKeyValue(expression: Expression, keyType: KeyType): KeyValue {
  if (expression.kind === 'marker') return { source: { kind: 'marker', index: expression.index } }
  const form = plainForm(expression)
  if (form === undefined) return { problem: `with ${describe(expression)}` }
  if (form === 'integer' && keyType !== 'integer')
    return { problem: `with a number, though its keys are of type ${keyType}` }
  return { source: { kind: 'literal', start: expression.start, end: expression.end } }
}

function plainForm(expression: Expression): 'integer' | 'string' | undefined {
  if (expression.kind === 'unary' && expression.operator === '-') {
    const { operand } = expression
    return operand.kind === 'literal' && operand.form === 'integer' ? 'integer' : undefined
  }
  if (expression.kind !== 'literal') return undefined
  return expression.form === 'integer' || expression.form === 'string' ? expression.form : undefined
}

/** What an expression is, in words for a message. */
export function describe(expression: Expression): string {
  switch (expression.kind) {
    case 'literal':
      if (expression.form === 'null') return 'NULL'
      if (expression.form === 'typedString') return 'a typed string'
      return `${expression.form === 'integer' ? 'an' : 'a'} ${expression.form} literal`
    case 'column':
      return 'another column'
    case 'variable':
      return 'a variable'
    case 'call':
    case 'opaque':
      return 'a function'
    case 'subquery':
    case 'exists':
    case 'inQuery':
    case 'quantified':
      return 'a subquery'
    case 'default':
      return 'DEFAULT'
    case 'collate':
      return 'a COLLATE clause'
    default:
      return 'an expression'
  }
}
