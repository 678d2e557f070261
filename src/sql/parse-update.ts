import type { Expression, TableExpression, With } from './ast.ts'
import type { Cursor } from './cursor.ts'
import type { Draft } from './draft.ts'
import { parseAssignments } from './parse-assignments.ts'
import { parseLimit } from './parse-limit.ts'
import { parseOrderBy } from './parse-order.ts'
import { parseSelectItems } from './parse-select.ts'
import type { StatementParts } from './statement-parts.ts'

type Parts = Draft<Extract<StatementParts, { kind: 'update' }>>

/** UPDATE of one table or several; the cursor stands at the verb. */
export function parseUpdate(cursor: Cursor, list: With | undefined): Parts {
  cursor.expect('update')
  const isIgnore = parseOptions(cursor)
  const { start } = cursor
  const target = cursor.grammar.tables(cursor)
  checkTarget(cursor, target, start)
  cursor.expect('set')
  const assignments = parseAssignments(cursor)
  const update: Parts = { kind: 'update', isIgnore, target, assignments, orderBy: [], returning: [] }
  if (list) update.with = list
  if (cursor.isSqlite && cursor.accept('from')) update.from = cursor.grammar.tables(cursor)
  parseRowTail(cursor, update)
  return update
}

function parseOptions(cursor: Cursor): boolean {
  if (!cursor.isSqlite) {
    cursor.accept('low_priority')
    return cursor.accept('ignore')
  }
  if (!cursor.accept('or')) return false
  // OR REPLACE deletes other rows, FAIL and ROLLBACK end differently than a statement on shards can.
  const option = cursor.acceptOne('ignore', 'abort')
  if (option === undefined) throw cursor.fail('IGNORE or ABORT is expected')
  return option === 'ignore'
}

/** A single target that WITH defines as well is read differently by SQLite and the servers. */
export function checkTarget(cursor: Cursor, target: TableExpression, offset: number): void {
  if (target.kind === 'table' && target.isCommonTable === true)
    throw cursor.fail('the table to change is one that WITH defines', undefined, offset)
  if (cursor.isSqlite && target.kind !== 'table')
    throw cursor.fail('SQLite changes one table', undefined, offset)
}

/** WHERE, ORDER BY, LIMIT and RETURNING of UPDATE and DELETE. */
export function parseRowTail(
  cursor: Cursor,
  statement: Draft<Extract<StatementParts, { kind: 'update' | 'delete' }>>,
): void {
  const where: Expression | undefined = cursor.accept('where') ? cursor.expression() : undefined
  if (where) statement.where = where
  if (cursor.isSqlite) parseReturning(cursor, statement)
  if (cursor.text === 'order') statement.orderBy = parseOrderBy(cursor)
  const limit = cursor.text === 'limit' ? parseLimit(cursor) : undefined
  if (limit?.offset && !cursor.isSqlite)
    throw cursor.fail('LIMIT of a change of rows has no offset', undefined, limit.start)
  if (limit) statement.limit = limit
  parseReturning(cursor, statement)
}

/** SQLite has it before ORDER BY, MariaDB at the end. */
function parseReturning(
  cursor: Cursor,
  statement: Draft<Extract<StatementParts, { kind: 'update' | 'delete' }>>,
): void {
  if (cursor.accept('returning')) statement.returning = parseSelectItems(cursor)
}
