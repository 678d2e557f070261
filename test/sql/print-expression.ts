import type { Expression } from '../../src/sql/ast.ts'
import { splitConjuncts } from '../../src/sql/walk.ts'

/** An expression with parentheses around every operator: shows how it was grouped. */
export function printExpression(sql: string, expression: Expression): string {
  const print = (part: Expression): string => printExpression(sql, part)
  const not = 'isNegated' in expression && expression.isNegated ? 'not ' : ''
  switch (expression.kind) {
    case 'and':
    case 'or':
      return `(${expression.operands.map(print).join(` ${expression.kind} `)})`
    case 'unary':
      return `(${expression.operator} ${print(expression.operand)})`
    case 'binary':
      return `(${print(expression.left)} ${expression.operator} ${print(expression.right)})`
    case 'in':
      return `(${print(expression.operand)} ${not}in (${expression.values.map(print).join(', ')}))`
    case 'predicate':
      return printPredicate(expression.operator, not, expression.operands.map(print))
    case 'row':
      return `(${expression.items.map(print).join(', ')})`
    case 'collate':
      return `(${print(expression.operand)} collate ${expression.collation.name})`
    case 'interval':
      return `interval ${print(expression.amount)} ${expression.unit}`
    case 'call':
      return `${expression.name}(${expression.arguments.map(print).join(', ')})`
    default:
      return sql.slice(expression.start, expression.end)
  }
}

function printPredicate(operator: string, not: string, operands: readonly string[]): string {
  const [first = '', second = '', third] = operands
  if (operator === 'is') return `(${first} is ${not}${second})`
  if (operator === 'between') return `(${first} ${not}between ${second} and ${third})`
  return `(${first} ${not}${operator} ${second}${third === undefined ? '' : ` escape ${third}`})`
}

/** The texts of the terms that must all hold. */
export function conjunctTexts(sql: string, expression: Expression): readonly string[] {
  return splitConjuncts(expression).map(({ start, end }) => sql.slice(start, end))
}
