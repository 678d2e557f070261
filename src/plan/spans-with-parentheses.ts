import type { Span } from '../sql/ast.ts'
import { tokenize } from '../sql/lexer.ts'
import type { SqlModes } from '../sql/modes.ts'

/**
 * Where the parts of a list begin and end, with all parentheses around each: the tree drops those of
 * `(a)`, and a part cut out of the text must take both of its own along. The parts are in text order.
 */
export function spansWithParentheses(sql: string, modes: SqlModes, parts: readonly Span[]): readonly Span[] {
  const isPlain = parts.every((part, index) => {
    const next = parts[index + 1]
    return next === undefined || !/[()]/u.test(sql.slice(part.end, next.start))
  })
  if (isPlain) return parts.map(({ start, end }) => Object.freeze({ start, end }))
  const { starts, ends, texts, links } = tokenize(sql, modes)
  let at = 0
  return parts.map((part) => {
    while ((starts[at] ?? part.start) < part.start) at += 1
    let first = at
    while ((ends[at] ?? part.end) < part.end) at += 1
    let last = at
    while (texts[first - 1] === '(' && links[first - 1] === last + 1) {
      first -= 1
      last += 1
    }
    return Object.freeze({ start: starts[first] ?? part.start, end: ends[last] ?? part.end })
  })
}
