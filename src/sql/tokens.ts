import type { Hint, Marker, Variable } from './ast.ts'
import type { contextWords } from './keywords.ts'
import type { reservedWords } from './reserved-words.ts'

/** A word the grammar knows, in lower case. */
export type Word = (typeof reservedWords)[number] | (typeof contextWords)[number]

/** A sign of one to three characters. */
export type Sign =
  | ('(' | ')' | ',' | '.' | ';' | '{' | '}' | '[' | ']' | '@' | ':')
  | ('+' | '-' | '*' | '/' | '%' | '^' | '~' | '&' | '|' | '!' | '<<' | '>>')
  | ('=' | '==' | '<=>' | '<' | '<=' | '<>' | '!=' | '>' | '>=' | ':=' | '&&' | '||' | '->' | '->>')

/** What a token is compared by: empty for names, strings, numbers, markers and variables. */
export type TokenText = Word | Sign | ''

/** Kinds of tokens as small numbers, because a long insert has tens of thousands of them. */
export const tokenKind = {
  end: 0,
  word: 1,
  quotedName: 2,
  string: 3,
  integer: 4,
  decimal: 5,
  float: 6,
  hex: 7,
  bit: 8,
  /** `N'x'`, one token. */
  nationalString: 9,
  marker: 10,
  variable: 11,
  sign: 12,
} as const

/**
 * The tokens of a text, one array for each property, `count` entries of them; behind the last one stand some
 * of kind `end`, so that looking ahead needs no check. Only good until the next text is cut.
 */
export interface Tokens {
  readonly count: number
  readonly kinds: Uint8Array
  readonly starts: Int32Array
  readonly ends: Int32Array
  readonly texts: readonly TokenText[]
  /** Of `(`: the index of its `)`. Of a marker or variable: its index in the lists below. */
  readonly links: Int32Array
  /** Indexes of every `(` that opens a query rather than an expression or a list. */
  readonly queries: ReadonlySet<number>
  readonly markers: readonly Marker[]
  readonly variables: readonly Variable[]
  readonly hints: readonly Hint[]
}
