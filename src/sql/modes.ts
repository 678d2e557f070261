export type SqlDialect = 'mysql' | 'sqlite'

/**
 * What the session's settings change about reading a text. Taking the wrong one is a misparse
 * (`||` is OR or concatenation, `"x"` a string or a name), so they are read from the server at connect.
 */
export interface SqlModes {
  readonly dialect: SqlDialect
  readonly ansiQuotes: boolean
  readonly pipesAsConcat: boolean
  readonly noBackslashEscapes: boolean
  readonly highNotPrecedence: boolean
  readonly ignoreSpace: boolean
}

/** The settings of a MariaDB or MySQL server with its default sql_mode. */
export const mysqlDefaultModes: SqlModes = {
  dialect: 'mysql',
  ansiQuotes: false,
  pipesAsConcat: false,
  noBackslashEscapes: false,
  highNotPrecedence: false,
  ignoreSpace: false,
}

/** SQLite has no modes: double quotes are names, `||` joins strings, a backslash is a character. */
export const sqliteModes: SqlModes = {
  dialect: 'sqlite',
  ansiQuotes: true,
  pipesAsConcat: true,
  noBackslashEscapes: true,
  highNotPrecedence: false,
  ignoreSpace: true,
}
