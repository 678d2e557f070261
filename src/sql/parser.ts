import type { Statement, With } from './ast.ts'
import { Cursor, type Grammar } from './cursor.ts'
import { tokenize } from './lexer.ts'
import type { SqlModes } from './modes.ts'
import { parseDdl } from './parse-ddl.ts'
import { parseDelete } from './parse-delete.ts'
import { parseExpression } from './parse-expression.ts'
import { parseInsert } from './parse-insert.ts'
import { parseBitExpression } from './parse-operators.ts'
import { parseOther } from './parse-other.ts'
import { parseQuery } from './parse-query.ts'
import { parseSet } from './parse-set.ts'
import { parseTables } from './parse-table.ts'
import { parseTransaction } from './parse-transaction.ts'
import { parseUpdate } from './parse-update.ts'
import { endWith, parseWith } from './parse-with.ts'
import type { StatementParts } from './statement-parts.ts'

const grammar: Grammar = {
  expression: parseExpression,
  bitExpression: parseBitExpression,
  query: parseQuery,
  tables: parseTables,
}

/**
 * Reads one statement, all of it; one `;` may end it. What cannot be read with certainty is refused with
 * SHERD_SQL_SYNTAX, SHERD_SQL_TOO_DEEP, SHERD_SQL_MULTIPLE or SHERD_SQL_VERSION_COMMENT and `details.offset`.
 */
export function parseStatement(sql: string, modes: SqlModes): Statement {
  const tokens = tokenize(sql, modes)
  const cursor = new Cursor(sql, modes, tokens, grammar)
  const { start } = cursor
  const parts = parseParts(cursor)
  const end = cursor.lastEnd
  const hasSemicolon = cursor.accept(';')
  if (!cursor.isAtEnd) {
    if (hasSemicolon) throw cursor.fail('a second statement begins here', 'SHERD_SQL_MULTIPLE')
    throw cursor.fail('the end of the statement is expected')
  }
  const { hints, markers, variables } = tokens
  const { tables } = cursor
  // Not by spreading `parts`: with properties behind it that takes V8 (Node 20) 6 µs, the parse of a small text 2.
  return Object.assign(parts, {
    sql,
    hints,
    markers,
    tables,
    calls: [...cursor.calls],
    variables,
    start,
    end,
  })
}

function parseParts(cursor: Cursor): StatementParts {
  switch (cursor.text) {
    case 'select':
    case 'values':
    case 'table':
    case '(':
      return { kind: 'select', query: parseQuery(cursor) }
    case 'with':
      return parseBehindWith(cursor)
    case 'insert':
    case 'replace':
      return parseInsert(cursor, undefined)
    case 'update':
      return parseUpdate(cursor, undefined)
    case 'delete':
      return parseDelete(cursor, undefined)
    case 'set':
      return parseSet(cursor)
    case 'create':
    case 'alter':
    case 'drop':
    case 'truncate':
    case 'rename':
      return parseDdl(cursor)
    default:
      return parseTransaction(cursor) ?? parseOther(cursor, parseParts)
  }
}

/** The verb stands behind the list of WITH, so that is read first. */
function parseBehindWith(cursor: Cursor): StatementParts {
  const verb = verbBehindWith(cursor)
  if (verb === 'select') return { kind: 'select', query: parseQuery(cursor) }
  const list: With = parseWith(cursor)
  const parts =
    verb === 'update'
      ? parseUpdate(cursor, list)
      : verb === 'delete'
        ? parseDelete(cursor, list)
        : parseInsert(cursor, list)
  endWith(cursor)
  return parts
}

function verbBehindWith(cursor: Cursor): 'select' | 'insert' | 'update' | 'delete' {
  const { count, texts, links } = cursor.tokens
  for (let at = cursor.position; at < count; at++) {
    switch (texts[at]) {
      case '(':
        at = links[at] ?? count
        break
      case 'insert':
      case 'replace':
        return 'insert'
      case 'update':
        return 'update'
      case 'delete':
        return 'delete'
      case 'select':
        return 'select'
      default:
    }
  }
  return 'select'
}
