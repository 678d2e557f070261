import type { Join, TableExpression } from './ast.ts'
import type { Cursor } from './cursor.ts'
import type { Draft } from './draft.ts'
import { parseNameList } from './parse-name.ts'

/** Reads what a join joins. */
export type ReadTable = (cursor: Cursor) => TableExpression

/** One table and the joins behind it, up to a comma. */
export function parseJoins(cursor: Cursor, readTable: ReadTable): TableExpression {
  const { start } = cursor
  return parseTail(cursor, readTable, readTable(cursor), start)
}

/** A comma is a join too, of the weakest kind. */
export function joinByComma(
  cursor: Cursor,
  left: TableExpression,
  right: TableExpression,
  start: number,
): Join {
  cursor.linkTables()
  return { kind: 'join', type: 'cross', isNatural: false, left, right, using: [], start, end: cursor.lastEnd }
}

interface Operator {
  readonly type: Join['type']
  readonly isNatural: boolean
}

function parseTail(
  cursor: Cursor,
  readTable: ReadTable,
  first: TableExpression,
  start: number,
): TableExpression {
  let left = first
  for (;;) {
    const operator = parseOperator(cursor)
    if (operator === undefined) return left
    cursor.linkTables()
    left = parseRight(cursor, readTable, left, operator, start)
  }
}

/**
 * `a JOIN b JOIN c ON … ON …` nests to the right; `a JOIN b JOIN c ON …` does not, the first join then has
 * no condition. As in MySQL's grammar (`add_cross_join` in its parse tree): read everything behind `b` as if it
 * nested, and when no second ON comes, put `a` beside `b` at the left end of it.
 */
function parseRight(
  cursor: Cursor,
  readTable: ReadTable,
  left: TableExpression,
  operator: Operator,
  start: number,
): TableExpression {
  const rightStart = cursor.start
  const leaf = readTable(cursor)
  const { type, isNatural } = operator
  const end = cursor.lastEnd
  const join: Draft<Join> = { kind: 'join', type, isNatural, left, right: leaf, using: [], start, end }
  if (isNatural || parseCondition(cursor, join) || cursor.isSqlite) return join
  cursor.enter()
  const right = parseTail(cursor, readTable, leaf, rightStart)
  cursor.leave()
  join.right = right
  if (parseCondition(cursor, join)) return join
  if (type === 'left' || type === 'right') throw cursor.fail('ON or USING is expected')
  if (right.kind !== 'join' || right === leaf) return join
  join.right = leaf
  join.end = leaf.end
  insertAtLeftEnd(right, leaf, join)
  return right
}

function insertAtLeftEnd(tree: Draft<Join>, leaf: TableExpression, join: Join): void {
  let node = tree
  for (;;) {
    node.start = join.start
    if (node.left === leaf || node.left.kind !== 'join') break
    node = node.left
  }
  node.left = join
}

/** ON or USING. An ON may also begin the upsert of INSERT … SELECT. */
function parseCondition(cursor: Cursor, join: Draft<Join>): boolean {
  if (cursor.text === 'using') {
    cursor.position++
    if (cursor.textAt(0) !== '(') throw cursor.fail('a list of columns is expected')
    join.using = parseNameList(cursor)
  } else if (cursor.text === 'on' && !isUpsert(cursor)) {
    cursor.position++
    join.on = cursor.expression()
  } else return false
  join.end = cursor.lastEnd
  return true
}

function isUpsert(cursor: Cursor): boolean {
  const next = cursor.textAt(1)
  if (next === 'duplicate') return cursor.textAt(2) === 'key'
  return cursor.isSqlite && next === 'conflict' && (cursor.textAt(2) === '(' || cursor.textAt(2) === 'do')
}

function parseOperator(cursor: Cursor): Operator | undefined {
  switch (cursor.text) {
    case 'join':
      cursor.position++
      return { type: 'inner', isNatural: false }
    case 'straight_join':
      if (cursor.isSqlite) return undefined
      cursor.position++
      return { type: 'straight', isNatural: false }
    case 'natural':
      cursor.position++
      return { type: parseJoinType(cursor), isNatural: true }
    case 'inner':
    case 'cross':
    case 'left':
    case 'right':
    case 'full':
      return { type: parseJoinType(cursor), isNatural: false }
    default:
      return undefined
  }
}

function parseJoinType(cursor: Cursor): Join['type'] {
  const type = cursor.acceptOne('inner', 'cross', 'left', 'right', 'full')
  // MySQL and MariaDB have no FULL JOIN: they take the word for an alias, and the join for an inner one.
  if (type === 'full' && !cursor.isSqlite) throw cursor.fail('FULL JOIN is not known to the servers')
  if (type === 'left' || type === 'right' || type === 'full') cursor.accept('outer')
  cursor.expect('join')
  return type ?? 'inner'
}
