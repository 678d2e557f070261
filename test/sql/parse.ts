import { SherdError } from '../../src/errors/sherd-error.ts'
import type { Expression, Select, Span, Statement } from '../../src/sql/ast.ts'
import { mysqlDefaultModes, type SqlModes, sqliteModes } from '../../src/sql/modes.ts'
import { parseStatement } from '../../src/sql/parser.ts'
import { printExpression } from './print-expression.ts'

export const mysql = mysqlDefaultModes
export const sqlite = sqliteModes

type Kind = Statement['kind']

/** Parses and checks the kind of statement. */
export function parseAs<Name extends Kind>(
  kind: Name,
  sql: string,
  modes: SqlModes = mysql,
): Extract<Statement, { kind: Name }> {
  const statement = parseStatement(sql, modes)
  if (statement.kind !== kind) throw new Error(`a ${statement.kind} statement was read`)
  // The kind was just compared; the compiler does not narrow a union by a type parameter.
  return statement as Extract<Statement, { kind: Name }>
}

/** Parses a query that is one SELECT. */
export function parseSelect(sql: string, modes: SqlModes = mysql): Select {
  const { query } = parseAs('select', sql, modes)
  if (query.kind !== 'select') throw new Error(`a ${query.kind} query was read`)
  return query
}

/** The only item of `SELECT <text>`. */
export function parseItem(text: string, modes: SqlModes = mysql): Expression {
  const item = parseSelect(`select ${text}`, modes).items[0]
  if (item === undefined) throw new Error('nothing was selected')
  return item.expression
}

/** How an expression is grouped, with all its parentheses. */
export function group(text: string, modes: SqlModes = mysql): string {
  return printExpression(`select ${text}`, parseItem(text, modes))
}

/** The code of the refusal, or `accepted`. Any other error is thrown on. */
export function refusalOf(sql: string, modes: SqlModes = mysql): string {
  try {
    parseStatement(sql, modes)
    return 'accepted'
  } catch (error) {
    if (error instanceof SherdError) return error.code
    throw error
  }
}

/** The part of a text that a node stands for. */
export function textOf(sql: string, span: Span | undefined): string | undefined {
  return span && sql.slice(span.start, span.end)
}

/** The tables of a statement as written. */
export function tablesOf(sql: string, modes: SqlModes = mysql): readonly string[] {
  return parseStatement(sql, modes).tables.map(({ start, end }) => sql.slice(start, end))
}
