import type { TokenText } from './tokens.ts'

interface Parentheses {
  readonly isSqlite: boolean
  readonly texts: readonly TokenText[]
  readonly links: Int32Array
  readonly queries: ReadonlySet<number>
}

/**
 * True when the `(` at this index, whose `)` was just read, opens a query. Behind several parentheses the token
 * after the inner `)` tells: `((select 1) union …)` is a query, `((select 1) + 1)` is none. Deciding it here
 * keeps the parser from trying both, which takes exponential time.
 *
 * MySQL's `(values (…))` is left out: in an expression VALUES is a function there.
 */
export function findOpenQuery({ isSqlite, texts, links, queries }: Parentheses, open: number): boolean {
  switch (texts[open + 1]) {
    case 'select':
    case 'with':
      return true
    case 'table':
      return !isSqlite
    case 'values':
      return isSqlite || texts[open + 2] === 'row'
    case '(':
      return queries.has(open + 1) && continuesQuery(texts[(links[open + 1] ?? 0) + 1])
    default:
      return false
  }
}

function continuesQuery(text: TokenText | undefined): boolean {
  switch (text) {
    case ')':
    case 'union':
    case 'except':
    case 'intersect':
    case 'order':
    case 'limit':
    case 'offset':
    case 'fetch':
    case 'for':
    case 'lock':
    case 'into':
      return true
    default:
      return false
  }
}
