import { isVersionComment, skipLineComment, startsLineComment } from './comments.ts'
import type { SqlModes } from './modes.ts'
import { endOfQuotedName, endOfString } from './quotes.ts'

/** What would name another table, open another query, hold a value, or hide any of these. */
const telling =
  /\b(?:select|from|join|where|union|table|with|values|limit|having|group)\b|information_schema|[?;"`#\\]|--|\/\*/iu

/**
 * The text with blanks for its executable comments, so that places stay where they are. Only comments that add items or parts
 * of expressions are hidden; with any other the text stays as it is, and the lexer refuses it. For texts that are sent
 * with the comments in them, and only looked at without; of servers, not of SQLite. Throws SHERD_SQL_SYNTAX for quotes without end.
 */
export function hideVersionComments(sql: string, modes: SqlModes): string {
  let text = ''
  let from = 0
  for (let at = 0; at < sql.length;) {
    const code = sql.charCodeAt(at)
    if (code === 39 || code === 34 || code === 96) {
      const isName = code === 96 || (code === 34 && modes.ansiQuotes)
      at = isName ? endOfQuotedName(sql, at) : endOfString(sql, at, modes)
    } else if (code === 35 || (code === 45 && startsLineComment(sql, at, false)))
      at = skipLineComment(sql, at)
    else if (!sql.startsWith('/*', at)) at++
    else {
      const end = sql.indexOf('*/', at + 2) + 2
      if (end === 1) return sql
      if (isVersionComment(sql, at)) {
        if (telling.test(sql.slice(at + 2, end - 2))) return sql
        text += sql.slice(from, at) + ' '.repeat(end - at)
        from = end
      }
      at = end
    }
  }
  return text + sql.slice(from)
}
