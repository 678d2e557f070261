import type { Expression } from './ast.ts'
import type { Cursor } from './cursor.ts'
import { isIntervalUnitAhead, parseInterval } from './parse-interval.ts'
import { parsePrimary } from './parse-primary.ts'
import { type TokenText, tokenKind } from './tokens.ts'

/** How tight the operators between two operands bind; 0 for what is none. */
function bindingOf(text: TokenText): number {
  switch (text) {
    case '|':
      return 1
    case '&':
      return 2
    case '<<':
    case '>>':
      return 3
    case '+':
    case '-':
      return 4
    case '*':
    case '/':
    case '%':
    case 'div':
    case 'mod':
      return 5
    case '^':
      return 6
    case '||':
    case '->':
    case '->>':
      return 7
    default:
      return 0
  }
}

/** What may stand behind `INTERVAL 1 DAY + x` and is certainly no part of it. */
const endsSum: ReadonlySet<TokenText> = new Set<TokenText>([
  ...([')', ',', ';', 'and', '&&', 'or', 'xor', 'as', 'from'] as const),
  ...(['group', 'having', 'order', 'limit', 'union', 'then', 'else', 'when', 'end'] as const),
  ...(['where', 'window', 'offset', 'fetch', 'into', 'for', 'lock', 'asc', 'desc'] as const),
])

/** Arithmetic, bits, joining of strings: all that binds tighter than LIKE and its kin. */
export function parseBitExpression(cursor: Cursor): Expression {
  return isInterval(cursor) ? parseLeadingInterval(cursor) : parseLevel(cursor, 1)
}

/** An operand with its signs and COLLATE, without any operator between two operands. */
export function parseSimpleExpression(cursor: Cursor): Expression {
  return parseUnary(cursor)
}

function parseLevel(cursor: Cursor, lowest: number): Expression {
  const { start } = cursor
  let left = parseUnary(cursor)
  for (;;) {
    const { text } = cursor
    if (text === '') return left
    const binding = bindingOf(text)
    if (binding < lowest || binding === 0 || !isOperatorHere(cursor, text)) return left
    const operator = text
    cursor.position++
    cursor.link()
    const right =
      binding === 4 && isInterval(cursor) ? parseAddedInterval(cursor) : parseLevel(cursor, binding + 1)
    left = { kind: 'binary', operator, left, right, start, end: cursor.lastEnd }
    if (cursor.isSqlite && binding <= 3) checkBits(cursor, operator)
  }
}

function isOperatorHere(cursor: Cursor, text: TokenText): boolean {
  if (text === '||') return cursor.modes.pipesAsConcat
  // MySQL's arrows belong to a column and are read with it.
  if (text === '->' || text === '->>') return cursor.isSqlite
  return !cursor.isSqlite || (text !== 'div' && text !== 'mod')
}

/** `&`, `|`, `<<` and `>>` bind alike in SQLite and not alike in the servers. */
function checkBits(cursor: Cursor, operator: TokenText): void {
  const binding = bindingOf(cursor.text)
  if (binding >= 1 && binding <= 3 && cursor.text !== operator)
    throw cursor.fail('parentheses are needed between these bit operators')
}

function parseUnary(cursor: Cursor): Expression {
  const operator = unaryAt(cursor)
  if (operator === undefined) return parseCollated(cursor)
  const { start } = cursor
  cursor.enter()
  cursor.position++
  const operand = parseUnary(cursor)
  cursor.leave()
  return { kind: 'unary', operator, operand, start, end: cursor.lastEnd }
}

function unaryAt(cursor: Cursor): '-' | '+' | '~' | '!' | 'not' | 'binary' | undefined {
  const { text } = cursor
  switch (text) {
    case '-':
    case '+':
    case '~':
    case '!':
      return text
    case 'binary':
      return cursor.isSqlite ? undefined : text
    case 'not':
      return cursor.modes.highNotPrecedence ? text : undefined
    default:
      return undefined
  }
}

function parseCollated(cursor: Cursor): Expression {
  const { start } = cursor
  if (isInterval(cursor)) throw cursor.fail('parentheses are needed around this sum of an interval')
  let left = parsePrimary(cursor)
  if (!cursor.isSqlite && (cursor.text === '->' || cursor.text === '->>'))
    left = parseArrow(cursor, left, start)
  while (cursor.text === 'collate') {
    cursor.position++
    cursor.link()
    const isName = cursor.kind === tokenKind.word || cursor.kind === tokenKind.quotedName
    if (!isName && cursor.kind !== tokenKind.string) throw cursor.fail('a collation is expected')
    left = { kind: 'collate', operand: left, collation: cursor.anyName(), start, end: cursor.lastEnd }
  }
  return left
}

function isInterval(cursor: Cursor): boolean {
  return cursor.text === 'interval' && !cursor.isSqlite && isIntervalUnitAhead(cursor)
}

/** `a + INTERVAL 1 DAY / b` is `(a + INTERVAL 1 DAY) / b`: an interval behind a sign takes no operator itself. */
function parseAddedInterval(cursor: Cursor): Expression {
  const interval = parseInterval(cursor)
  if (cursor.text === '||' && cursor.modes.pipesAsConcat)
    throw cursor.fail('parentheses are needed around this sum of an interval')
  return interval
}

/**
 * `INTERVAL 1 DAY + x`, or an interval alone as an argument. Against all reading MariaDB takes a comparison as the
 * right side, `INTERVAL 1 DAY + (x < y)`, and `-INTERVAL 1 DAY + x` for `x - INTERVAL 1 DAY`: this form is
 * read only where no operator stands before it, and none but AND and its kin behind it.
 */
function parseLeadingInterval(cursor: Cursor): Expression {
  const { start } = cursor
  const left = parseInterval(cursor)
  if (cursor.text !== '+') return left
  cursor.position++
  const right = parseUnary(cursor)
  if (endsSum.has(cursor.text) || cursor.isAtEnd)
    return { kind: 'binary', operator: '+', left, right, start, end: cursor.lastEnd }
  throw cursor.fail('parentheses are needed around this sum of an interval')
}

/** MySQL: `column -> '$.path'`, nothing else on either side. */
function parseArrow(cursor: Cursor, left: Expression, start: number): Expression {
  if (left.kind !== 'column') throw cursor.fail('only a column may stand before an arrow')
  const operator = cursor.text
  cursor.position++
  if (cursor.kind !== tokenKind.string && cursor.kind !== tokenKind.marker)
    throw cursor.fail('a path is expected')
  const right = parsePrimary(cursor)
  return { kind: 'binary', operator, left, right, start, end: cursor.lastEnd }
}
