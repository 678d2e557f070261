import type { Expression } from './ast.ts'
import type { Cursor } from './cursor.ts'
import { parseBitExpression, parseSimpleExpression } from './parse-operators.ts'

/**
 * One operand of a comparison, with at most one LIKE, IN, BETWEEN … behind it. These bind tighter than `=`:
 * `a = b LIKE c` is `a = (b LIKE c)`. A second one, or an operator behind it, is not taken, so that
 * the statement is refused: MySQL has no such grammar and MariaDB groups it its own way.
 */
export function parsePredicate(cursor: Cursor): Expression {
  const { start } = cursor
  const left = parseBitExpression(cursor)
  const isNegated = cursor.text === 'not'
  const operator = isNegated ? cursor.textAt(1) : cursor.text
  switch (operator) {
    case 'in':
    case 'between':
    case 'like':
    case 'regexp':
    case 'rlike':
      break
    case 'glob':
    case 'match':
      if (!cursor.isSqlite) return left
      break
    case 'sounds':
    case 'member':
      if (cursor.isSqlite || isNegated || !isPair(cursor)) return left
      break
    default:
      return left
  }
  if (isNegated) cursor.position++
  return parseTail(cursor, left, isNegated, start)
}

function isPair(cursor: Cursor): boolean {
  return cursor.textAt(1) === (cursor.text === 'sounds' ? 'like' : 'of')
}

function parseTail(cursor: Cursor, left: Expression, isNegated: boolean, start: number): Expression {
  const operator = cursor.text
  cursor.position++
  cursor.link()
  switch (operator) {
    case 'in':
      return parseIn(cursor, left, isNegated, start)
    case 'between':
      return predicate(cursor, 'between', isNegated, [left, ...parseBetween(cursor)], start)
    case 'like':
    case 'glob':
    case 'match':
      return predicate(cursor, operator, isNegated, [left, ...parsePattern(cursor)], start)
    case 'sounds':
      cursor.expect('like')
      return predicate(cursor, 'sounds like', isNegated, [left, parseBitExpression(cursor)], start)
    case 'member':
      return predicate(cursor, 'member of', isNegated, [left, parseMember(cursor)], start)
    default:
      return predicate(cursor, 'regexp', isNegated, [left, parseBitExpression(cursor)], start)
  }
}

function predicate(
  cursor: Cursor,
  operator: string,
  isNegated: boolean,
  operands: readonly Expression[],
  start: number,
): Expression {
  return { kind: 'predicate', operator, isNegated, operands, start, end: cursor.lastEnd }
}

function parseBetween(cursor: Cursor): readonly Expression[] {
  const low = parseBitExpression(cursor)
  cursor.expect('and')
  return [low, parseBitExpression(cursor)]
}

function parsePattern(cursor: Cursor): readonly Expression[] {
  const pattern = parseBitExpression(cursor)
  return cursor.accept('escape') ? [pattern, parseSimpleExpression(cursor)] : [pattern]
}

function parseMember(cursor: Cursor): Expression {
  cursor.expect('of')
  cursor.expect('(')
  const array = cursor.expression()
  cursor.expect(')')
  return array
}

function parseIn(cursor: Cursor, operand: Expression, isNegated: boolean, start: number): Expression {
  if (cursor.opensQuery) {
    const query = cursor.queryInParentheses()
    return { kind: 'inQuery', isNegated, operand, query, start, end: cursor.lastEnd }
  }
  const listStart = cursor.start
  cursor.expect('(')
  const values: Expression[] = []
  if (!cursor.isSqlite || cursor.text !== ')')
    do values.push(cursor.expression())
    while (cursor.accept(','))
  cursor.expect(')')
  const list = { start: listStart, end: cursor.lastEnd }
  return { kind: 'in', isNegated, operand, values, list, start, end: cursor.lastEnd }
}
