import type { Expression, InsertStatement } from './ast.ts'
import type { Cursor } from './cursor.ts'
import { parseAssignments } from './parse-assignments.ts'
import { parseOrderItems } from './parse-order.ts'

type Conflict = NonNullable<InsertStatement['onConflict']>

/** ON DUPLICATE KEY UPDATE of the servers, ON CONFLICT of SQLite. */
export function parseConflict(cursor: Cursor, verb: InsertStatement['verb']): Conflict | undefined {
  if (cursor.text !== 'on') return undefined
  if (!cursor.isSqlite && verb === 'replace') throw cursor.fail('REPLACE has no ON DUPLICATE KEY')
  const { start } = cursor
  cursor.position++
  if (cursor.isSqlite) return parseOnConflict(cursor, start)
  cursor.expect('duplicate')
  cursor.expect('key')
  cursor.expect('update')
  return { assignments: parseAssignments(cursor), start, end: cursor.lastEnd }
}

function parseOnConflict(cursor: Cursor, start: number): Conflict {
  cursor.expect('conflict')
  skipConflictTarget(cursor)
  cursor.expect('do')
  if (cursor.accept('nothing')) return { assignments: [], start, end: cursor.lastEnd }
  cursor.expect('update')
  cursor.expect('set')
  const assignments = parseAssignments(cursor)
  const where: Expression | undefined = cursor.accept('where') ? cursor.expression() : undefined
  const conflict = { assignments, start, end: cursor.lastEnd }
  return where ? { ...conflict, where } : conflict
}

/** `(a, lower(b)) WHERE c`: names an index. SQLite allows no subqueries in it, so neither do we. */
function skipConflictTarget(cursor: Cursor): void {
  if (!cursor.accept('(')) return
  const before = cursor.tables.length
  parseOrderItems(cursor)
  cursor.expect(')')
  if (cursor.accept('where')) cursor.expression()
  if (cursor.tables.length > before) throw cursor.fail('a subquery stands in the conflict target')
}
