import type { Binary, Expression } from './ast.ts'
import type { Cursor } from './cursor.ts'
import { parseBitExpression } from './parse-operators.ts'
import { parsePredicate } from './parse-predicate.ts'
import { parsePrimary } from './parse-primary.ts'
import { tokenKind } from './tokens.ts'

/**
 * A whole expression. Precedence as in the grammars of MariaDB and MySQL, not as in the manual's table:
 * `:=`, OR, XOR, AND, NOT, comparison, LIKE/IN/BETWEEN, then what `parseBitExpression` reads.
 */
export function parseExpression(cursor: Cursor): Expression {
  if (isAtom(cursor)) return parsePrimary(cursor)
  cursor.enter()
  const expression = isAssignment(cursor) ? parseAssignment(cursor) : parseOr(cursor)
  cursor.leave()
  return expression
}

/** The common case of lists: one marker or literal and nothing behind it. */
function isAtom(cursor: Cursor): boolean {
  const { kind } = cursor
  if (kind < tokenKind.integer || kind > tokenKind.marker) return false
  const next = cursor.textAt(1)
  return next === ',' || next === ')'
}

function isAssignment(cursor: Cursor): boolean {
  return cursor.kind === tokenKind.variable && cursor.textAt(1) === ':='
}

function parseAssignment(cursor: Cursor): Expression {
  const { start } = cursor
  const left = parsePrimary(cursor)
  cursor.expect(':=')
  return { kind: 'binary', operator: ':=', left, right: parseExpression(cursor), start, end: cursor.lastEnd }
}

function isOr(cursor: Cursor): boolean {
  return cursor.text === 'or' || (cursor.text === '||' && !cursor.modes.pipesAsConcat)
}

function parseOr(cursor: Cursor): Expression {
  const { start } = cursor
  const first = parseXor(cursor)
  if (!isOr(cursor)) return first
  const operands = [first]
  while (isOr(cursor)) {
    cursor.position++
    operands.push(parseXor(cursor))
  }
  return { kind: 'or', operands, start, end: cursor.lastEnd }
}

function parseXor(cursor: Cursor): Expression {
  const { start } = cursor
  let left = parseAnd(cursor)
  while (cursor.text === 'xor' && !cursor.isSqlite) {
    cursor.position++
    cursor.link()
    left = { kind: 'binary', operator: 'xor', left, right: parseAnd(cursor), start, end: cursor.lastEnd }
  }
  return left
}

function parseAnd(cursor: Cursor): Expression {
  const { start } = cursor
  const first = parseNot(cursor)
  if (cursor.text !== 'and' && cursor.text !== '&&') return first
  const operands = [first]
  while (cursor.text === 'and' || cursor.text === '&&') {
    cursor.position++
    operands.push(parseNot(cursor))
  }
  return { kind: 'and', operands, start, end: cursor.lastEnd }
}

function parseNot(cursor: Cursor): Expression {
  if (cursor.text !== 'not' || cursor.modes.highNotPrecedence) return parseComparison(cursor)
  const { start } = cursor
  cursor.enter()
  cursor.position++
  const operand = parseNot(cursor)
  cursor.leave()
  return { kind: 'unary', operator: 'not', operand, start, end: cursor.lastEnd }
}

function parseComparison(cursor: Cursor): Expression {
  const outer = cursor.beginChain()
  const { start } = cursor
  let left = parsePredicate(cursor)
  let operator = comparisonAt(cursor)
  while (operator !== undefined) {
    left = parseComparisonTail(cursor, left, operator, start)
    operator = comparisonAt(cursor)
    // SQLite binds `<` tighter than `=`, and `=` as LIKE: without parentheses a second operator is refused.
    if (operator !== undefined && cursor.isSqlite)
      throw cursor.fail('parentheses are needed around this comparison')
  }
  if (cursor.text === 'is') left = parseIs(cursor, left, start)
  cursor.endChain(outer)
  return left
}

function comparisonAt(cursor: Cursor): string | undefined {
  switch (cursor.text) {
    case '=':
    case '==':
      return '='
    case '<>':
    case '!=':
      return '<>'
    case '<=>':
    case '<':
    case '<=':
    case '>':
    case '>=':
      return cursor.text
    default:
      return undefined
  }
}

function parseComparisonTail(cursor: Cursor, left: Expression, operator: string, start: number): Binary {
  if (cursor.isSqlite && isPredicate(left) && cursor.lastEnd === left.end)
    throw cursor.fail('parentheses are needed around this comparison')
  cursor.position++
  cursor.link()
  const from = cursor.position
  const right = parseQuantified(cursor) ?? parsePredicate(cursor)
  if (cursor.isSqlite && isPredicate(right) && cursor.tokens.starts[from] === right.start)
    throw cursor.fail('parentheses are needed around this comparison')
  return { kind: 'binary', operator, left, right, start, end: cursor.lastEnd }
}

function isPredicate({ kind }: Expression): boolean {
  return kind === 'predicate' || kind === 'in' || kind === 'inQuery'
}

/** `ANY (…)`, `SOME (…)` and `ALL (…)`, as the right side of a comparison only. */
function parseQuantified(cursor: Cursor): Expression | undefined {
  const { text, start } = cursor
  if (text !== 'any' && text !== 'some' && text !== 'all') return undefined
  if (cursor.isSqlite || !cursor.tokens.queries.has(cursor.position + 1)) return undefined
  cursor.position++
  const query = cursor.queryInParentheses()
  return { kind: 'quantified', quantifier: text === 'all' ? 'all' : 'any', query, start, end: cursor.lastEnd }
}

/** IS ends a comparison: what a second operator behind it binds to differs between the servers. */
function parseIs(cursor: Cursor, left: Expression, start: number): Expression {
  cursor.expect('is')
  const isNegated = cursor.accept('not')
  const right = cursor.isSqlite ? undefined : parseTruth(cursor)
  const result: Expression = right
    ? { kind: 'predicate', operator: 'is', isNegated, operands: [left, right], start, end: cursor.lastEnd }
    : parseSqliteIs(cursor, left, isNegated, start)
  if (cursor.text === 'is' || comparisonAt(cursor) !== undefined)
    throw cursor.fail('parentheses are needed around IS')
  return result
}

function parseTruth(cursor: Cursor): Expression {
  const { start, end } = cursor
  const word = cursor.acceptOne('null', 'true', 'false', 'unknown')
  if (word === undefined) throw cursor.fail('NULL, TRUE, FALSE or UNKNOWN is expected')
  return { kind: 'literal', form: word === 'true' || word === 'false' ? 'boolean' : 'null', start, end }
}

function parseSqliteIs(cursor: Cursor, left: Expression, isNegated: boolean, start: number): Expression {
  const operator = cursor.acceptAll('distinct', 'from') ? 'is distinct from' : 'is'
  const right = parseBitExpression(cursor)
  return { kind: 'predicate', operator, isNegated, operands: [left, right], start, end: cursor.lastEnd }
}
