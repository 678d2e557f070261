import type { Case, Expression, Literal, Row } from './ast.ts'
import type { Cursor } from './cursor.ts'
import type { Draft } from './draft.ts'
import { bareFunctions, characterSets, functionWords } from './keywords.ts'
import { parseCall } from './parse-call.ts'
import { parseColumn } from './parse-name.ts'
import { type TokenText, tokenKind } from './tokens.ts'

const callable: ReadonlySet<TokenText> = new Set<TokenText>(functionWords)
const bare: ReadonlySet<TokenText> = new Set<TokenText>(bareFunctions)
const introducers: ReadonlySet<string> = new Set(characterSets.map((name) => `_${name}`))

/** What operators stand between: a value, a name, a call, or anything in parentheses. */
export function parsePrimary(cursor: Cursor): Expression {
  switch (cursor.kind) {
    case tokenKind.word:
      return parseWord(cursor)
    case tokenKind.quotedName:
      return parseColumnOrCall(cursor)
    case tokenKind.string:
      return parseString(cursor)
    case tokenKind.integer:
      return parseLiteral(cursor, 'integer')
    case tokenKind.decimal:
      return parseLiteral(cursor, 'decimal')
    case tokenKind.float:
      return parseLiteral(cursor, 'float')
    case tokenKind.hex:
      return parseLiteral(cursor, 'hex')
    case tokenKind.bit:
      return parseLiteral(cursor, 'bit')
    case tokenKind.nationalString:
      return parseNationalString(cursor)
    case tokenKind.marker:
      return takeLinked(cursor, cursor.tokens.markers)
    case tokenKind.variable:
      return takeLinked(cursor, cursor.tokens.variables)
    case tokenKind.sign:
      if (cursor.text === '(') return parseParentheses(cursor)
      if (cursor.text === '{') return parseBraces(cursor)
  }
  throw cursor.fail('an expression is expected')
}

function takeLinked<Node>(cursor: Cursor, nodes: readonly Node[]): Node {
  const node = nodes[cursor.tokens.links[cursor.position] ?? 0]
  if (node === undefined) throw cursor.fail('a value is expected')
  cursor.position++
  return node
}

function parseLiteral(cursor: Cursor, form: Literal['form']): Literal {
  const { start, end } = cursor
  cursor.position++
  return { kind: 'literal', form, start, end }
}

/** Strings side by side are one string to the servers; SQLite takes the second for an alias. */
function parseString(cursor: Cursor): Literal {
  const { start } = cursor
  cursor.position++
  while (!cursor.isSqlite && cursor.kind === tokenKind.string) cursor.position++
  return { kind: 'literal', form: 'string', start, end: cursor.lastEnd }
}

/** `N'x'` and the strings beside it. */
function parseNationalString(cursor: Cursor): Literal {
  const { start, end } = parseString(cursor)
  return { kind: 'literal', form: 'typedString', start, end }
}

/** `_utf8mb4'x'`, `DATE '…'`: behind a hexadecimal string, a date or a time a second string is an alias. */
function parseTypedString(cursor: Cursor): Literal {
  const { start, text } = cursor
  cursor.position++
  if (text !== '' || cursor.kind !== tokenKind.string) cursor.position++
  else parseString(cursor)
  return { kind: 'literal', form: 'typedString', start, end: cursor.lastEnd }
}

function parseWord(cursor: Cursor): Expression {
  const { text } = cursor
  if (text === '') return isIntroducer(cursor) ? parseTypedString(cursor) : parseColumnOrCall(cursor)
  switch (text) {
    case 'null':
      return parseLiteral(cursor, 'null')
    case 'true':
    case 'false':
      return parseLiteral(cursor, 'boolean')
    case 'default':
      return parseDefault(cursor)
    case 'exists':
      return parseExists(cursor)
    case 'case':
      return parseCase(cursor)
    case 'interval':
    case 'convert':
      return parseCall(cursor)
    case 'match':
      return parseMatch(cursor)
    case 'row':
      return !cursor.isSqlite && cursor.textAt(1) === '(' ? parseRow(cursor) : parseColumnOrCall(cursor)
    case 'date':
    case 'time':
    case 'timestamp':
      if (!cursor.isSqlite && cursor.kindAt(1) === tokenKind.string) return parseTypedString(cursor)
      break
    default:
      break
  }
  if (callable.has(text)) {
    if (cursor.textAt(1) === '(') return parseCall(cursor)
    if (bare.has(text)) return parseBareCall(cursor, text)
  }
  return parseColumnOrCall(cursor)
}

function isIntroducer(cursor: Cursor): boolean {
  if (cursor.isSqlite || cursor.sql.charCodeAt(cursor.start) !== 95) return false
  const next = cursor.kindAt(1)
  if (next !== tokenKind.string && next !== tokenKind.hex && next !== tokenKind.bit) return false
  return introducers.has(cursor.lowerCase)
}

function parseBareCall(cursor: Cursor, name: string): Expression {
  const { start, end } = cursor
  cursor.position++
  cursor.calls.add(name)
  return { kind: 'call', name, isDistinct: false, arguments: [], orderBy: [], start, end }
}

function parseColumnOrCall(cursor: Cursor): Expression {
  if (!cursor.isName) throw cursor.fail('an expression is expected')
  const next = cursor.textAt(1)
  if (next === '(') return parseCall(cursor)
  if (next === '.' && cursor.textAt(3) === '(') return parseCall(cursor)
  return parseColumn(cursor)
}

/** DEFAULT as a value, or `DEFAULT(column)`. */
function parseDefault(cursor: Cursor): Expression {
  const { start, end } = cursor
  if (cursor.textAt(1) === '(') return parseCall(cursor)
  cursor.position++
  return { kind: 'default', start, end }
}

function parseExists(cursor: Cursor): Expression {
  const { start } = cursor
  cursor.position++
  if (!cursor.opensQuery) throw cursor.fail('a query in parentheses is expected')
  return { kind: 'exists', query: cursor.queryInParentheses(), start, end: cursor.lastEnd }
}

function parseCase(cursor: Cursor): Case {
  const { start } = cursor
  cursor.position++
  const operand = cursor.text === 'when' ? undefined : cursor.expression()
  const branches: { when: Expression; then: Expression }[] = []
  while (cursor.accept('when')) {
    const when = cursor.expression()
    cursor.expect('then')
    // oxlint-disable-next-line unicorn/no-thenable -- SQL's word; nobody awaits a branch
    branches.push({ when, then: cursor.expression() })
  }
  if (branches.length === 0) throw cursor.fail('WHEN is expected')
  const otherwise = cursor.accept('else') ? cursor.expression() : undefined
  cursor.expect('end')
  const node: Draft<Case> = { kind: 'case', branches, start, end: cursor.lastEnd }
  if (operand) node.operand = operand
  if (otherwise) node.otherwise = otherwise
  return node
}

/** `MATCH (a, b) AGAINST (text IN BOOLEAN MODE)`. */
function parseMatch(cursor: Cursor): Expression {
  const { start } = cursor
  cursor.position++
  const hasParentheses = cursor.accept('(')
  const operands: Expression[] = []
  do operands.push(parseColumn(cursor))
  while (cursor.accept(','))
  if (hasParentheses) cursor.expect(')')
  cursor.expect('against')
  cursor.expect('(')
  operands.push(cursor.grammar.bitExpression(cursor))
  if (cursor.acceptAll('in', 'natural', 'language', 'mode')) cursor.acceptAll('with', 'query', 'expansion')
  else if (!cursor.acceptAll('in', 'boolean', 'mode')) cursor.acceptAll('with', 'query', 'expansion')
  cursor.expect(')')
  return { kind: 'predicate', operator: 'match', isNegated: false, operands, start, end: cursor.lastEnd }
}

/** `ROW(a, b)`. */
function parseRow(cursor: Cursor): Row {
  const { start } = cursor
  cursor.position += 2
  const items = parseList(cursor)
  cursor.expect(')')
  return { kind: 'row', items, start, end: cursor.lastEnd }
}

function parseList(cursor: Cursor): Expression[] {
  const items: Expression[] = []
  do items.push(cursor.expression())
  while (cursor.accept(','))
  return items
}

function parseParentheses(cursor: Cursor): Expression {
  const { start } = cursor
  if (cursor.opensQuery)
    return { kind: 'subquery', query: cursor.queryInParentheses(), start, end: cursor.lastEnd }
  cursor.position++
  const items = parseList(cursor)
  cursor.expect(')')
  const [only] = items
  return only !== undefined && items.length === 1 ? only : { kind: 'row', items, start, end: cursor.lastEnd }
}

/** ODBC escapes: `{d '2020-01-01'}`, `{fn now()}`. */
function parseBraces(cursor: Cursor): Expression {
  const { start } = cursor
  cursor.position++
  const name = `{${cursor.name().name.toLowerCase()}`
  const part = cursor.expression()
  cursor.expect('}')
  return { kind: 'opaque', name, parts: [part], queries: [], start, end: cursor.lastEnd }
}
