import mysql, { type Connection } from 'mysql2/promise'
import { inject } from 'vitest'
import { mysqlDefaultModes, type SqlModes } from '../../src/sql/modes.ts'

/** Names of sql_mode beside what they mean to the lexer and parser. */
const meanings = {
  ANSI_QUOTES: 'ansiQuotes',
  PIPES_AS_CONCAT: 'pipesAsConcat',
  NO_BACKSLASH_ESCAPES: 'noBackslashEscapes',
  HIGH_NOT_PRECEDENCE: 'highNotPrecedence',
  IGNORE_SPACE: 'ignoreSpace',
} as const

export type ModeName = keyof typeof meanings

export function modesOf(names: readonly ModeName[]): SqlModes {
  const found = names.map((name) => [meanings[name], true] as const)
  return { ...mysqlDefaultModes, ...Object.fromEntries(found) }
}

/** A connection to the first shared primary; the caller ends it. Values of rows come as arrays of texts. */
export async function openSession(): Promise<Connection> {
  const [site] = inject('sharedSites')
  if (site === undefined) throw new Error('There are no shared servers.')
  return mysql.createConnection({
    host: '127.0.0.1',
    port: site.primary.port,
    user: inject('sharedUser'),
    password: inject('sharedPassword'),
    rowsAsArray: true,
    charset: 'utf8mb4_unicode_ci',
    typeCast: (field) => field.string(),
    // Texts are prepared once each; what is kept would only fill the server.
    maxPreparedStatements: 1,
  })
}

export async function setModes(session: Connection, names: readonly ModeName[]): Promise<void> {
  await session.query(`SET SESSION sql_mode = '${names.join(',')}'`)
}

/** The number of an error of the server; anything else is thrown on. */
export function errorNumber(error: unknown): number {
  const number = error instanceof Error && 'errno' in error ? error.errno : undefined
  if (typeof number !== 'number' || number < 1000) throw error
  return number
}

export const syntaxErrorNumber = 1064

/** What the server says to a text without running it: its number of markers, or the number of its error. */
export async function askToPrepare(
  session: Connection,
  sql: string,
): Promise<{ readonly markers: number } | { readonly error: number }> {
  try {
    const prepared = await session.prepare(sql)
    const markers = countParameters(prepared)
    await prepared.close()
    return { markers }
  } catch (error) {
    return { error: errorNumber(error) }
  }
}

/** mysql2 keeps the description of the parameters in a property its types do not tell. */
function countParameters(prepared: object): number {
  const statement: unknown = 'statement' in prepared ? prepared.statement : undefined
  const hasList = typeof statement === 'object' && statement !== null && 'parameters' in statement
  if (!hasList || !Array.isArray(statement.parameters)) throw new Error('mysql2 tells no parameters')
  return statement.parameters.length
}
