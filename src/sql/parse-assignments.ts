import type { Assignment } from './ast.ts'
import type { Cursor } from './cursor.ts'
import { parseColumn } from './parse-name.ts'

/** `a = 1, t.b = DEFAULT`. */
export function parseAssignments(cursor: Cursor): readonly Assignment[] {
  const assignments: Assignment[] = []
  do assignments.push(parseAssignment(cursor))
  while (cursor.accept(','))
  return assignments
}

function parseAssignment(cursor: Cursor): Assignment {
  const column = parseColumn(cursor)
  if (!cursor.accept('=') && !cursor.accept(':=')) throw cursor.fail('= is expected')
  const value = cursor.expression()
  return { column, value, start: column.start, end: cursor.lastEnd }
}
