import type { TableExpression, TableName, With } from './ast.ts'
import type { Cursor } from './cursor.ts'
import type { Draft } from './draft.ts'
import { parseBareTableName } from './parse-name.ts'
import { checkTarget, parseRowTail } from './parse-update.ts'
import type { StatementParts } from './statement-parts.ts'

type Parts = Draft<Extract<StatementParts, { kind: 'delete' }>>

/** DELETE in its three forms; the cursor stands at the verb. */
export function parseDelete(cursor: Cursor, list: With | undefined): Parts {
  cursor.expect('delete')
  const isIgnore = parseOptions(cursor)
  const { targets, from } = parseTables(cursor)
  const remove: Parts = { kind: 'delete', isIgnore, targets, from, orderBy: [], returning: [] }
  if (list) remove.with = list
  parseRowTail(cursor, remove)
  return remove
}

/** In any order and any number: after `DELETE IGNORE QUICK` comes no table of that name yet. */
function parseOptions(cursor: Cursor): boolean {
  let isIgnore = false
  while (!cursor.isSqlite)
    if (cursor.accept('ignore')) isIgnore = true
    else if (cursor.acceptOne('low_priority', 'quick') === undefined) break
  return isIgnore
}

/** `DELETE FROM t`, `DELETE a, b FROM …`, `DELETE FROM a, b USING …`. */
function parseTables(cursor: Cursor): { targets: readonly TableName[]; from: TableExpression } {
  if (cursor.isSqlite || cursor.text === 'from') return parseFrom(cursor)
  const targets = parseTargets(cursor)
  cursor.expect('from')
  return { targets, from: cursor.grammar.tables(cursor) }
}

function parseFrom(cursor: Cursor): { targets: readonly TableName[]; from: TableExpression } {
  cursor.expect('from')
  const { position, start } = cursor
  if (!cursor.isSqlite) {
    const targets = parseTargets(cursor)
    if (cursor.accept('using')) return { targets, from: cursor.grammar.tables(cursor) }
    cursor.position = position
  }
  // The names above were only looked at: a list of them without USING is an error below.
  const from = cursor.grammar.tables(cursor)
  checkTarget(cursor, from, start)
  if (from.kind !== 'table') throw cursor.fail('one table is expected behind FROM', undefined, start)
  return { targets: [], from }
}

/** Names of tables or aliases, each perhaps with `.*` behind it. */
function parseTargets(cursor: Cursor): readonly TableName[] {
  const targets: TableName[] = []
  do targets.push(parseTarget(cursor))
  while (cursor.accept(','))
  return targets
}

function parseTarget(cursor: Cursor): TableName {
  const name =
    cursor.textAt(1) === '.' && cursor.textAt(2) === '*' ? bareName(cursor) : parseBareTableName(cursor)
  if (cursor.text === '.' && cursor.textAt(1) === '*') cursor.position += 2
  return name
}

function bareName(cursor: Cursor): TableName {
  const table = cursor.name()
  return { table, start: table.start, end: table.end }
}
