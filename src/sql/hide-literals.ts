import { tokenize } from './lexer.ts'
import type { SqlModes } from './modes.ts'
import { tokenKind } from './tokens.ts'

/**
 * A text that may be logged: `?` for every literal, one space for blanks and comments, which may hold
 * values too. At most `maxLength` characters, with `…` where it was cut. Throws SHERD_SQL_* for a text that
 * has no tokens, such as one with an open quote.
 */
export function hideLiterals(sql: string, modes: SqlModes, maxLength: number): string {
  const { count, kinds, starts, ends } = tokenize(sql, modes)
  let hidden = ''
  let end = 0
  for (let index = 0; index < count; index++) {
    const start = starts[index] ?? 0
    const gap = index > 0 && start > end ? ' ' : ''
    end = ends[index] ?? start
    hidden += gap + (isLiteral(kinds[index]) ? '?' : sql.slice(start, end))
    if (hidden.length > maxLength) return `${hidden.slice(0, maxLength)}…`
  }
  return hidden.trimEnd()
}

function isLiteral(kind: number | undefined): boolean {
  switch (kind) {
    case tokenKind.string:
    case tokenKind.nationalString:
    case tokenKind.integer:
    case tokenKind.decimal:
    case tokenKind.float:
    case tokenKind.hex:
    case tokenKind.bit:
      return true
    default:
      return false
  }
}
